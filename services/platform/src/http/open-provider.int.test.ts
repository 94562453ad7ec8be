import { TOPIC_NAMES } from "@amc/schemas/topics";
import { describe, expect, it } from "vitest";
import { loadConfig } from "../config/load-config.ts";
import { createMemoryLog } from "../log/memory.ts";
import { startServer } from "./mock/local-server.ts";
import { openProvider } from "./open-provider.ts";
import { readJson } from "./read-json.ts";
import { virtualClock } from "./testing/virtual-clock.ts";

describe("a provider that is opened again", () => {
  it("counts what was called before, whichever process called and whatever the partition", async () => {
    const server = await startServer((_path, response) => {
      response.writeHead(200, { "content-type": "application/json" });
      response.end("{}");
    });
    const clock = virtualClock();
    const layout = TOPIC_NAMES.map((topic) => ({ topic, partitions: 3 }));
    const log = createMemoryLog(layout, clock.nowMs);
    const open = (provider: "alpha_vantage" | "polygon") =>
      openProvider({
        ...{ provider, log, clock, source: "/amc/test", baseUrls: [`${server.origin}/query`] },
        variables: loadConfig({ ALPHA_VANTAGE_DAILY_LIMIT: "7" }),
      });
    const ask = async (provider: "alpha_vantage" | "polygon", times: number) => {
      const opened = await open(provider);
      const request = { url: new URL(`${server.origin}/query`), accept: ["application/json"] };
      try {
        for (let calls = 0; calls < times; calls += 1) {
          await opened.client.ask({ endpoint: "query", request, read: readJson });
        }
      } finally {
        await opened.close();
      }
    };
    try {
      // Of 23 h 50 min ago: within the day that counts.
      await ask("alpha_vantage", 2);
      clock.advance(86_400_000 - 600_000);
      await ask("alpha_vantage", 4);
      await ask("polygon", 3);
      await expect(ask("alpha_vantage", 2)).rejects.toMatchObject({
        code: "provider.budget-spent",
        facts: { retryAfterMs: expect.any(Number) },
      });
      expect(server.requests()).toBe(10);
      clock.advance(600_000);
      await ask("alpha_vantage", 2);
      expect(server.requests()).toBe(12);
    } finally {
      await server.close();
    }
  });
});
