import { describe, expect, it } from "vitest";
import { TEN_O_CLOCK } from "../../testing/features-builder.ts";
import { run, runIdAt } from "../../testing/projected-events.ts";
import { given } from "../../testing/projection-spec.ts";
import { CONTENDERS_KEY, EXPLAIN_KEY, STATUS_KEY, unifiedKey } from "./cache.ts";

describe("what a run leaves in the cache", () => {
  it("is its ranking under the strategy's key and the preserved one, for 900 s (R-RDS-07, R-RDS-08)", () => {
    const spec = given(run());
    expect(spec.cached("amc:discovery:unified:unified_detectors:latest")).toEqual({
      key: unifiedKey("unified_detectors"),
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
      spec.cached(unifiedKey("unified_detectors"))?.value,
    );
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
    for (const key of [CONTENDERS_KEY, EXPLAIN_KEY, STATUS_KEY, unifiedKey("unified_detectors")]) {
      expect(spec.cached(key)?.happenedAt, key).toBe(TEN_O_CLOCK + 900_000);
    }
  });
});
