import { flag, share, wholeNumber } from "./variable-kinds.ts";

/** What short interest has to fulfil, and what is done about it (R-ENV-11, R-ENV-12, R-ENV-14). */
export const SHORT_INTEREST_VARIABLES = {
  ENABLE_SHORT_INTEREST_VALIDATION: flag(true),
  SHORT_INTEREST_QUALITY_THRESHOLD: share(0.75),
  SHORT_INTEREST_MAX_AGE_DAYS: wholeNumber(14, 1, 365),
  SHORT_INTEREST_MIN_VOLUME_FILTER: wholeNumber(1_000_000, 0, 1_000_000_000),
  ALERT_ON_SHORT_INTEREST_ANOMALIES: flag(true),
  FINRA_BUFFER_DAYS: wholeNumber(2, 0, 30),
} as const;

export const SHORT_INTEREST_VARIABLE_DOCS: Readonly<
  Record<keyof typeof SHORT_INTEREST_VARIABLES, string>
> = {
  ENABLE_SHORT_INTEREST_VALIDATION:
    "whether short interest of low quality, or of symbols that trade little, is left out of scores",
  SHORT_INTEREST_QUALITY_THRESHOLD: "quality from which short interest is scored, 0 to 1",
  SHORT_INTEREST_MAX_AGE_DAYS: "days since publication for which short interest counts as fresh",
  SHORT_INTEREST_MIN_VOLUME_FILTER:
    "shares a day from which the short interest of a symbol is scored",
  ALERT_ON_SHORT_INTEREST_ANOMALIES: "alerts when shares short more than double",
  FINRA_BUFFER_DAYS: "days after the publication date from which a missing report is late",
};
