import { z } from "zod";
import { flag, httpsAddress, memory, share, unavailable, wholeNumber } from "./variable-kinds.ts";

/** What short interest has to fulfil, and what is done about it (R-ENV-11, R-ENV-12, R-ENV-14 to R-ENV-16). */
export const SHORT_INTEREST_VARIABLES = {
  ENABLE_SHORT_INTEREST_VALIDATION: flag(true),
  SHORT_INTEREST_QUALITY_THRESHOLD: share(0.75),
  SHORT_INTEREST_UPDATE_FREQUENCY: wholeNumber(720, 720, 1440).refine(
    (minutes) => minutes % 720 === 0,
    "use 720 or 1440: it is looked for at 00:00 and 12:00, or at 00:00 alone",
  ),
  SHORT_INTEREST_BATCH_SIZE: wholeNumber(100, 1, 1_000),
  SHORT_INTEREST_CACHE_TTL: wholeNumber(86_400, 1, 86_400),
  SHORT_INTEREST_MEMORY_LIMIT: memory("512MB", 64, 16_384),
  ENABLE_SHORT_INTEREST_COMPRESSION: flag(true),
  SHORT_INTEREST_MAX_AGE_DAYS: wholeNumber(14, 1, 365),
  SHORT_INTEREST_MIN_VOLUME_FILTER: wholeNumber(1_000_000, 0, 1_000_000_000),
  ALERT_ON_SHORT_INTEREST_ANOMALIES: flag(true),
  SHORT_INTEREST_HISTORICAL_DEPTH: wholeNumber(365, 30, 3650),
  ENABLE_INSTITUTIONAL_HOLDINGS: unavailable(
    "must be false: no source of institutional holdings is connected",
  ),
  ENABLE_SHORT_BORROW_RATES: unavailable(
    "must be false: no source of borrow rates is connected; borrow stress is a proxy out of short volume",
  ),
  ENABLE_SHORT_INTEREST_PREDICTIONS: unavailable(
    "must be false: what is not published is not predicted",
  ),
  FINRA_BUFFER_DAYS: wholeNumber(2, 0, 30),
  FINRA_SCHEDULE_CHECK_ENABLED: flag(true),
  FINRA_SCHEDULE_URL: httpsAddress(
    "https://www.finra.org/filing-reporting/regulatory-filing-systems/short-interest",
  ),
  FINRA_TIMEZONE: z
    .literal("America/New_York", "use America/New_York: FINRA's dates are of no other zone")
    .default("America/New_York"),
} as const;

export const SHORT_INTEREST_VARIABLE_DOCS: Readonly<
  Record<keyof typeof SHORT_INTEREST_VARIABLES, string>
> = {
  ENABLE_SHORT_INTEREST_VALIDATION:
    "whether short interest of low quality, or of symbols that trade little, is left out of scores",
  SHORT_INTEREST_QUALITY_THRESHOLD: "quality from which short interest is scored, 0 to 1",
  SHORT_INTEREST_UPDATE_FREQUENCY:
    "minutes between two looks for new reports of short interest: 720 or 1440",
  SHORT_INTEREST_BATCH_SIZE: "symbols of a report that are appended at a time",
  SHORT_INTEREST_CACHE_TTL:
    "seconds for which the history of a symbol's short interest is kept in the cache; never past a new figure",
  SHORT_INTEREST_MEMORY_LIMIT:
    "memory that the reports of one date may take while they are collected, such as 512MB or 1GB",
  ENABLE_SHORT_INTEREST_COMPRESSION:
    "whether Kafka keeps the history of short interest compressed; topics of before take it with topics check --mend",
  SHORT_INTEREST_MAX_AGE_DAYS: "days since publication for which short interest counts as fresh",
  SHORT_INTEREST_MIN_VOLUME_FILTER:
    "shares a day from which the short interest of a symbol is scored",
  ALERT_ON_SHORT_INTEREST_ANOMALIES: "alerts when shares short more than double",
  SHORT_INTEREST_HISTORICAL_DEPTH:
    "days for which figures of short interest are kept in the tables",
  ENABLE_INSTITUTIONAL_HOLDINGS: "cannot be switched on: there is no source",
  ENABLE_SHORT_BORROW_RATES: "cannot be switched on: there is no source",
  ENABLE_SHORT_INTEREST_PREDICTIONS: "cannot be switched on: nothing is predicted",
  FINRA_SCHEDULE_CHECK_ENABLED: "whether FINRA's page of reporting dates is compared every day",
  FINRA_SCHEDULE_URL: "that page",
  FINRA_TIMEZONE: "zone of FINRA's dates; no other is possible",
  FINRA_BUFFER_DAYS: "days after the publication date from which a missing report is late",
};
