import type { Features } from "@amc/schemas/generated/events";
import { MINUTE_MS } from "../market/calendar-date.ts";
import { newYorkDateOf, newYorkTimeOfDayMs } from "../market/event-time.ts";

/** One thing that speaks for a symbol, in words, and its share of what its component gave. */
interface Saying {
  readonly text: string;
  readonly share: number;
}

type Writer = (features: Features) => readonly (Saying | null)[];

/** More than these are no longer reasons. */
const REASONS_MAX = 8;

/** What each component has to say; a component that speaks against the symbol says nothing. */
const WRITERS: Readonly<Record<string, Writer>> = {
  "volume_momentum.relvol": (features) => [volume(features)],
  "volume_momentum.vwap_reclaim": (features) => [vwap(features)],
  "volume_momentum.uptrend": (features) => [uptrend(features)],
  "volume_momentum.atr": (features) => [atr(features)],
  "squeeze.float": (features) => [float(features)],
  "squeeze.short_metrics": (features) => [
    shortInterest(features),
    daysToCover(features, 0.5),
    shortVolume(features, 0.3),
  ],
  "squeeze.short_interest": (features) => [shortInterest(features)],
  "squeeze.borrow_fee": ({ borrowFee }) => [
    borrowFee === null ? null : saying(`borrowing costs ${percent(borrowFee)} a year`),
  ],
  "squeeze.utilisation": ({ utilisation }) => [
    utilisation === null ? null : saying(`${percent(utilisation)} of lendable shares are lent out`),
  ],
  "squeeze.options_gamma": (features) => [callPut(features), lowVolatility(features)],
  "squeeze.volume_pressure": (features) => [volume(features)],
  "catalyst_news.news_sentiment": (features) => [news(features)],
  "catalyst_news.social_momentum": ({ socialRank }) => [
    socialRank === null ? null : saying(`mentioned more than ${percent(socialRank, 0)} of symbols`),
  ],
  "catalyst_news.event_proximity": ({ nextEventDays }) => [
    nextEventDays === null ? null : saying(`dated event in ${days(Math.round(nextEventDays))}`),
  ],
  "options_flow.gamma_potential": ({ gammaWallStrike }) => [
    gammaWallStrike === null ? null : saying(`gamma wall at ${gammaWallStrike.toFixed(2)}`),
  ],
  "options_flow.call_put_flow": (features) => [callPut(features)],
  "options_flow.iv_expansion": (features) => [lowVolatility(features)],
  "options_flow.unusual_activity": ({ optionsVolumeRatio: ratio }) => [
    ratio === null ? null : saying(`options volume ${ratio.toFixed(1)}x its 30-day mean`),
  ],
  "technicals.ema_momentum": (features) => [emaCross(features)],
  "technicals.rsi": ({ rsi14 }) => [
    rsi14 === null || rsi14 < 50 || rsi14 > 80 ? null : saying(`RSI(14) at ${rsi14.toFixed(0)}`),
  ],
  "technicals.vwap_reclaim": (features) => [vwap(features)],
  "technicals.breakout": ({ high20 }) => [
    high20 === null ? null : saying(`above its 20-session high of ${high20.toFixed(2)}`),
  ],
  "vigl_pattern.float": (features) => [float(features)],
  "vigl_pattern.volume": (features) => [volume(features)],
  "vigl_pattern.short_interest": (features) => [shortInterest(features)],
};

/**
 * What speaks for a symbol in words a trader understands, strongest first. The order follows the
 * share that each `detector.component` has in the score; equal sayings of two components add up.
 */
export function reasonsOf(features: Features, strengths: ReadonlyMap<string, number>): string[] {
  const strengthByText = new Map<string, number>();
  for (const [component, strength] of strengths) {
    if (strength <= 0) continue;
    for (const found of WRITERS[component]?.(features) ?? []) {
      if (found === null) continue;
      strengthByText.set(
        found.text,
        (strengthByText.get(found.text) ?? 0) + strength * found.share,
      );
    }
  }
  return [...strengthByText]
    .sort(([a, first], [b, second]) => second - first || (a < b ? -1 : 1))
    .slice(0, REASONS_MAX)
    .map(([text]) => text);
}

function saying(text: string, share = 1): Saying {
  return { text, share };
}

function volume({ relvol30, volumeSpike, trigger, happenedAt }: Features): Saying | null {
  const ratio = relvol30 ?? volumeSpike;
  if (ratio === null || ratio < 1) return null;
  if (trigger === "DAILY") return saying(`volume ${ratio.toFixed(1)}x that of a usual day`);
  return saying(`volume ${ratio.toFixed(1)}x what is usual by ${clock(happenedAt)}`);
}

function vwap({ price, vwap: average }: Features): Saying | null {
  if (price === null || average === null || price < average) return null;
  return saying(`price ${percent(price / average - 1)} above VWAP`);
}

function uptrend({ uptrendDays, priceChange5d }: Features): Saying | null {
  if (priceChange5d !== null && priceChange5d >= 0.05) {
    return saying(`up ${percent(priceChange5d, 0)} in five sessions`);
  }
  if (uptrendDays === null || uptrendDays === 0) return null;
  return saying(`${uptrendDays} ${uptrendDays === 1 ? "close" : "closes"} in a row higher`);
}

function atr({ atrPct }: Features): Saying | null {
  return atrPct === null ? null : saying(`moves ${percent(atrPct)} on an average day`);
}

function float({ floatShares, floatPrecision }: Features): Saying | null {
  if (floatShares === null) return null;
  const bound = floatPrecision === "bound" ? "at most " : "";
  return saying(`float ${bound}${(floatShares / 1e6).toFixed(1)} M shares`);
}

/** Over a bounded float the fraction is a lower bound. */
function shortInterest({
  shortFraction,
  floatPrecision,
  shortPublishedAt,
}: Features): Saying | null {
  if (shortFraction === null) return null;
  const bound = floatPrecision === "bound" ? "at least " : "";
  const published =
    shortPublishedAt === null ? "" : ` (published ${dayAndMonth(shortPublishedAt)})`;
  return saying(`short interest ${bound}${percent(shortFraction, 0)} of float${published}`);
}

function daysToCover({ daysToCover: cover }: Features, share: number): Saying | null {
  return cover === null || cover < 5 ? null : saying(`${cover.toFixed(1)} days to cover`, share);
}

function shortVolume({ shortVolumeFraction: fraction }: Features, share: number): Saying | null {
  if (fraction === null || fraction < 0.4) return null;
  return saying(`${percent(fraction, 0)} of off-exchange volume was sold short`, share);
}

function callPut({ callPutRatio: ratio }: Features): Saying | null {
  if (ratio === null || ratio < 1) return null;
  return saying(`${ratio.toFixed(1)} calls traded per put`);
}

function lowVolatility({ ivPercentile: rank }: Features): Saying | null {
  if (rank === null || rank > 50) return null;
  return saying(`implied volatility lower than on ${(100 - rank).toFixed(0)} % of days`);
}

function news({ newsSentiment, newsSources }: Features): Saying | null {
  if (newsSentiment === null || newsSentiment <= 0) return null;
  const outlets = newsSources === 1 ? "one outlet" : `${newsSources} outlets`;
  return saying(`positive news from ${outlets}`);
}

function emaCross({ ema9, ema20 }: Features): Saying | null {
  if (ema9 === null || ema20 === null) return null;
  return saying(`9-day average ${percent(ema9 / ema20 - 1)} above the 20-day`);
}

function percent(fraction: number, digits = 1): string {
  return `${(fraction * 100).toFixed(digits)} %`;
}

function days(count: number): string {
  return count === 1 ? "1 day" : `${count} days`;
}

/** `HH:MM` on New York's wall clock. */
function clock(epochMs: number): string {
  const minutes = Math.floor(newYorkTimeOfDayMs(epochMs) / MINUTE_MS);
  return `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** `12 Jan`, in New York. */
function dayAndMonth(epochMs: number): string {
  const [, month, day] = newYorkDateOf(epochMs).split("-");
  return `${Number(day)} ${MONTHS[Number(month) - 1] ?? ""}`;
}
