import { describe, expect, it } from "vitest";
import { DAY_MS } from "../../market/calendar-date.ts";
import { given } from "../../testing/projection-spec.ts";
import { shortQuality } from "../../testing/short-quality-events.ts";

const JUDGED = shortQuality().value.happenedAt;

describe("judged short interest", () => {
  it("is a row of what the source states, with its quality", () => {
    const spec = given(shortQuality());
    expect(spec.misfits).toEqual([]);
    expect(spec.rows("short_interest_data")).toMatchObject([
      {
        symbol: "GME",
        reporting_date: "2021-01-15",
        settlement_date: "2021-01-15",
        short_interest_shares: 61_782_730,
        avg_daily_volume: 29_385_884,
        days_to_cover: 2.1,
        short_percent_float: 1.3176439,
        data_source: "finra",
        data_quality_score: 0.89,
        updated_at: JUDGED,
      },
    ]);
  });

  it("R-SI-07: is a row of its four scores and the overall one, with notes", () => {
    const scores = { completeness: 1, accuracy: 0.9, freshness: 0.866878, consistency: 0.95 };
    const tvSi05 = shortQuality({ ...scores, overall: 0.93 });
    expect(given(tvSi05).rows("short_interest_quality")).toMatchObject([
      {
        completeness_score: 1,
        accuracy_score: 0.9,
        freshness_score: 0.866878,
        consistency_score: 0.95,
        overall_quality: 0.93,
        validation_notes: {
          notes: ["single-source", "percent-of-float-extreme"],
          agreement: "low",
        },
        event_id: tvSi05.id,
      },
    ]);
  });

  it("keeps every judgement, and of what a source states the newest, in any order", () => {
    const later = { happenedAt: JUDGED + DAY_MS, vintage: 2, sharesShort: 61_000_000 };
    const events = [shortQuality(), shortQuality(later), shortQuality({ source: "yahoo" })];
    const spec = given(...events);
    const backwards = given(...events.toReversed());
    for (const table of ["short_interest_data", "short_interest_quality"] as const) {
      expect(backwards.rows(table)).toEqual(spec.rows(table));
    }
    expect(spec.rows("short_interest_quality")).toHaveLength(3);
    expect(spec.rows("short_interest_data")).toMatchObject([
      { data_source: "finra", short_interest_shares: 61_000_000 },
      { data_source: "yahoo", short_interest_shares: 61_782_730 },
    ]);
  });
});
