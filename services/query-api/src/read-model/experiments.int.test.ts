import { startTestPostgres, type TestDatabase } from "@amc/platform/postgres/testing";
import type { StageEvent } from "@amc/streams/kernel/stage";
import {
  experimentPlanned,
  experimentResult,
  ROLLOUT_PLAN,
} from "@amc/streams/testing/experiment-events";
import { TEN_O_CLOCK } from "@amc/streams/testing/features-builder";
import { run } from "@amc/streams/testing/projected-events";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { insertEvent } from "../testing/insert-story.ts";
import type { ReadView } from "./port.ts";
import { createPostgresReadModel } from "./postgres-read-model.ts";

const QUARTER_MS = 900_000;
const PLANNED = experimentPlanned();
const EARLIER = experimentPlanned({ createdAt: 1, status: "CANCELLED" }, 5, "earlier");
const RESULTS = [0, 1, 2, 3, 4].map((index) =>
  experimentResult({
    slot: TEN_O_CLOCK + index * QUARTER_MS,
    strategy: index < 2 ? "legacy_v0" : "unified_detectors",
    candidates: index,
  }),
);
const OF_EARLIER = experimentResult({ experiment: "earlier" });

describe("experiments in the tables", () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await startTestPostgres();
    const pool = database.pool("projector");
    const events: readonly (StageEvent<"ops.control.v1"> | StageEvent<"experiments.result.v1">)[] =
      [PLANNED, EARLIER, ...RESULTS, OF_EARLIER];
    for (const event of events) await insertEvent(pool, event, new Map());
    await pool.query("UPDATE ab_testing_results SET execution_time_ms = 7 WHERE event_id = $1", [
      RESULTS[4]?.id,
    ]);
  });
  afterAll(() => database.drop());

  function read<Answer>(reads: (view: ReadView) => Promise<Answer>): Promise<Answer> {
    return createPostgresReadModel(database.pool("api")).read(reads);
  }

  it("are read as they were planned, newest first", async () => {
    const experiments = await read((view) => view.experiments(10));
    expect(experiments.map(({ name, status }) => [name, status])).toEqual([
      ["rollout", "ACTIVE"],
      ["earlier", "CANCELLED"],
    ]);
    expect(await read((view) => view.experiments(1))).toHaveLength(1);
    const { status, createdAt, startAt, endAt, split, metrics } = ROLLOUT_PLAN;
    expect(await read((view) => view.experiment("rollout"))).toEqual({
      ...{ status, createdAt, startAt, endAt, split, metrics },
      name: "rollout",
      decisionId: PLANNED.id,
      decidedAt: PLANNED.value.publishedAt,
      actor: "ann",
      reason: "week 5",
    });
    expect(await read((view) => view.experiment("other"))).toBeNull();
  });

  it("have their own results page by page, with the time that was measured", async () => {
    const newestFirst = RESULTS.toReversed().map(({ id, value }) => ({ id, event: value }));
    const query = { limit: 3, after: null, asOfMs: null };
    const first = await read((view) => view.experimentResults("rollout", query));
    expect(first.map(({ id, event }) => ({ id, event }))).toEqual(newestFirst.slice(0, 3));
    expect(first.map(({ executionMs }) => executionMs)).toEqual([7, null, null]);
    const last = first.at(-1);
    const after = { atMs: last?.event.happenedAt ?? 0, id: last?.id ?? "" };
    const rest = await read((view) => view.experimentResults("rollout", { ...query, after }));
    expect(rest.map(({ id, event }) => ({ id, event }))).toEqual(newestFirst.slice(3));
  });

  it("have an extent that tells every set of results from another, whatever came first", async () => {
    const extent = () => read((view) => view.experimentExtent("rollout"));
    const before = await extent();
    expect(before.count).toBe(RESULTS.length);
    const late = experimentResult({ slot: TEN_O_CLOCK - QUARTER_MS });
    const pool = database.pool("projector");
    await insertEvent(pool, late, new Map());
    expect(await extent()).toMatchObject({ count: RESULTS.length + 1 });
    const remove = (id: string | undefined) =>
      pool.query("DELETE FROM ab_testing_results WHERE event_id = $1", [id]);
    await remove(RESULTS[0]?.id);
    const other = await extent();
    expect(other.count).toBe(before.count);
    expect(other.digest).not.toBe(before.digest);
    await remove(late.id);
    for (const event of RESULTS.slice(0, 1)) await insertEvent(pool, event, new Map());
    expect(await extent()).toEqual(before);
    expect(await read((view) => view.experimentExtent("other"))).toEqual({ count: 0, digest: "0" });
  });

  it("tell by its result whether a run was under one", async () => {
    const { value: exposed } = RESULTS[4] ?? OF_EARLIER;
    const at = (slot: number) => ({ id: "", event: run({ slot }).value });
    const isExposed = (slot: number) => read((view) => view.isExposed(at(slot)));
    expect(await isExposed(exposed.slot)).toBe(true);
    expect(await isExposed(exposed.slot + QUARTER_MS)).toBe(false);
  });

  it("count exposures and candidates per arm of those that are not over", async () => {
    const arms = await read((view) => view.experimentArms());
    expect(arms.toSorted((a, b) => (a.strategy < b.strategy ? -1 : 1))).toEqual([
      { experiment: "rollout", strategy: "legacy_v0", exposures: 2, candidates: 1 },
      { experiment: "rollout", strategy: "unified_detectors", exposures: 3, candidates: 9 },
    ]);
  });
});
