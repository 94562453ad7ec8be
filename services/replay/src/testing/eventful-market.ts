import type { PriceTick, ReferenceField } from "@amc/schemas/generated/events";
import { DAY_MS } from "@amc/streams/market/calendar-date";
import { newYorkToUtc } from "@amc/streams/market/event-time";
import { tradingDayOf } from "@amc/streams/market/sessions";
import { seededRandom } from "../seeded-random.ts";
import { factTimes, simulatedFact } from "../simulated-market.ts";
import type { FactSlice, SliceFactAppend } from "../slices.ts";
import { barsOf, optionSnapshot } from "./option-snapshots.ts";

/** Chances per bar of the running session; high enough that an hour of 30 symbols has all of them. */
const SNAPSHOT = 0.15;
const NEWS = 0.05;
const FIGURE = 0.1;
const HALT = 0.004;
const SPLIT = 0.01;
/** Slices until a halted symbol trades again. */
const HALTED_SLICES = 3;

/**
 * Adds to a market of bars what else happens to symbols: option snapshots, headlines with and without a
 * polarity and a dated event, halts and resumptions, corporate actions, and figures about float, loans,
 * short sales and fails. Every topic of facts is told about all through the running session. The same
 * market and seed give the same bytes.
 */
export function eventful(market: Iterable<FactSlice>, seed: number): FactSlice[] {
  const random = seededRandom(seed);
  const resumptions: { readonly dueIn: number; readonly bar: PriceTick }[] = [];
  return [...market].map((slice) => {
    const added: SliceFactAppend[] = [];
    const due = resumptions.splice(0);
    for (const { dueIn, bar } of due) {
      if (dueIn > 0) resumptions.push({ dueIn: dueIn - 1, bar });
      else added.push(haltFact({ ...bar, happenedAt: slice.atMs }, "RESUMED"));
    }
    for (const bar of barsOf(slice)) {
      // A volatility that differs from day to day, so that its rank does.
      const share = 0.05 + 0.05 * random();
      if (bar.intervalMs >= DAY_MS) {
        added.push(optionSnapshot(bar, 5, share));
        continue;
      }
      if (random() < SNAPSHOT) added.push(optionSnapshot(bar, 0, share));
      if (random() < NEWS) added.push(newsFact(bar, random));
      if (random() < FIGURE) added.push(figureFact(bar, random));
      if (random() < SPLIT) added.push(splitFact(bar, random));
      if (random() < HALT) {
        added.push(haltFact(bar, "HALTED"));
        resumptions.push({ dueIn: HALTED_SLICES, bar });
      }
    }
    return { ...slice, facts: [...slice.facts, ...added] };
  });
}

function at({ symbol, happenedAt }: PriceTick) {
  return factTimes(symbol, happenedAt, happenedAt);
}

/** More good news than bad, from two outlets; some announce an event of the next three weeks. */
function newsFact(bar: PriceTick, random: () => number): SliceFactAppend {
  const outlet = random() < 0.5 ? "simulated-wire" : "simulated-desk";
  const value = {
    ...at(bar),
    source: outlet,
    itemId: `${bar.symbol}/${bar.happenedAt}`,
    headline: `${bar.symbol} is in the news`,
    url: null,
    timePrecision: "INSTANT",
    polarity: random() < 0.2 ? null : 1.4 * random() - 0.4,
    credibility: random() < 0.3 ? null : random(),
    eventAt: random() < 0.5 ? null : bar.happenedAt + Math.round(21 * random() * DAY_MS),
  } as const;
  return simulatedFact("market.news.v1", value, "news");
}

/** A stock dividend of 5 %, in force since the morning or from the next day on. */
function splitFact(bar: PriceTick, random: () => number): SliceFactAppend {
  const morning = newYorkToUtc(tradingDayOf(bar.happenedAt), "04:00");
  const effectiveAt = random() < 0.5 ? morning : morning + DAY_MS;
  const value = { ...at(bar), action: "SPLIT", effectiveAt, ratio: 1.05, newSymbol: null } as const;
  return simulatedFact("market.corporate-action.v1", value, "split");
}

function haltFact(bar: PriceTick, status: "HALTED" | "RESUMED"): SliceFactAppend {
  const reason = status === "HALTED" ? "LUDP" : null;
  return simulatedFact("market.halt.v1", { ...at(bar), status, reason }, status);
}

function figureFact(bar: PriceTick, random: () => number): SliceFactAppend {
  const share = random();
  const kinds: readonly (() => SliceFactAppend)[] = [
    () => referenceFact(bar, "FLOAT_SHARES", Math.round(10e6 + 60e6 * share)),
    () => referenceFact(bar, "SHARES_OUTSTANDING", Math.round(70e6 + 60e6 * share)),
    () => referenceFact(bar, "BORROW_FEE", share),
    () => referenceFact(bar, "UTILISATION", share),
    () => referenceFact(bar, "SHORT_SALE_THRESHOLD", Math.round(share)),
    () => shortInterestFact(bar, share),
    () => shortVolumeFact(bar, share),
    () => failsFact(bar, share),
  ];
  const kind = kinds[Math.floor(kinds.length * random())];
  if (kind === undefined) throw new RangeError("no such kind of figure");
  return kind();
}

function referenceFact(bar: PriceTick, field: ReferenceField, value: number): SliceFactAppend {
  const fact = { ...at(bar), field, value, precision: "EXACT", note: null } as const;
  return simulatedFact("market.reference.v1", fact, field);
}

function shortInterestFact(bar: PriceTick, share: number): SliceFactAppend {
  const value = {
    ...at(bar),
    settlementDate: tradingDayOf(bar.happenedAt - 10 * DAY_MS),
    sharesShort: Math.round(30e6 * share),
    previousSharesShort: 10_000_000,
    averageDailyVolume: 2_000_000,
    daysToCover: null,
    precision: "EXACT",
    revision: true,
  } as const;
  return simulatedFact("short.interest.v1", value, "short-interest");
}

function shortVolumeFact(bar: PriceTick, share: number): SliceFactAppend {
  const value = {
    ...at(bar),
    tradeDate: tradingDayOf(bar.happenedAt - DAY_MS),
    shortVolume: Math.round(1e6 * share),
    shortExemptVolume: null,
    totalVolume: 1_000_000,
    facilities: "B,Q,N",
  };
  return simulatedFact("short.volume.v1", value, "short-volume");
}

function failsFact(bar: PriceTick, share: number): SliceFactAppend {
  const settlementDate = tradingDayOf(newYorkToUtc("2025-02-14", "12:00"));
  const quantity = Math.round(200_000 * share);
  const value = { ...at(bar), settlementDate, quantity, price: null };
  return simulatedFact("short.fails-to-deliver.v1", value, "fails");
}
