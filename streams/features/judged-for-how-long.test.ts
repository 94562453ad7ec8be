import fc from "fast-check";
import { expect, it } from "vitest";
import { DAY_MS } from "../market/calendar-date.ts";
import { newYorkToUtc } from "../market/event-time.ts";
import { DEFAULT_SHORT_INTEREST } from "../short-interest/rules.ts";
import { shortInterestFact } from "../testing/symbol-facts.ts";
import { judgedShortInterest } from "./judged-short-interest.ts";
import { EMPTY_REFERENCE, type ReferenceState, withShortInterest } from "./reference-state.ts";

const PUBLISHED = newYorkToUtc("2021-01-12", "18:00");
const MARKET = { floatShares: 25_000_000, floatPrecision: "exact", adv30: 2_000_000 } as const;

/** What several sources state of one settlement date, and a split that takes effect later. */
function stateOf(stated: readonly number[], splitAfterDays: number | null): ReferenceState {
  const sources = ["finra", "yahoo", "polygon"];
  const state = stated.reduce((known, sharesShort, index) => {
    const { id, value } = shortInterestFact(PUBLISHED + index, {
      settlementDate: "2020-12-31",
      happenedAt: newYorkToUtc("2020-12-31", "16:00"),
      ...{ source: sources[index] ?? "other", confidence: 0.9, sharesShort },
      ...{ previousSharesShort: 5_000_000, averageDailyVolume: null, daysToCover: null },
    });
    return withShortInterest(known, id, value);
  }, EMPTY_REFERENCE);
  const [report] = state.shortInterest;
  if (splitAfterDays === null || report === undefined) return state;
  const effectiveAt = PUBLISHED + splitAfterDays * DAY_MS;
  return { ...state, splits: [{ ...report, effectiveAt, ratio: 4, applied: false }] };
}

it("a judgement of short interest holds as long as it says, whatever passes meanwhile", () => {
  const days = fc.double({ min: 0, max: 70, noNaN: true });
  const stated = fc.array(fc.integer({ min: 3_000_000, max: 9_000_000 }), {
    ...{ minLength: 1, maxLength: 3 },
  });
  const split = fc.option(fc.integer({ min: 0, max: 70 }), { nil: null });
  fc.assert(
    fc.property(
      ...[
        stated,
        split,
        fc.constantFrom(14, 40, 60),
        days,
        fc.double({ min: 0, max: 1, noNaN: true }),
      ],
      (sharesShort, splitAfterDays, maxAgeDays, ageDays, later) => {
        const state = stateOf(sharesShort, splitAfterDays);
        const rules = { ...DEFAULT_SHORT_INTEREST, maxAgeMs: maxAgeDays * DAY_MS };
        const atMs = Math.floor(PUBLISHED + 3 + ageDays * DAY_MS);
        const judged = judgedShortInterest(state, MARKET, rules, atMs);
        const until = judged?.holdsUntil ?? atMs;
        const laterMs = Math.floor(atMs + later * (until - 1 - atMs));
        if (laterMs <= atMs) return;
        const again = judgedShortInterest(state, MARKET, rules, laterMs);
        expect({ ...again, holdsUntil: until }).toEqual(judged);
      },
    ),
    { numRuns: 500 },
  );
});
