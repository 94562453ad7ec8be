import { newestOfExperimentKey } from "@amc/streams/projections/experiments/cache";
import {
  experimentPlanned,
  experimentResult,
  ROLLOUT_PLAN,
} from "@amc/streams/testing/experiment-events";
import { describe, expect, it } from "vitest";
import { DEFAULT_API_CONFIG } from "../config.ts";
import type { CacheReader } from "../context.ts";
import { RESULTS_MAX } from "../experiments/experiment-analyses.ts";
import type { StoredExperiment, StoredExperimentResult } from "../read-model/port.ts";
import { apiUnderTest, append, memoryLog } from "../testing/api-under-test.ts";
import { memoryReadModel } from "../testing/memory-read-model.ts";
import { story } from "../testing/story.ts";

const PLANNED = experimentPlanned();
const ROLLOUT: StoredExperiment = {
  name: "rollout",
  decisionId: PLANNED.id,
  decidedAt: PLANNED.value.publishedAt,
  status: "ACTIVE",
  createdAt: ROLLOUT_PLAN.createdAt,
  startAt: ROLLOUT_PLAN.startAt,
  endAt: ROLLOUT_PLAN.endAt,
  split: ROLLOUT_PLAN.split,
  metrics: ["mean_score"],
  actor: "ann",
  reason: "week 5",
};
const SLOT_MS = 900_000;

/** TV-AB-03, a run after the other. */
function results(control: readonly number[], treatment: readonly number[]) {
  const arms = [
    ...control.map((value) => ["legacy_v0", value] as const),
    ...treatment.map((value) => ["unified_detectors", value] as const),
  ];
  return arms.map(([strategy, value], index): StoredExperimentResult => {
    const slot = ROLLOUT_PLAN.startAt + index * SLOT_MS;
    const metrics = [{ name: "mean_score", value, reason: null }];
    const { id, value: event } = experimentResult({ strategy, slot, metrics, candidates: 2 });
    return { id, event, executionMs: 12 };
  });
}
const RESULTS = results([0.1, 0.12, 0.08, 0.11, 0.09], [0.14, 0.15, 0.13, 0.16, 0.12]);

const NO_CACHE: CacheReader = { get: async () => null, ping: async () => "in-process" };

function api(
  stored: { experiments?: StoredExperiment[]; results?: StoredExperimentResult[] } = {},
  cache = NO_CACHE,
) {
  const { experiments = [ROLLOUT], results: told = RESULTS } = stored;
  const readModel = memoryReadModel({ story: story(), experiments, results: told });
  return apiUnderTest({ readModel, cache });
}

describe("/experiments (R-API-25)", () => {
  it("lists every experiment with its split, newest first", async () => {
    const later = { ...ROLLOUT, name: "later", createdAt: ROLLOUT.createdAt + 1 };
    const answer = await (await api({ experiments: [ROLLOUT, later] })).inject("/experiments");
    expect(answer.statusCode).toBe(200);
    expect(answer.json().data.map(({ name }: { name: string }) => name)).toEqual([
      "later",
      "rollout",
    ]);
    expect(answer.json().data[1]).toEqual({
      name: "rollout",
      status: "ACTIVE",
      createdAt: "2021-01-13T14:45:00.000Z",
      startAt: "2021-01-13T14:45:00.000Z",
      endAt: "2021-01-27T14:45:00.000Z",
      split: [
        { strategy: "legacy_v0", weight: 20 },
        { strategy: "unified_detectors", weight: 80 },
      ],
      metrics: ["mean_score"],
      decidedAt: "2021-01-13T14:45:00.000Z",
      actor: "ann",
      reason: "week 5",
    });
  });

  it("shows how the arms of one differ, with the figures of TV-AB-03", async () => {
    const { data } = (await (await api()).inject("/experiments/rollout")).json();
    expect(data.arms).toEqual([
      { strategy: "legacy_v0", exposures: 5, candidates: 10, fallbackCandidates: 0 },
      { strategy: "unified_detectors", exposures: 5, candidates: 10, fallbackCandidates: 0 },
    ]);
    expect(data.comparisons).toEqual([
      {
        metric: "mean_score",
        control: "legacy_v0",
        treatment: "unified_detectors",
        controlSize: 5,
        treatmentSize: 5,
        controlMean: expect.closeTo(0.1, 12),
        treatmentMean: expect.closeTo(0.14, 12),
        verdict: "significant",
        reason: null,
        t: expect.closeTo(4, 9),
        degreesOfFreedom: 8,
        pValue: expect.closeTo(0.00394977, 8),
        effectSize: expect.closeTo(2.529822, 6),
        confidenceLevel: 0.95,
      },
    ]);
    expect(data).toMatchObject({ isFinal: false, isTruncated: false });
  });

  it("says what is insufficient, and when the verdict is final", async () => {
    const experiments = [{ ...ROLLOUT, status: "COMPLETED" }];
    const { data } = (
      await (await api({ experiments, results: [] })).inject("/experiments/rollout")
    ).json();
    expect(data).toMatchObject({
      isFinal: true,
      arms: [{ exposures: 0 }, { exposures: 0 }],
      comparisons: [{ verdict: "insufficient", reason: "too-few-values", pValue: null }],
    });
  });

  it("says when it has more runs than are compared, and is not final then", async () => {
    const experiments = [{ ...ROLLOUT, status: "COMPLETED" }];
    const [one] = RESULTS;
    if (one === undefined) throw new Error("no result");
    const many = (count: number) =>
      Array.from({ length: count }, (_, index) => ({ ...one, id: String(index) }));
    for (const [count, isTruncated] of [
      [RESULTS_MAX, false],
      [RESULTS_MAX + 1, true],
    ] as const) {
      const app = await api({ experiments, results: many(count) });
      const { data } = (await app.inject("/experiments/rollout")).json();
      expect(data).toMatchObject({ isTruncated, isFinal: !isTruncated });
      expect(data.arms[0].exposures).toBe(RESULTS_MAX);
    }
  });

  it("is described with what is counted before the cap of a run and what after it", async () => {
    const { paths } = (await (await api()).inject("/openapi.json")).json();
    const { content } = paths["/experiments/{name}"].get.responses["200"];
    const { arms, comparisons, experiment } =
      content["application/json"].schema.properties.data.properties;
    const { candidates, fallbackCandidates } = arms.items.properties;
    expect(candidates.description).toContain("before the cap");
    expect(fallbackCandidates.description).toContain("after the cap");
    for (const { description } of [
      experiment.properties.metrics,
      comparisons.items.properties.metric,
    ]) {
      expect(description).toMatch(/candidates counts all of them before the cap; trade_ready/);
    }
  });

  it("pages through the runs of one, newest first, and shows hashes of subjects only", async () => {
    const app = await api();
    const seen: string[] = [];
    let url = "/experiments/rollout/results?limit=4";
    for (let page = 0; page < 3; page += 1) {
      const body = (await app.inject(url)).json();
      seen.push(...body.data.map(({ id }: { id: string }) => id));
      expect(body.data[0].subjectHash).toMatch(/^[0-9a-f]{64}$/);
      expect(body.data[0]).toMatchObject({ executionMs: 12, experiment: "rollout" });
      url = `/experiments/rollout/results?limit=4&cursor=${body.next}`;
    }
    expect(seen).toEqual(RESULTS.map(({ id }) => id).toReversed());
  });

  it.each(["/experiments/other", "/experiments/other/results"])(
    "answers 404 to %s",
    async (url) => {
      expect((await (await api()).inject(url)).statusCode).toBe(404);
    },
  );

  it("answers 400 to a name that no experiment can have", async () => {
    expect((await (await api()).inject("/experiments/No%20Name")).statusCode).toBe(400);
  });
});

describe("the cached analysis", () => {
  const KEY = newestOfExperimentKey("amc:ab_test", "rollout");

  /** A cache with one entry, and an app whose reads of results are counted. */
  async function served(entry: () => string | Error | null) {
    const cache: CacheReader = {
      get: async (key) => {
        const value = key === KEY ? entry() : null;
        if (value instanceof Error) throw value;
        return value;
      },
      ping: async () => "in-process",
    };
    const stored = [...RESULTS];
    const app = await api({ results: stored }, cache);
    const source = async () => {
      const answer = await app.inject("/experiments/rollout");
      return [answer.headers["x-amc-source"], answer.json().data.arms[1].exposures];
    };
    return { source, stored };
  }
  function resultAt(slot: number): StoredExperimentResult {
    const { id, value: event } = experimentResult({ slot });
    return { id, event, executionMs: null };
  }
  const naming = (id: string | undefined) => JSON.stringify({ event_id: id });

  it("is served while the cache names the newest event of the experiment, and made anew after", async () => {
    let newest = RESULTS.at(-1)?.id;
    const { source, stored } = await served(() => naming(newest));
    expect(await source()).toEqual(["postgres", 5]);
    expect(await source()).toEqual(["cache", 5]);
    const added = resultAt(ROLLOUT_PLAN.startAt + 99 * SLOT_MS);
    stored.push(added);
    newest = added.id;
    expect(await source()).toEqual(["postgres", 6]);
    expect(await source()).toEqual(["cache", 6]);
  });

  it("is made anew when a result of an earlier run comes late, though the newest is the same", async () => {
    const { source, stored } = await served(() => naming(RESULTS.at(-1)?.id));
    expect(await source()).toEqual(["postgres", 5]);
    expect(await source()).toEqual(["cache", 5]);
    stored.push(resultAt(ROLLOUT_PLAN.startAt - SLOT_MS));
    expect(await source()).toEqual(["postgres", 6]);
    expect(await source()).toEqual(["cache", 6]);
  });

  it("is made anew when one result was pruned and another came late", async () => {
    const { source, stored } = await served(() => naming(RESULTS.at(-1)?.id));
    expect(await source()).toEqual(["postgres", 5]);
    stored.splice(0, 1, resultAt(ROLLOUT_PLAN.startAt - SLOT_MS));
    expect(await source()).toEqual(["postgres", 6]);
  });

  it("is made from the tables each time after the newest event could not be written to the cache", async () => {
    const { source, stored } = await served(() => naming(RESULTS.at(-1)?.id));
    expect(await source()).toEqual(["postgres", 5]);
    stored.push(resultAt(ROLLOUT_PLAN.startAt + 99 * SLOT_MS));
    expect(await source()).toEqual(["postgres", 6]);
    expect(await source()).toEqual(["postgres", 6]);
  });

  it.each([
    ["absent", null],
    ["no JSON", "{"],
    ["a list", "[1]"],
    ["another event", naming("00000000-0000-8000-8000-000000000000")],
    ["too large", naming("x".repeat(5_000))],
    ["unreachable", new Error("connection refused")],
  ])("is made from the tables each time when the entry is %s", async (_, entry) => {
    const { source } = await served(() => entry);
    for (const _round of [1, 2]) expect(await source()).toEqual(["postgres", 5]);
  });

  it("is looked for under the configured prefix", async () => {
    const asked: string[] = [];
    const cache: CacheReader = {
      ...NO_CACHE,
      get: async (key) => {
        asked.push(key);
        return null;
      },
    };
    const config = { ...DEFAULT_API_CONFIG, experimentCacheKeyPrefix: "staging:ab" };
    const readModel = memoryReadModel({ story: story(), experiments: [ROLLOUT], results: RESULTS });
    await (await apiUnderTest({ cache, config, readModel })).inject("/experiments/rollout");
    expect(asked).toEqual(["staging:ab:rollout:latest"]);
  });
});

describe("the component ab_testing of /health (R-API-19)", () => {
  async function component(
    events: readonly ReturnType<typeof experimentPlanned>[],
    config = DEFAULT_API_CONFIG,
    stored: readonly StoredExperimentResult[] = [],
  ) {
    const readModel = memoryReadModel({ story: story(), results: stored });
    const log = memoryLog();
    const tick = {
      happenedAt: ROLLOUT_PLAN.startAt + 1,
      cuts: [],
      discovery: true,
      source: "test",
    };
    await append(log, "ops.clock.v1", "tick", tick, { key: null, partition: 0 });
    for (const { id, value } of events) {
      const at = { key: value.setting, partition: 0 };
      await append(log, "ops.control.v1", id, value, at);
    }
    const body = (await (await apiUnderTest({ log, config, readModel })).inject("/health")).json();
    return { component: body.components.ab_testing, strategy: body.system.active_strategy };
  }

  it.each([
    ["no experiment runs", []],
    [
      "rollout runs until 2021-01-27T14:45:00.000Z: legacy_v0 20 %, unified_detectors 80 %",
      [PLANNED],
    ],
    ["no experiment runs; paused: rollout", [experimentPlanned({ status: "PAUSED" })]],
    ["no experiment runs", [experimentPlanned({ endAt: ROLLOUT_PLAN.startAt + 1 })]],
  ])("says %j", async (detail, events) => {
    expect((await component(events)).component).toEqual({ status: "healthy", detail });
  });

  it("says that experiments are off, by configuration or by an operator", async () => {
    const off = "off: every run takes the strategy in force";
    const config = { ...DEFAULT_API_CONFIG, experimentsEnabled: false };
    expect((await component([PLANNED], config)).component.detail).toBe(off);
    const value = { ...PLANNED.value, setting: "experiments", value: "false" };
    const rollback = { ...PLANNED, id: "00000000-0000-8000-8000-0000000000ff", value };
    expect((await component([PLANNED, rollback])).component.detail).toBe(off);
  });

  const OFF = {
    ...PLANNED,
    id: "00000000-0000-8000-8000-0000000000ff",
    value: { ...PLANNED.value, setting: "experiments", value: "false" },
  };
  const PAUSED = experimentPlanned({ status: "PAUSED" }, ROLLOUT_PLAN.createdAt + 1);
  const RESUMED = experimentPlanned({}, ROLLOUT_PLAN.createdAt + 2);
  const CANCELLED = experimentPlanned({ status: "CANCELLED" }, ROLLOUT_PLAN.createdAt + 1);

  it.each([
    ["runs", [PLANNED]],
    ["was paused since", [PLANNED, PAUSED]],
    ["was paused and resumed since", [PLANNED, PAUSED, RESUMED]],
    ["was cancelled since", [PLANNED, CANCELLED]],
    ["was switched off with all others since", [PLANNED, OFF]],
  ])(
    "shows the strategy in force, not the arm of the newest run, when its experiment %s",
    async (_, events) => {
      const config = { ...DEFAULT_API_CONFIG, activeStrategy: "hybrid_v1" };
      const newest = story().runs.toSorted((a, b) => b.event.happenedAt - a.event.happenedAt)[0];
      if (newest === undefined) throw new Error("no run");
      const { runId, slot, happenedAt } = newest.event;
      const { id, value: event } = experimentResult({ runId, slot, happenedAt });
      const exposed = [{ id, event, executionMs: null }];
      expect((await component(events, config, exposed)).strategy).toBe("hybrid_v1");
      // The control: nothing but the result tells that the run was under an experiment.
      expect((await component(events, config)).strategy).toBe("unified_detectors");
    },
  );
});

describe("the metrics of experiments (R-MET-05)", () => {
  it("are exposures and candidates per arm of those that are not over", async () => {
    const { body } = await (await api()).inject("/metrics");
    const labels = 'experiment="rollout",strategy="legacy_v0"';
    expect(body).toContain(`amc_experiment_exposures{${labels}} 5`);
    expect(body).toContain(`amc_experiment_candidates{${labels}} 10`);
    const experiments = [{ ...ROLLOUT, status: "COMPLETED" }];
    const over = await (await api({ experiments })).inject("/metrics");
    expect(over.body).not.toContain('experiment="rollout"');
  });
});
