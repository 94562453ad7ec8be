import type { Features, Options } from "@amc/schemas/generated/events";
import {
  atTheMoneyVolatility,
  PERCENTILE_OBSERVATIONS_MIN,
  percentileRank,
  snapshotConfidence,
} from "../market/options.ts";
import type { FeatureFlag } from "./feature-flags.ts";
import type { MissingReason, MissingValues } from "./missing-values.ts";
import type { KnownOptions, KnownVolatility, ReferenceState } from "./reference-state.ts";
import type { UsedFacts } from "./used-facts.ts";

const HOUR_MS = 3_600_000;
const TOPIC = "market.options.v1";
/**
 * A volatility this low in its own history has room to rise: the lowest band of the squeeze
 * detector's options gamma (domain-facts §4.2), and low is what C-29 settles on.
 */
const EXPANSION_PERCENTILE_MAX = 20;

export type OptionValues = Pick<
  Features,
  | "atmIv"
  | "ivPercentile"
  | "callPutRatio"
  | "gammaWallStrike"
  | "optionsVolumeRatio"
  | "optionsConfidence"
>;

/** What the newest snapshot of the nearest expiry says, against the volatilities of days past. */
export function optionValues(
  { options: known, volatilities }: ReferenceState,
  atMs: number,
  missing: MissingValues,
  used: UsedFacts[],
  flags: FeatureFlag[],
): OptionValues {
  const absent = (feature: string): null => missing.note(feature, "no-source");
  if (known === null) {
    return {
      atmIv: absent("atmIv"),
      ivPercentile: absent("ivPercentile"),
      callPutRatio: absent("callPutRatio"),
      gammaWallStrike: absent("gammaWallStrike"),
      optionsVolumeRatio: absent("optionsVolumeRatio"),
      optionsConfidence: absent("optionsConfidence"),
    };
  }
  used.push({ role: "options", topic: TOPIC, facts: [known] });
  const { snapshot } = known;
  const { callVolume, putVolume } = snapshot;
  const atmIv = atTheMoneyVolatility(snapshot) ?? missing.note("atmIv", whyNoVolatility(snapshot));
  const ivPercentile =
    snapshot.ivPercentile ??
    (atmIv === null
      ? missing.note("ivPercentile", whyNoVolatility(snapshot))
      : percentileOverDays(atmIv, volatilities, missing, used));
  if (ivPercentile !== null && ivPercentile <= EXPANSION_PERCENTILE_MAX) {
    flags.push("iv-expansion-potential");
  }
  return {
    atmIv,
    ivPercentile,
    callPutRatio:
      callVolume === null || putVolume === null
        ? absent("callPutRatio")
        : missing.ratio("callPutRatio", callVolume, putVolume),
    gammaWallStrike: snapshot.gammaWallStrike ?? absent("gammaWallStrike"),
    optionsVolumeRatio: snapshot.volumeRatio ?? absent("optionsVolumeRatio"),
    optionsConfidence: quoteConfidence(known, atMs) ?? absent("optionsConfidence"),
  };
}

/** Quotes that nobody stated, or from which no volatility follows: no bid, crossed, below parity. */
function whyNoVolatility({ underlyingPrice, callBid, callAsk }: Options): MissingReason {
  const stated = underlyingPrice !== null && callBid !== null && callAsk !== null;
  return stated ? "unusable-quote" : "no-source";
}

/** Rank of a volatility among those of days past, for a vendor that does not state it. */
function percentileOverDays(
  atmIv: number,
  volatilities: readonly KnownVolatility[],
  missing: MissingValues,
  used: UsedFacts[],
): number | null {
  // Listed while it warms up as well: how many days are known is read from it.
  if (volatilities.length > 0) {
    used.push({ role: "volatilityHistory", topic: TOPIC, facts: volatilities });
  }
  const observed = volatilities.flatMap(({ iv }) => (iv === null ? [] : [iv]));
  const percentile = percentileRank(observed, atmIv);
  return missing.warm("ivPercentile", percentile, observed.length, PERCENTILE_OBSERVATIONS_MIN);
}

function quoteConfidence({ snapshot, happenedAt }: KnownOptions, atMs: number): number | null {
  const { callBid, callAsk, putBid, putAsk } = snapshot;
  if (callBid === null || callAsk === null || putBid === null || putAsk === null) return null;
  const quotes = [
    { bid: callBid, ask: callAsk },
    { bid: putBid, ask: putAsk },
  ];
  return snapshotConfidence(quotes, (atMs - happenedAt) / HOUR_MS);
}
