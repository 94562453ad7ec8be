import type { Log } from "@amc/platform/log/port";
import { startTestPostgres, type TestDatabase } from "@amc/platform/postgres/testing";
import { DAY_MS } from "@amc/streams/market/calendar-date";
import { newYorkDateOf, newYorkToUtc } from "@amc/streams/market/event-time";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { jsonLines, runCommand } from "../testing/run-command.ts";
import { openTestLog, TestDirectory } from "../testing/simulated-system.ts";

const TIMINGS = "ops.stage-timing.v1";
const FACTS = "market.news.v1";
const TODAY = newYorkDateOf(Date.now());
const MIDNIGHT_MS = newYorkToUtc(TODAY, "00:00");

let directory: TestDirectory;
beforeEach(() => {
  directory = new TestDirectory();
});
afterEach(() => directory.dispose());

async function withLog<Result>(work: (log: Log) => Promise<Result>, clock?: () => number) {
  const log = await openTestLog(directory.path, clock);
  try {
    return await work(log);
  } finally {
    await log.close();
  }
}

/** One record of a topic kept 30 days and one of a topic kept for ever, at each age in days. */
async function writeAged(...ages: readonly number[]): Promise<void> {
  let atMs = 0;
  await withLog(
    async (log) => {
      for (const age of ages) {
        atMs = MIDNIGHT_MS - age * DAY_MS;
        const appends = [TIMINGS, FACTS].map((topic) => ({
          ...{ topic, partition: 0, key: "x", value: null, headers: {} },
        }));
        await log.commit({ appends });
      }
    },
    () => atMs,
  );
}

const startOffsets = () =>
  withLog(async (log) => [await log.startOffset(TIMINGS, 0), await log.startOffset(FACTS, 0)]);

const prune = (words: readonly string[], environment: Readonly<Record<string, string>> = {}) =>
  runCommand(["prune", "--data-dir", directory.path, "--json", ...words], environment);

/** What was said of the topic that these tests fill. */
const ofTimings = (result: Awaited<ReturnType<typeof prune>>) =>
  jsonLines(result).filter(({ topic }) => topic === TIMINGS);

describe("amc prune", () => {
  it("takes from a topic what is older than its retention, and nothing that is kept for ever", async () => {
    await writeAged(400, 31, 30, 29, 1);
    const dryRun = await prune(["--before", TODAY, "--dry-run"]);
    expect(dryRun.exitCode, dryRun.stderr).toBe(0);
    expect(ofTimings(dryRun)).toMatchObject([
      { topic: TIMINGS, partition: 0, removed: 2, firstKept: 2, dryRun: true },
      { topic: TIMINGS, partition: 1, removed: 0 },
    ]);
    expect(await startOffsets()).toEqual([0, 0]);
    const done = await prune(["--before", TODAY]);
    expect(ofTimings(done)).toMatchObject([{ removed: 2, dryRun: false }, { removed: 0 }]);
    expect(await startOffsets()).toEqual([2, 0]);
    expect(jsonLines(await prune(["--before", TODAY]))[0]).toMatchObject({ removed: 0 });
  });

  it("counts retention back from the date it is given", async () => {
    await writeAged(400, 31);
    const monthAgo = newYorkDateOf(MIDNIGHT_MS - 30 * DAY_MS);
    expect(jsonLines(await prune(["--before", monthAgo]))[0]).toMatchObject({ removed: 1 });
  });

  it("refuses a date to come, and a log that another process writes", async () => {
    await writeAged(400);
    // Two days: a day may have 25 hours, and midnight may pass.
    const toCome = newYorkDateOf(Date.now() + 2 * DAY_MS);
    const early = await prune(["--before", toCome]);
    expect(early.exitCode).toBe(64);
    expect(early.stderr).toContain("is still to come");
    await withLog(async () => {
      const locked = await prune(["--before", TODAY]);
      expect(locked.exitCode).toBe(69);
      expect(locked.stderr).toContain(`process ${process.pid} writes to`);
      expect((await prune(["--before", TODAY, "--dry-run"])).exitCode).toBe(0);
    });
  });
});

describe("amc prune with tables", () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await startTestPostgres();
  });
  afterEach(() => database.drop());

  it("takes rows past their retention, and leaves records that a projection has still to read", async () => {
    await writeAged(400, 399, 398);
    const pool = database.pool("projector");
    await pool.query(
      `INSERT INTO detector_performance (discovery_run_id, detector_name, symbol, created_at)
       SELECT gen_random_uuid(), 'd', 'GME', $1::timestamptz - make_interval(days => age)
       FROM unnest(ARRAY[10, 180, 181, 200]) AS age`,
      [new Date(MIDNIGHT_MS)],
    );
    await pool.query(
      `INSERT INTO projection_positions (projection, topic, partition, next_offset, epoch)
       VALUES ('discovery', $1, 0, 1, 1), ('signals', $1, 0, 3, 1)`,
      [TIMINGS],
    );
    const environment = { DATABASE_URL: database.url("migrator") };
    for (const words of [["--dry-run"], []]) {
      const result = await prune(["--before", TODAY, ...words], environment);
      expect(result.exitCode, result.stderr).toBe(0);
      const lines = jsonLines(result);
      expect(lines[0]).toMatchObject({ topic: TIMINGS, partition: 0, removed: 1, firstKept: 1 });
      expect(lines.find(({ table }) => table === "detector_performance")).toMatchObject({
        removed: 2,
      });
    }
    expect(await startOffsets()).toEqual([1, 0]);
    const { rows } = await pool.query("SELECT count(*)::integer AS left FROM detector_performance");
    expect(rows).toEqual([{ left: 2 }]);
  });
});
