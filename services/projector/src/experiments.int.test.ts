import { createMemoryCache } from "@amc/platform/cache/memory";
import type { Log } from "@amc/platform/log/port";
import { startTestPostgres, type TestDatabase } from "@amc/platform/postgres/testing";
import type { AnyEvent } from "@amc/streams/kernel/stage";
import { DEFAULT_CACHE } from "@amc/streams/projections/cache-settings";
import {
  experimentPlanned,
  experimentResult,
  ROLLOUT_PLAN,
} from "@amc/streams/testing/experiment-events";
import { TEN_O_CLOCK } from "@amc/streams/testing/features-builder";
import { run, stageTiming } from "@amc/streams/testing/projected-events";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { rebuildReadModel } from "./rebuild.ts";
import { append, emptyLog, recordOf } from "./testing/log-of-events.ts";
import { digestsOf, poolOf, projectAll, projectorOn } from "./testing/projector-fixture.ts";
import { quietLogger } from "./testing/quiet-logger.ts";

const QUARTER_MS = 900_000;
const SLOTS = [0, 1, 2, 3].map((index) => TEN_O_CLOCK + index * QUARTER_MS);
const LAST = SLOTS.at(-1) ?? 0;
const EXPERIMENTS = "SELECT * FROM ab_testing_experiments ORDER BY experiment_name";
const RESULTS = `
  SELECT result.*, experiment.experiment_name AS joined
  FROM ab_testing_results AS result
  LEFT JOIN ab_testing_experiments AS experiment ON experiment.id = result.experiment_id
  ORDER BY result.request_timestamp`;

/** A run and its result per slot, and one experiment that was paused and resumed in between. */
const HISTORY: readonly AnyEvent[] = [
  ...SLOTS.flatMap((slot) => [run({ slot }), experimentResult({ slot, candidates: 2 })]),
  ...SLOTS.map((slot) => stageTiming({ slot, happenedAt: slot, totalMs: 7.6 })),
  experimentPlanned(),
  experimentPlanned({ status: "PAUSED" }, TEN_O_CLOCK + 1),
  experimentPlanned({}, TEN_O_CLOCK + 2),
];

describe("experiments in PostgreSQL", () => {
  let database: TestDatabase;
  let log: Log;

  beforeEach(async () => {
    database = await startTestPostgres();
    log = emptyLog();
  });
  afterEach(async () => {
    await database.drop();
  });

  const rows = async (text: string) => (await poolOf(database, "api").query(text)).rows;

  it("are stored with their results, the foreign key and what the runtime measured", async () => {
    await append(log, HISTORY);
    await projectAll(database, log);
    expect(await rows(EXPERIMENTS)).toEqual([
      expect.objectContaining({
        experiment_name: "rollout",
        status: "ACTIVE",
        start_date: new Date(ROLLOUT_PLAN.startAt),
        end_date: new Date(ROLLOUT_PLAN.endAt),
        traffic_split: { legacy_v0: 20, unified_detectors: 80 },
        success_metrics: ["candidates", "mean_score"],
        created_at: new Date(ROLLOUT_PLAN.createdAt),
      }),
    ]);
    expect(await rows(RESULTS)).toEqual(
      SLOTS.map((slot) =>
        expect.objectContaining({
          joined: "rollout",
          strategy_name: "unified_detectors",
          request_timestamp: new Date(slot),
          candidates_count: 2,
          execution_time_ms: 8,
          user_agent_hash: "ab".repeat(32),
        }),
      ),
    );
  });

  it("are the same whatever comes first, in one batch or in many, and a rebuild makes them again", async () => {
    await append(log, HISTORY);
    await projectAll(database, log);
    const expected = await digestsOf(database);
    const order = fc.sample(fc.shuffledSubarray([...HISTORY], { minLength: HISTORY.length }), {
      numRuns: 3,
      seed: 4,
    });
    for (const events of order) {
      await database.drop();
      database = await startTestPostgres();
      log = emptyLog();
      const projector = projectorOn(database, log);
      for (const event of events) {
        await append(log, [event, event]);
        await projector.runUntilCaughtUp();
      }
      await projector.stop();
      const { event_index: _, ...tables } = await digestsOf(database);
      const { event_index: __, ...others } = expected;
      expect(tables).toEqual(others);
      expect((await rows(RESULTS)).map(({ joined }) => joined)).toEqual(SLOTS.map(() => "rollout"));
    }
    const report = await rebuildReadModel({
      log,
      migrator: database.connection("migrator"),
      projector: database.connection("projector"),
      logger: quietLogger,
      swap: false,
    });
    expect(report.differences).toEqual([]);
  });

  it("are completed by the first run at or after their end, whether it or the decision came first", async () => {
    const ended = experimentPlanned({ endAt: LAST }, TEN_O_CLOCK);
    for (const events of [
      [ended, run({ slot: LAST - QUARTER_MS }), run({ slot: LAST })],
      [run({ slot: LAST }), ended],
    ]) {
      await append(log, events);
      await projectAll(database, log);
      expect(await rows(EXPERIMENTS)).toMatchObject([{ status: "COMPLETED" }]);
      await database.drop();
      database = await startTestPostgres();
      log = emptyLog();
    }
    await append(log, [ended, run({ slot: LAST - QUARTER_MS })]);
    await projectAll(database, log);
    expect(await rows(EXPERIMENTS)).toMatchObject([{ status: "ACTIVE" }]);
    const cancelled = experimentPlanned({ endAt: LAST, status: "CANCELLED" }, TEN_O_CLOCK + 1);
    await append(log, [cancelled, run({ slot: LAST })]);
    await projectAll(database, log);
    expect(await rows(EXPERIMENTS)).toMatchObject([{ status: "CANCELLED" }]);
  });

  it("are read once however many partitions hold the decision", async () => {
    const planned = recordOf(experimentPlanned());
    await log.commit({ appends: [0, 1].map((partition) => ({ ...planned, partition })) });
    await projectAll(database, log);
    expect(await rows(EXPERIMENTS)).toHaveLength(1);
  });

  it("refuse a second experiment of one name and a result of none (R-DB-14, R-DB-15)", async () => {
    await append(log, [experimentPlanned()]);
    await projectAll(database, log);
    const pool = poolOf(database, "projector");
    const insert = pool.query(
      "INSERT INTO ab_testing_experiments (experiment_name, start_date, traffic_split, success_metrics) VALUES ('rollout', now(), '{}', '[]')",
    );
    await expect(insert).rejects.toMatchObject({ code: "23505" });
    const orphan = pool.query(
      "INSERT INTO ab_testing_results (experiment_id, strategy_name, discovery_run_id) VALUES (987654, 'hybrid_v1', gen_random_uuid())",
    );
    await expect(orphan).rejects.toMatchObject({ code: "23503" });
  });

  it("name their newest event in the cache, under the configured prefix for the configured time", async () => {
    const cache = createMemoryCache(() => 0);
    const experiments = { keyPrefix: "staging:ab", ttlSeconds: 60 };
    await append(log, HISTORY);
    await projectAll(database, log, { cache, cacheSettings: { ...DEFAULT_CACHE, experiments } });
    expect(await cache.keys("staging:ab")).toEqual(["staging:ab:rollout:latest"]);
    expect(await cache.ttlSeconds("staging:ab:rollout:latest")).toBe(60);
    const entry: unknown = JSON.parse((await cache.get("staging:ab:rollout:latest")) ?? "null");
    expect(entry).toMatchObject({ event_id: experimentResult({ slot: LAST }).id });
  });
});
