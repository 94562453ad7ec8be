import { describe, expect, it } from "vitest";
import { TEN_O_CLOCK } from "../../testing/features-builder.ts";
import { run, runIdAt } from "../../testing/projected-events.ts";
import { given } from "../../testing/projection-spec.ts";
import {
  CONTENDERS_KEY,
  cacheRun,
  EXPLAIN_KEY,
  newestKey,
  STATUS_KEY,
  strategyKey,
} from "./cache.ts";

const PREFIX = "amc:discovery:unified";
const UNIFIED_KEY = strategyKey(PREFIX, "unified_detectors");

describe("what a run leaves in the cache", () => {
  it("is its ranking under the strategy's key and the preserved one, for 900 s (R-RDS-07, R-RDS-08)", () => {
    const spec = given(run());
    expect(spec.cached("amc:discovery:unified:unified_detectors:latest")).toEqual({
      key: UNIFIED_KEY,
      ttlSeconds: 900,
      happenedAt: TEN_O_CLOCK,
      value: {
        run_id: runIdAt(TEN_O_CLOCK),
        slot: "2021-01-13T15:00:00.000Z",
        happened_at: "2021-01-13T15:00:00.000Z",
        strategy: "unified_detectors",
        profile: "strict",
        preset: "balanced",
        session: "regular",
        simulated: false,
        candidates: [
          expect.objectContaining({ rank: 1, symbol: "GME", score: 0.73755, label: "watchlist" }),
        ],
      },
    });
    expect(spec.cached("amc:discovery:contenders.latest")?.value).toEqual(
      spec.cached(UNIFIED_KEY)?.value,
    );
  });

  it("lies under the configured prefix for the configured time, the preserved keys under their own", () => {
    const cached = cacheRun(run().value, { keyPrefix: "other:prefix", ttlSeconds: 60 });
    expect(cached.map(({ key, ttlSeconds }) => [key, ttlSeconds])).toEqual([
      ["other:prefix:unified_detectors:latest", 60],
      ["other:prefix:latest", 60],
      ["amc:discovery:contenders.latest", 60],
      ["amc:discovery:explain.latest", 60],
      ["amc:discovery:status", 60],
    ]);
  });

  it("explains the funnel and tells the standing", () => {
    const spec = given(run());
    expect(spec.cached("amc:discovery:explain.latest")?.value).toMatchObject({
      stages: [{ stage: "gates", in: 3, out: 1 }],
      eliminations: [{ gate: "relvol", first: 2, all: 2 }],
    });
    expect(spec.cached("amc:discovery:status")?.value).toMatchObject({
      universe: 3,
      candidates: 1,
      health: { status: "healthy", score: null, messages: [] },
    });
  });

  it("stays when an older run is projected after it", () => {
    const spec = given(run({ slot: TEN_O_CLOCK + 900_000 }), run());
    for (const key of [CONTENDERS_KEY, EXPLAIN_KEY, STATUS_KEY, UNIFIED_KEY, newestKey(PREFIX)]) {
      expect(spec.cached(key)?.happenedAt, key).toBe(TEN_O_CLOCK + 900_000);
    }
  });
});
