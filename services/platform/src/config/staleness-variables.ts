import { wholeNumber } from "./variable-kinds.ts";

/** From which age information is stale (R-ENV-25). */
export const STALENESS_VARIABLES = {
  MARKET_DATA_STALENESS_MINUTES: wholeNumber(15, 1, 10_080),
  SHORT_INTEREST_STALENESS_HOURS: wholeNumber(48, 1, 8_760),
  OPTIONS_DATA_STALENESS_HOURS: wholeNumber(24, 1, 8_760),
  NEWS_DATA_STALENESS_HOURS: wholeNumber(6, 1, 8_760),
} as const;

export const STALENESS_VARIABLE_DOCS: Readonly<Record<keyof typeof STALENESS_VARIABLES, string>> = {
  MARKET_DATA_STALENESS_MINUTES:
    "minutes since a price of the session after which it is stale and counts less",
  SHORT_INTEREST_STALENESS_HOURS:
    "hours of trading days since FINRA last answered after which /health says so",
  OPTIONS_DATA_STALENESS_HOURS: "hours since a snapshot after which it is stale and counts less",
  NEWS_DATA_STALENESS_HOURS: "hours since publication after which news is stale and counts less",
};
