import type { StalenessLimits } from "@amc/streams/market/shelf-life";
import type { Variables } from "./variables.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Ages as the environment gives them (R-ENV-25): the same at capture and where confidence is computed. */
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
