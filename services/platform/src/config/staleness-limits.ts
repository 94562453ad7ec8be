import { MINUTE_MS } from "@amc/streams/market/calendar-date";
import type { StalenessLimits } from "@amc/streams/market/shelf-life";
import type { Variables } from "./variables.ts";

const HOUR_MS = 60 * MINUTE_MS;

/** The ages that the environment gives: the same at capture and where confidence is computed. */
export function stalenessLimits(
  variables: Pick<
    Variables,
    "MARKET_DATA_STALENESS_MINUTES" | "OPTIONS_DATA_STALENESS_HOURS" | "NEWS_DATA_STALENESS_HOURS"
  >,
): StalenessLimits {
  return {
    marketMs: variables.MARKET_DATA_STALENESS_MINUTES * MINUTE_MS,
    optionsMs: variables.OPTIONS_DATA_STALENESS_HOURS * HOUR_MS,
    newsMs: variables.NEWS_DATA_STALENESS_HOURS * HOUR_MS,
  };
}
