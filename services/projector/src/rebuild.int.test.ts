import type { Log } from "@amc/platform/log/port";
import { SWAP_OWNER } from "@amc/platform/postgres/positions";
import { startTestPostgres, type TestDatabase } from "@amc/platform/postgres/testing";
import { TEN_O_CLOCK } from "@amc/streams/testing/features-builder";
import { run, runIdAt } from "@amc/streams/testing/projected-events";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type RebuildOptions, rebuildReadModel, swapBack } from "./rebuild.ts";
import type { RebuildProgress } from "./rebuild-progress.ts";
import { append, emptyLog } from "./testing/log-of-events.ts";
import {
  countOf,
  digestsOf,
  poolOf,
  projectAll,
  projectorOn,
} from "./testing/projector-fixture.ts";
import { quietLogger } from "./testing/quiet-logger.ts";
import { recordedLog } from "./testing/recorded-log.ts";
import { QUARTER_MS, simulatedMarket } from "./testing/simulated-market.ts";

describe("rebuild", () => {
  let database: TestDatabase;

  beforeEach(async () => {
    database = await startTestPostgres();
  });
  afterEach(async () => {
    await database.drop();
  });

  function optionsFor(log: Log, more: Partial<RebuildOptions> = {}): RebuildOptions {
    return {
      log,
      migrator: database.connection("migrator"),
      projector: database.connection("projector"),
      logger: quietLogger,
      swap: false,
      ...more,
    };
  }

  it("makes byte for byte the tables in use, dead letters included, and leaves them in place", async () => {
    const log = await recordedLog(31);
    await projectAll(database, log);
    const progress: RebuildProgress[] = [];
    const report = await rebuildReadModel(
      optionsFor(log, { onProgress: (seen) => void progress.push(seen) }),
    );
    expect(report.differences).toEqual([]);
    expect(report.rebuilt).toEqual(report.live);
    expect(Object.fromEntries(report.live.map(({ table, sha256 }) => [table, sha256]))).toEqual(
      await digestsOf(database),
    );
    expect(report.swapped).toBe(false);
    // The clock and a published figure are among the facts: 24 periods of 2021, 24 of 2022 and that of 2020-12-31.
    expect(await countOf(database, "finra_reporting_schedule")).toBe(49);
    expect(report.records).toBeGreaterThan(4_000);
    expect(progress.at(-1)).toMatchObject({ records: report.records, remainingMs: 0 });
    expect(await digestsOf(database, "read_model_next")).toEqual(await digestsOf(database));
  });

  it("swaps the tables while the projector goes on, which takes up the new ones and loses nothing", async () => {
    const log = emptyLog();
    const events = simulatedMarket(32, { symbols: 20, slots: 6, slices: 2 });
    await append(log, events.slice(0, 600));
    const projector = projectorOn(database, log);
    await projector.start();
    let appended = 600;
    const report = await rebuildReadModel(
      optionsFor(log, {
        swap: true,
        onProgress: () => {
          void append(log, events.slice(appended, appended + 50));
          appended += 50;
        },
      }),
    );
    expect(report.swapped).toBe(true);
    await append(log, events.slice(appended));
    while (!(await projector.caughtUp())) await new Promise(setImmediate);
    await projector.stop();

    const untouched = await startTestPostgres();
    await projectAll(untouched, log);
    expect(await digestsOf(database)).toEqual(await digestsOf(untouched));
    await untouched.drop();
  });

  it("puts the replaced tables back, from which the projector goes on", async () => {
    const log = emptyLog();
    await append(log, simulatedMarket(33, { symbols: 10, slots: 2, slices: 1 }));
    const projector = projectorOn(database, log);
    await projector.start();
    while (!(await projector.caughtUp())) await new Promise(setImmediate);
    await poolOf(database, "migrator").query("CREATE TABLE read_model.mark_of_the_first ()");
    await rebuildReadModel(optionsFor(log, { swap: true }));
    await append(log, [run({ slot: TEN_O_CLOCK + 9 * QUARTER_MS })]);
    await swapBack(database.connection("migrator"));
    await append(log, [run({ slot: TEN_O_CLOCK + 10 * QUARTER_MS })]);
    while (!(await projector.caughtUp())) await new Promise(setImmediate);
    await projector.stop();
    await poolOf(database, "migrator").query("SELECT FROM read_model.mark_of_the_first");
    const { rows } = await poolOf(database, "api").query(
      "SELECT run_id FROM discovery_runs ORDER BY happened_at DESC LIMIT 2",
    );
    expect(rows.map(({ run_id }) => run_id)).toEqual([
      runIdAt(TEN_O_CLOCK + 10 * QUARTER_MS),
      runIdAt(TEN_O_CLOCK + 9 * QUARTER_MS),
    ]);
  });

  it("tells readers by its epochs that other tables are in use, at positions and of an owner that are the same", async () => {
    const log = emptyLog();
    await append(log, simulatedMarket(34, { symbols: 3, slots: 1, slices: 1 }));
    const projector = projectorOn(database, log);
    await projector.start();
    while (!(await projector.caughtUp())) await new Promise(setImmediate);
    const before = await standings();
    await rebuildReadModel(optionsFor(log, { swap: true }));
    const swapped = await standings();
    // A projector claims them with the next record, whatever it holds.
    await append(log, [run({ slot: TEN_O_CLOCK + 9 * QUARTER_MS })]);
    while (!(await projector.caughtUp())) await new Promise(setImmediate);
    await projector.stop();
    const after = await standings();
    expect(before.length).toBeGreaterThan(1);
    for (const [index, { owner, epoch, at }] of before.entries()) {
      expect(swapped[index]).toMatchObject({ owner: SWAP_OWNER, at });
      expect(Number(swapped[index]?.epoch)).toBeGreaterThan(Number(epoch));
      expect(after[index]?.owner).toBe(owner);
      expect(Number(after[index]?.epoch)).toBeGreaterThan(Number(swapped[index]?.epoch));
    }
    // The record moved one of them; the others stand where they stood before the swap.
    const moved = before.filter(({ at }, index) => after[index]?.at !== at);
    expect(moved).toHaveLength(1);
  });

  /** Of the projection that a run wakes. */
  async function standings() {
    const { rows } = await poolOf(database, "api").query<Record<"owner" | "epoch" | "at", string>>(
      `SELECT owner, position.epoch, concat_ws('/', topic, partition, next_offset) AS at
       FROM projection_positions AS position JOIN projection_owners USING (projection, partition)
       WHERE projection = (
         SELECT projection FROM projection_positions WHERE topic = 'discovery.run.v1' LIMIT 1)
       ORDER BY topic, partition`,
    );
    return rows;
  }

  it("has nothing to put back before a swap, and leaves rebuilt tables beside as they are", async () => {
    const log = emptyLog();
    await append(log, simulatedMarket(36, { symbols: 3, slots: 1, slices: 1 }));
    await projectAll(database, log);
    await rebuildReadModel(optionsFor(log));
    const inUse = await digestsOf(database);
    await expect(swapBack(database.connection("migrator"))).rejects.toMatchObject({
      code: "projector.nothing-to-swap-back",
      facts: { schema: "read_model_previous" },
    });
    expect(await digestsOf(database)).toEqual(inUse);
    expect(await digestsOf(database, "read_model_next")).toEqual(inUse);
  });

  it("reports a row that was changed, one that is missing and one too many, and does not swap", async () => {
    const log = emptyLog();
    await append(log, simulatedMarket(34, { symbols: 10, slots: 2, slices: 1 }));
    await projectAll(database, log);
    const tamper = poolOf(database, "superuser");
    await tamper.query("UPDATE prices_latest SET close = close + 1 WHERE symbol = 'S3'");
    await tamper.query("DELETE FROM verdicts WHERE symbol = 'S4'");
    await tamper.query(
      "INSERT INTO event_index VALUES ('00000000-0000-4000-8000-000000000000', 'x', 0, 0)",
    );
    const swapping = rebuildReadModel(optionsFor(log, { swap: true }));
    await expect(swapping).rejects.toMatchObject({
      code: "projector.rebuild-differs",
      facts: { tables: "prices_latest,verdicts,event_index" },
    });

    const report = await rebuildReadModel(
      optionsFor(log, { swap: true, swapDespiteDifferences: true }),
    );
    expect(report.differences).toMatchObject([
      { table: "prices_latest", different: 1, onlyLeft: 0, onlyRight: 0 },
      { table: "verdicts", different: 0, onlyLeft: 0, onlyRight: 2 },
      { table: "event_index", different: 0, onlyLeft: 1, onlyRight: 0 },
    ]);
    expect(report.differences[0]?.examples[0]).toMatchObject({ left: { symbol: "S3" } });
    expect(report.swapped).toBe(true);
    expect(await countOf(database, "verdicts")).toBe(20);
  });

  it("refuses to run beside another rebuild", async () => {
    const log = await recordedLog(35);
    await projectAll(database, log);
    const first = rebuildReadModel(optionsFor(log));
    const second = rebuildReadModel(optionsFor(log));
    const results = await Promise.allSettled([first, second]);
    expect(results.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(results.find(({ status }) => status === "rejected")).toMatchObject({
      reason: { code: "projector.rebuild-running" },
    });
  });

  it("writes nothing to the cache and copies no dead letter", async () => {
    const log = await recordedLog(36);
    await projectAll(database, log);
    const ends = async () => {
      const found: number[] = [];
      for (const { topic, partitions } of log.topics()) {
        for (let partition = 0; partition < partitions; partition += 1) {
          found.push(await log.endOffset(topic, partition));
        }
      }
      return found;
    };
    const before = await ends();
    await rebuildReadModel(optionsFor(log, { swap: true }));
    expect(await ends()).toEqual(before);
  });
});
