import { marketDayAnswer } from "@amc/ingest-prices/testing/polygon-answers";
import { type LocalServer, startServer } from "@amc/platform/http/mock/local-server";
import { recordsOf } from "@amc/replay/log-digests";
import { decodeEvent } from "@amc/schemas/codec";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EXIT } from "../exit-codes.ts";
import { openRealStack, type RealStack, stackParts } from "../testing/real-stack.ts";
import { jsonLines, runCommand } from "../testing/run-command.ts";

const TOPIC = "market.price-tick.v1";
const SYMBOLS = ["GME", "AMC", "BRK.B", "A", "B"];
const missing = stackParts.map(({ skipped }) => skipped).join("");

describe.skipIf(missing !== "")(`amc ingest polygon --kafka${missing}`, () => {
  let stack: RealStack;
  let server: LocalServer;
  beforeAll(async () => {
    stack = await openRealStack();
    server = await startServer((_path, response) => {
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify(marketDayAnswer(SYMBOLS)));
    });
  }, 120_000);
  afterAll(async () => {
    await server.close();
    await stack.close();
  });

  const ingest = () =>
    runCommand(["ingest", "polygon", "--kafka", "--day", "2025-09-04", "--json"], {
      ...stack.environment,
      POLYGON_BASE_URL: server.origin,
      POLYGON_API_KEY: "any",
    });

  it("appends a day over all partitions once, keyed by symbol, and records both calls", async () => {
    const first = await ingest();
    expect(first.exitCode, first.stderr).toBe(EXIT.ok);
    expect(jsonLines(first)).toMatchObject([{ facts: 5, known: 0 }]);
    expect(jsonLines(await ingest())).toMatchObject([{ facts: 0, known: 5, restated: 0 }]);
    const seen: string[] = [];
    for await (const { key, value } of recordsOf(stack.log, TOPIC)) {
      const decoded = decodeEvent(TOPIC, value ?? new Uint8Array());
      seen.push(`${key} ${decoded.ok ? `${decoded.value.symbol} ${decoded.value.vwap}` : "?"}`);
    }
    expect(seen.toSorted()).toEqual(SYMBOLS.map((symbol) => `${symbol} ${symbol} 10.75`).sort());
    const calls: unknown[] = [];
    for await (const call of recordsOf(stack.log, "ops.provider-call.v1")) calls.push(call);
    expect(calls).toHaveLength(2);
  });
});
