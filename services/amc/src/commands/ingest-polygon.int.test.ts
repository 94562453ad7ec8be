import { writeFileSync } from "node:fs";
import {
  aggregate,
  barsAnswer,
  MINUTE_MS,
  marketDayAnswer,
  snapshotAnswer,
  ticker,
} from "@amc/ingest-prices/testing/polygon-answers";
import { type LocalServer, startServer } from "@amc/platform/http/mock/local-server";
import { eventsOf } from "@amc/platform/http/testing/provider-under-test";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { EXIT } from "../exit-codes.ts";
import { logAt } from "../testing/log-at.ts";
import { jsonLines, runCommand } from "../testing/run-command.ts";
import { TestDirectory } from "../testing/simulated-system.ts";

const KEY = "canary-77ab01";

describe("amc ingest polygon", () => {
  let directory: TestDirectory;
  let server: LocalServer;
  let answer: { status: number; json: unknown };
  const asked: { path: string; authorization: string | undefined }[] = [];

  beforeEach(async () => {
    directory = new TestDirectory();
    await (await logAt(directory.path)).close();
    asked.length = 0;
    server = await startServer((path, response) => {
      asked.push({ path, authorization: response.req.headers.authorization });
      response.writeHead(answer.status, { "content-type": "application/json" });
      response.end(JSON.stringify(answer.json));
    });
  });
  afterEach(async () => {
    await server.close();
    directory.dispose();
  });

  const ingest = (...words: readonly string[]) =>
    runCommand(["ingest", "polygon", ...words, "--data-dir", directory.path, "--json"], {
      POLYGON_BASE_URL: server.origin,
      POLYGON_API_KEY: KEY,
      // Nothing waits in a test: the first failure opens the breaker.
      POLYGON_CIRCUIT_BREAKER_THRESHOLD: "1",
    });
  const minutes = [0, 1, 2].map((minute) => aggregate(MINUTE_MS + minute * 60_000));
  const ASK_MINUTES = ["--from", "2025-09-05", "--to", "2025-09-05", "--interval", "minute"];

  it("appends the minutes of a symbol with their vwap, once however often they are asked for", async () => {
    answer = { status: 200, json: barsAnswer([...minutes, aggregate(MINUTE_MS, { o: "NaN" })]) };
    const first = await ingest("--symbols", "xyz", ...ASK_MINUTES);
    expect(first.exitCode, first.stderr).toBe(EXIT.ok);
    const counts = { known: 0, restated: 0, unknown: [], refused: { "polygon.shape": 1 } };
    expect(jsonLines(first)).toEqual([
      {
        ...{ type: "ingest", provider: "polygon", dataset: "minute bars", about: "XYZ" },
        ...{ facts: 3, ...counts },
      },
    ]);
    const again = await ingest("--symbols", "XYZ", ...ASK_MINUTES);
    expect(jsonLines(again)).toMatchObject([{ facts: 0, known: 3, restated: 0 }]);
    const corrected = [...minutes.slice(0, 2), aggregate(MINUTE_MS + 120_000, { c: 10.5 })];
    answer = { status: 200, json: barsAnswer(corrected) };
    const third = await ingest("--symbols", "XYZ", ...ASK_MINUTES);
    expect(jsonLines(third)).toMatchObject([{ facts: 1, known: 2, restated: 1 }]);
    const log = await logAt(directory.path);
    const bars = await eventsOf(log, "market.price-tick.v1");
    expect(bars.map(({ vwap, source }) => ({ vwap, source }))).toEqual(
      new Array(4).fill({ vwap: 10.75, source: "polygon" }),
    );
    expect(await eventsOf(log, "ops.provider-call.v1")).toMatchObject(
      new Array(3).fill({ provider: "polygon", endpoint: "v2/aggs/ticker", success: true }),
    );
    await log.close();
  });

  it("appends a day of the whole market, and what it says now", async () => {
    answer = { status: 200, json: marketDayAnswer(["GME", "AMC", "BRK.B", "BACpE"]) };
    const day = await ingest("--day", "2025-09-04");
    expect(jsonLines(day)).toMatchObject([{ facts: 3, refused: { "polygon.symbol": 1 } }]);
    answer = { status: 200, json: snapshotAnswer([ticker("GME"), ticker("AMC")]) };
    const now = await ingest("--snapshot", "--symbols", "GME,AMC");
    expect(jsonLines(now)).toMatchObject([{ dataset: "snapshot", about: "GME, AMC", facts: 4 }]);
    expect(
      asked.map(({ path }) => new URL(path, server.origin).searchParams.get("tickers")),
    ).toEqual([null, "GME,AMC"]);
  });

  it("says that Polygon does not answer, and nowhere shows the key, which a file may hold", async () => {
    answer = { status: 503, json: {} };
    const key = directory.at("key");
    writeFileSync(key, `${KEY}\n`);
    const result = await runCommand(
      ["ingest", "polygon", "--day", "2025-09-04", "--data-dir", directory.path],
      {
        POLYGON_BASE_URL: server.origin,
        POLYGON_API_KEY_FILE: key,
        POLYGON_CIRCUIT_BREAKER_THRESHOLD: "1",
      },
    );
    expect(result.exitCode).toBe(EXIT.unavailable);
    expect(result.stderr).toContain("the provider answers 503");
    expect(asked).toEqual([
      {
        path: expect.stringContaining("/v2/aggs/grouped/"),
        authorization: `Bearer ${KEY}`,
      },
    ]);
    expect(result.stdout + result.stderr + asked[0]?.path).not.toContain(KEY);
    const log = await logAt(directory.path);
    expect(await eventsOf(log, "ops.circuit-breaker.v1")).toMatchObject([{ change: "OPENED" }]);
    expect(JSON.stringify(await eventsOf(log, "ops.provider-call.v1"))).not.toContain(KEY);
    await log.close();
  });

  it("asks nobody without a key, or without saying what is wanted", async () => {
    for (const words of [
      [],
      ["--symbols", "GME"],
      ["--from", "2025-09-04"],
      ["--symbols", "GME", "--from", "2025-09-31"],
      ["--symbols", "GME", "--from", "2025-09-05", "--to", "2025-09-04"],
      ["--symbols", "G ME!", "--from", "2025-09-04"],
      ["--symbols", "GME", "--from", "2025-09-04", "--interval", "hour"],
      ["--day", "2025-09-04", "--snapshot"],
    ]) {
      expect((await ingest(...words)).exitCode, words.join(" ")).toBe(EXIT.usage);
    }
    const place = ["--snapshot", "--data-dir", directory.path];
    const keyless = await runCommand(["ingest", "polygon", ...place], { POLYGON_API_KEY: "" });
    expect(keyless.exitCode).toBe(EXIT.config);
    expect(keyless.stderr).toContain("POLYGON_API_KEY");
    expect(asked).toEqual([]);
  });
});
