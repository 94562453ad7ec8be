import type { ShortQuality } from "@amc/schemas/generated/events";
import { uuidOf } from "../kernel/ids.ts";
import type { StageEvent } from "../kernel/stage.ts";
import { newYorkToUtc } from "../market/event-time.ts";

const PUBLISHED = newYorkToUtc("2021-01-27", "18:00");

/** FINRA's figure of GME for 2021-01-15 as judged when it was published, unless `known` says otherwise. */
export function shortQuality(known: Partial<ShortQuality> = {}): StageEvent<"short.quality.v1"> {
  const value: ShortQuality = {
    symbol: "GME",
    happenedAt: PUBLISHED,
    publishedAt: PUBLISHED,
    capturedAt: PUBLISHED,
    simulated: false,
    settlementDate: "2021-01-15",
    source: "finra",
    factId: uuidOf("short.interest.v1/GME/2021-01-15"),
    vintage: 1,
    revision: false,
    leading: true,
    firstPublishedAt: PUBLISHED,
    sharesShort: 61_782_730,
    previousSharesShort: 71_196_206,
    averageDailyVolume: 29_385_884,
    daysToCover: 2.1,
    floatShares: 46_888_789,
    percentFloat: 1.3176439,
    change: -0.132219,
    completeness: 1,
    accuracy: 0.7,
    freshness: 1,
    consistency: 0.867781,
    overall: 0.89,
    usable: true,
    usableUntil: PUBLISHED + 3_000_000_000,
    exclusions: [],
    agreement: "LOW",
    agreementConfidence: 0.5,
    sources: ["finra"],
    deviation: 0,
    outliers: [],
    consensus: 61_782_730,
    jump: false,
    jumpIsNew: false,
    notes: ["single-source", "percent-of-float-extreme"],
    ...known,
  };
  const { symbol, settlementDate, source, vintage, happenedAt } = value;
  const id = uuidOf(
    `short.quality.v1/${symbol}/${settlementDate}/${source}/${vintage}/${happenedAt}`,
  );
  return { topic: "short.quality.v1", id, key: symbol, value };
}
