import { describe, expect, it } from "vitest";
import type { AnyEvent } from "../kernel/stage.ts";
import { alertRequested, priceTick, recommendation, run } from "../testing/projected-events.ts";
import { given } from "../testing/projection-spec.ts";
import { projectEvent } from "./project-event.ts";

/** The value need not be one that the codec would write: a foreign producer may have. */
function misfit(event: AnyEvent): string | null {
  const projected = projectEvent(event, new Uint8Array(), {
    projection: "discovery",
    partition: 0,
    offset: 0,
  });
  if (projected.ok) return null;
  const { table, column, code } = projected.misfit;
  return `${table}.${column} ${code}`;
}

describe("column limits (domain-facts §18)", () => {
  it.each([
    [recommendation({ price: 999_999.9999 }), null],
    [recommendation({ price: 1_000_000 }), "recommendations.price column.range"],
    [recommendation({ price: 999_999.99995 }), "recommendations.price column.range"],
    [recommendation({ shortFraction: 1.5184 }), null],
    [recommendation({ shortFraction: 3 }), null],
    [recommendation({ shortFraction: 3.0001 }), "recommendations.short_percent_float column.range"],
    [recommendation({ daysToCover: 99_999_999.99 }), null],
    [recommendation({ daysToCover: 1e8 }), "recommendations.days_to_cover column.range"],
    [
      recommendation({ sharesShort: 2 ** 60 }),
      "recommendations.short_interest_shares column.range",
    ],
    [priceTick({ symbol: "ABCDEFGHIJ" }), null],
    [priceTick({ symbol: "ABCDEFGHIJK" }), "prices_latest.symbol column.length"],
    [alertRequested({ title: "t".repeat(200) }), null],
    [alertRequested({ title: "t".repeat(201) }), "alerts.title column.length"],
    [alertRequested({ title: "😀".repeat(200) }), null],
    [run({ universe: 2_147_483_648 }), "discovery_runs.universe column.range"],
  ])(
    "case %#: a value at its limit is kept and one beyond is refused, never cut",
    (event, expected) => {
      expect(misfit(event)).toBe(expected);
    },
  );

  it.each([
    [priceTick({ close: Number.NaN }), "prices_latest.close column.range"],
    [priceTick({ close: Number.POSITIVE_INFINITY }), "prices_latest.close column.range"],
    [priceTick({ happenedAt: -1 }), "prices_latest.happened_at column.time"],
    [priceTick({ happenedAt: 253_402_300_800_000 }), "prices_latest.happened_at column.time"],
    [alertRequested({ message: "a\u0000b" }), "alerts.message column.text"],
    [alertRequested({ subjectId: "nobody" }), "alerts.subject_id column.identity"],
    [run({ tradingDay: "13.01.2021" }), "discovery_runs.trading_day column.time"],
    [run({ healthMessages: ["zero \u0000"] }), "discovery_audit_log.metadata column.text"],
  ])("case %#: a value PostgreSQL could not hold is refused with its column", (event, expected) => {
    expect(misfit(event)).toBe(expected);
  });

  it("writes nothing of an event that has one value which does not fit", () => {
    const spec = given(recommendation({ price: 1_000_000 }));
    expect(spec.rows("recommendations")).toEqual([]);
    expect(spec.rows("event_index")).toEqual([]);
  });
});
