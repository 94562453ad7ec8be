import { startMockFinra } from "@amc/mock-providers/testing/start-mock-finra";
import { eventsOf } from "@amc/platform/http/testing/provider-under-test";
import { openFileLog } from "@amc/platform/log/file";
import { systemLayout } from "@amc/platform/runtime/layout";
import { encodeEvent } from "@amc/schemas/codec";
import { eventHeaders } from "@amc/schemas/headers";
import { TOPIC_NAMES, type TopicName } from "@amc/schemas/topics";
import { newYorkToUtc } from "@amc/streams/market/event-time";
import { scheduleRow } from "@amc/streams/short-interest/finra-calendar";
import { periodDecided } from "@amc/streams/testing/schedule-events";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { EXIT } from "../exit-codes.ts";
import { dataDirectoryAt } from "../operations/data-directory.ts";
import { jsonLines, runCommand } from "../testing/run-command.ts";
import { TestDirectory } from "../testing/simulated-system.ts";

const rows = ["GME", "BRK/B", "not a symbol"].map((symbolCode) => ({
  ...{ symbolCode, settlementDate: "2025-08-29", currentShortPositionQuantity: 2_500_000 },
}));

describe("amc ingest finra", () => {
  let directory: TestDirectory;
  let mock: Awaited<ReturnType<typeof startMockFinra>>;

  beforeEach(async () => {
    directory = new TestDirectory();
    mock = await startMockFinra({ datasets: { consolidatedShortInterest: rows } });
  });
  afterEach(async () => {
    await mock.close();
    directory.dispose();
  });

  const logOf = (topics: readonly TopicName[] = TOPIC_NAMES) =>
    openFileLog({
      directory: dataDirectoryAt(directory.path).log,
      layout: systemLayout(1).filter(({ topic }) => topics.some((name) => topic.startsWith(name))),
      clock: () => Date.now(),
    });
  const ingest = (...words: readonly string[]) =>
    runCommand(["ingest", "finra", ...words, "--data-dir", directory.path, "--json"], {
      FINRA_API_BASE_URL: `${mock.origin}/name`,
      // Nothing waits in a test: the second failure ends the call.
      FINRA_CIRCUIT_BREAKER_THRESHOLD: "1",
    });

  it("appends a settlement date to a log made before there were providers, and every call with it", async () => {
    const older = TOPIC_NAMES.filter((name) => !/provider|breaker/.test(name));
    await (await logOf(older)).close();
    const result = await ingest("--settlement", "2025-08-29");
    expect(result.exitCode, result.stderr).toBe(EXIT.ok);
    expect(jsonLines(result)).toEqual([
      {
        ...{ type: "ingest", provider: "finra_short", dataset: "short interest" },
        ...{ date: "2025-08-29", facts: 2, known: 0, restated: 0, refused: { "finra.symbol": 1 } },
      },
    ]);
    const again = await ingest("--settlement", "2025-08-29");
    expect(jsonLines(again)).toMatchObject([{ facts: 0, known: 2 }]);
    const log = await logOf();
    const facts = await eventsOf(log, "short.interest.v1");
    expect(facts.map(({ symbol }) => symbol).sort()).toEqual(["BRK.B", "GME"]);
    const call = { provider: "finra_short", success: true, statusCode: 200 };
    expect(await eventsOf(log, "ops.provider-call.v1")).toMatchObject([call, call]);
    await log.close();
  });

  it("takes a figure for public since the day that a person has decided (R-SI-17)", async () => {
    const decided = await logOf();
    const row = scheduleRow("2025-08-29");
    const decision = periodDecided("2025-08-29", "published=2025-09-04", Date.UTC(2025, 8, 2));
    const { topic, id, key, value } = decision;
    const headers = eventHeaders({ id, source: "/test", topic, happenedAt: 0 });
    const record = { topic, partition: 0, key, value: encodeEvent(topic, value), headers };
    await decided.commit({ appends: [record] });
    await decided.close();
    expect((await ingest("--settlement", "2025-08-29")).exitCode).toBe(EXIT.ok);
    const log = await logOf();
    const facts = await eventsOf(log, "short.interest.v1");
    await log.close();
    expect(row.publishedDate).toBe("2025-09-10");
    expect(new Set(facts.map(({ publishedAt }) => publishedAt))).toEqual(
      new Set([newYorkToUtc("2025-09-04", "18:00")]),
    );
  });

  it("says that FINRA does not answer, and leaves its failed call and the open breaker behind", async () => {
    await (await logOf()).close();
    mock.failNext({ status: 503, retryAfter: 3_600 });
    const result = await ingest("--settlement", "2025-08-29");
    expect(result.exitCode).toBe(EXIT.unavailable);
    expect(result.stderr).toContain("the provider answers 503");
    const log = await logOf();
    expect(await eventsOf(log, "short.interest.v1")).toEqual([]);
    expect(await eventsOf(log, "ops.provider-call.v1")).toMatchObject([
      { success: false, statusCode: 503, circuitBreakerOpen: true },
    ]);
    expect(await eventsOf(log, "ops.circuit-breaker.v1")).toMatchObject([{ change: "OPENED" }]);
    await log.close();
  });

  it("asks for one data set and a date", async () => {
    await (await logOf()).close();
    for (const words of [[], ["--day", "1", "--settlement", "2"], ["--day", "5 September"]]) {
      expect((await ingest(...words)).exitCode).toBe(EXIT.usage);
    }
    expect(mock.requests()).toBe(0);
  });
});
