import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { eventsOf } from "@amc/platform/http/testing/provider-under-test";
import { FACT_TOPICS } from "@amc/schemas/topics";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { EXIT } from "../exit-codes.ts";
import { logAt } from "../testing/log-at.ts";
import { jsonLines, runCommand } from "../testing/run-command.ts";
import { TestDirectory } from "../testing/simulated-system.ts";

/** A command for each provider, and the switch of its mock. */
const ASKED = [
  ["YAHOO_FINANCE_MOCK", ["yahoo", "--symbols", "XYZ", "--from", "2026-01-02"]],
  ["YAHOO_FINANCE_MOCK", ["yahoo", "--symbols", "XYZ", "--statistics"]],
  ["YAHOO_FINANCE_MOCK", ["yahoo", "--symbols", "XYZ", "--news"]],
  ["MOCK_FINRA_DATA_ENABLED", ["finra", "--settlement", "2025-08-29"]],
  ["MOCK_ALPHA_VANTAGE_DATA_ENABLED", ["alpha-vantage", "--symbols", "XYZ", "--day", "2025-09-05"]],
  ["MOCK_ALPHA_VANTAGE_DATA_ENABLED", ["alpha-vantage", "--symbols", "XYZ", "--news"]],
  ["MOCK_POLYGON_DATA_ENABLED", ["polygon", "--day", "2025-09-05"]],
  [
    "MOCK_NEWS_DATA_ENABLED",
    ["news", "--symbols", "XYZ", "--feed", "https://feeds.example/headline?s=XYZ"],
  ],
] as const;

describe("a provider whose mock is switched on (R-ING-21)", () => {
  let directory: TestDirectory;
  beforeEach(async () => {
    directory = new TestDirectory();
    await (await logAt(directory.path)).close();
  });
  afterEach(() => directory.dispose());

  it.each(ASKED)(
    "with %s answers %j without a key and a network, marked simulated",
    async (flag, words) => {
      const result = await runCommand(
        ["ingest", ...words, "--data-dir", directory.path, "--json"],
        { [flag]: "true" },
      );
      expect(result.exitCode, result.stderr).toBe(EXIT.ok);
      const [line] = jsonLines(result);
      expect(line?.facts).toBeGreaterThan(0);
      const log = await logAt(directory.path);
      const calls = await eventsOf(log, "ops.provider-call.v1");
      expect(calls.at(-1)).toMatchObject({ success: true });
      expect(calls.every(({ simulated }) => simulated)).toBe(true);
      for (const topic of FACT_TOPICS) {
        for (const { simulated } of await eventsOf(log, topic)) expect(simulated).toBe(true);
      }
      await log.close();
    },
  );

  it("brings no made-up news of Alpha Vantage behind real ones", async () => {
    const feed = join(directory.path, "feed.xml");
    const at = new Date(Date.now() - 60_000).toUTCString();
    writeFileSync(
      feed,
      `<rss version="2.0"><channel><item><title>$XYZ beats</title><pubDate>${at}</pubDate></item></channel></rss>`,
    );
    const into = ["--symbols", "XYZ", "--data-dir", directory.path, "--json"];
    const real = await runCommand(["ingest", "news", "--feed", feed, ...into], {});
    expect(jsonLines(real)).toMatchObject([{ facts: 1 }]);
    const mocked = { MOCK_ALPHA_VANTAGE_DATA_ENABLED: "true" };
    const refused = await runCommand(["ingest", "alpha-vantage", "--news", ...into], mocked);
    expect(refused.exitCode).toBe(EXIT.config);
    expect(refused.stderr).toContain("the log has real facts in market.news.v1");
  });

  it("keeps the real one out of its log afterwards, before that is asked anything", async () => {
    const words = ["ingest", "yahoo", "--symbols", "XYZ", "--statistics"];
    const into = ["--data-dir", directory.path, "--json"];
    await runCommand([...words, ...into], { YAHOO_FINANCE_MOCK: "true" });
    const real = await runCommand([...words, ...into], {});
    expect(real.exitCode).toBe(EXIT.config);
    expect(real.stderr).toContain("the log has made-up facts in market.reference.v1");
    const log = await logAt(directory.path);
    const calls = await eventsOf(log, "ops.provider-call.v1");
    expect(calls.every(({ simulated }) => simulated)).toBe(true);
    await log.close();
  });
});
