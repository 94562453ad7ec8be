import type { HttpAnswer } from "@amc/platform/http/exchange";
import { ProviderError } from "@amc/platform/http/provider-error";
import { readJson } from "@amc/platform/http/read-json";
import { canonicalSymbol } from "@amc/streams/facts/symbol";
import { z } from "zod";

/** One bar as Yahoo states it: 32-bit prices and volume on today's basis, whatever has been split since. */
export interface ChartBar {
  /** Start of its interval, or the open of its day, UTC ms. */
  readonly startMs: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

export interface ChartSplit {
  /** Open of the first day on the new basis, UTC ms. */
  readonly atMs: number;
  /** New shares per old share. */
  readonly ratio: number;
}

/** A chart as Yahoo states it. */
export interface Chart {
  readonly symbol: string;
  readonly intervalMs: number;
  /** Ascending; minutes without trades are not in it. */
  readonly bars: readonly ChartBar[];
  readonly splits: readonly ChartSplit[];
}

const MINUTE_MS = 60_000;
const INTERVALS: Readonly<Record<string, number>> = {
  "1m": MINUTE_MS,
  "2m": 2 * MINUTE_MS,
  "5m": 5 * MINUTE_MS,
  "15m": 15 * MINUTE_MS,
  "30m": 30 * MINUTE_MS,
  "60m": 60 * MINUTE_MS,
  "1h": 60 * MINUTE_MS,
  "1d": 1_440 * MINUTE_MS,
};

const SERIES = z.array(z.number().nullable()).default([]);
const SECONDS = z.int().positive().max(4_102_444_800);
const ANSWER = z.object({
  chart: z.object({
    error: z.object({ code: z.string() }).nullish(),
    result: z
      .array(
        z.object({
          meta: z.object({
            symbol: z.string(),
            currency: z.string(),
            exchangeTimezoneName: z.string(),
            dataGranularity: z.string(),
          }),
          timestamp: z.array(SECONDS).default([]),
          events: z
            .object({
              splits: z
                .record(
                  z.string(),
                  z.object({
                    date: SECONDS,
                    numerator: z.number().positive(),
                    denominator: z.number().positive(),
                  }),
                )
                .default({}),
            })
            .default({ splits: {} }),
          indicators: z.object({
            quote: z.tuple([
              z.object({ open: SERIES, high: SERIES, low: SERIES, close: SERIES, volume: SERIES }),
            ]),
          }),
        }),
      )
      .nullish(),
  }),
});
type Result = NonNullable<z.output<typeof ANSWER>["chart"]["result"]>[number];

/**
 * The chart of the symbol that was asked for. Throws `provider.not-found` when Yahoo does not know it,
 * `provider.unreadable` for anything that is not its chart in dollars and New York time.
 */
export function readChart(answer: HttpAnswer, asked: string): Chart {
  const parsed = ANSWER.safeParse(readJson(answer));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw unreadable(`${issue?.path.join(".")}: ${issue?.message}`);
  }
  const { error, result } = parsed.data.chart;
  if (error?.code === "Not Found") {
    throw new ProviderError("provider.not-found", `Yahoo does not know ${asked}`);
  }
  const [first] = result ?? [];
  if (first === undefined) throw unreadable(`no result (${error?.code.slice(0, 100)})`);
  return chartOf(first, asked);
}

function chartOf(result: Result, asked: string): Chart {
  const { meta, timestamp, events } = result;
  const symbol = canonicalSymbol(meta.symbol);
  const intervalMs = INTERVALS[meta.dataGranularity];
  if (symbol !== asked) throw unreadable(`it is about ${meta.symbol.slice(0, 20)}, not ${asked}`);
  if (meta.currency !== "USD") throw unreadable(`prices are in ${meta.currency.slice(0, 20)}`);
  if (meta.exchangeTimezoneName !== "America/New_York" || intervalMs === undefined) {
    throw unreadable(`time zone or interval ${meta.dataGranularity.slice(0, 20)} is unknown`);
  }
  const splits = Object.values(events.splits).map(({ date, numerator, denominator }) => ({
    atMs: date * 1000,
    ratio: numerator / denominator,
  }));
  return { symbol, intervalMs, splits, bars: barsOf(timestamp, result.indicators.quote[0]) };
}

function barsOf(timestamps: readonly number[], quote: Result["indicators"]["quote"][0]) {
  const series = [quote.open, quote.high, quote.low, quote.close, quote.volume];
  if (series.some(({ length }) => length !== timestamps.length)) {
    throw unreadable("its columns are of different length");
  }
  return timestamps.flatMap((seconds, index): ChartBar[] => {
    const at = (column: readonly (number | null)[]) => column[index] ?? null;
    const [open, high, low] = [at(quote.open), at(quote.high), at(quote.low)];
    const [close, volume] = [at(quote.close), at(quote.volume)];
    // A minute or day without trades.
    if (open === null || high === null || low === null || close === null) return [];
    if (volume === null) return [];
    return [{ startMs: seconds * 1000, open, high, low, close, volume }];
  });
}

function unreadable(reason: string): ProviderError {
  return new ProviderError("provider.unreadable", `the answer is no chart: ${reason}`);
}
