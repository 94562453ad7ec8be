import type { VolumeScope } from "@amc/schemas/generated/events";
import type { MissingValues } from "./missing-values.ts";
import type { SymbolHistory } from "./symbol-history.ts";

/** What happened today, from ticks or, where there are none, from the daily bar. */
export interface DayValues {
  readonly intraday: boolean;
  readonly price: number | null;
  readonly priceAt: number | null;
  readonly dayOpen: number | null;
  readonly dayHigh: number | null;
  readonly dayLow: number | null;
  readonly vwap: number | null;
  readonly sessionVolume: number | null;
  readonly extendedVolume: number | null;
  readonly dollarVolume: number | null;
  readonly scope: VolumeScope | null;
}

/** The running day of a symbol; a null is noted in `missing` with its reason. */
export function dayValues({ session }: SymbolHistory, missing: MissingValues): DayValues {
  if (session.ticks === 0 && session.daily !== null) return dailyBarValues(session.daily, missing);
  const intraday = session.ticks > 0;
  // Ticks before the open, and quotes, say nothing about the regular session.
  const unopened = intraday ? "no-session-volume" : "no-intraday-bars";
  const price = orNull(session.price) ?? missing.note("price", "no-price");
  const vwap =
    session.volume > 0 ? session.priceVolume / session.volume : missing.note("vwap", unopened);
  return {
    intraday,
    price,
    priceAt: price === null ? missing.note("priceAt", "no-price") : session.priceAt,
    dayOpen: orNull(session.open) ?? missing.note("dayOpen", unopened),
    dayHigh: orNull(session.high) ?? missing.note("dayHigh", "no-price"),
    dayLow: orNull(session.low) ?? missing.note("dayLow", "no-price"),
    vwap,
    sessionVolume: intraday ? session.volume : missing.note("sessionVolume", "no-intraday-bars"),
    extendedVolume: intraday
      ? session.extendedVolume
      : missing.note("extendedVolume", "no-intraday-bars"),
    dollarVolume: intraday
      ? session.dollarVolume
      : missing.note("dollarVolume", "no-intraday-bars"),
    scope: intraday && !session.mixedScopes ? session.scope : null,
  };
}

function dailyBarValues(
  daily: NonNullable<SymbolHistory["session"]["daily"]>,
  missing: MissingValues,
): DayValues {
  const { open, high, low, close, volume, happenedAt, scope } = daily;
  return {
    intraday: false,
    price: close,
    priceAt: happenedAt,
    dayOpen: open,
    dayHigh: high,
    dayLow: low,
    vwap: missing.note("vwap", "daily-resolution"),
    sessionVolume: volume,
    extendedVolume: missing.note("extendedVolume", "daily-resolution"),
    dollarVolume: ((high + low + close) / 3) * volume,
    scope,
  };
}

function orNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
