import { Conditions } from "./conditions.ts";
import type { ReadView, ShortInterestCoverage } from "./port.ts";
import { IS_PRICED } from "./priced.ts";
import {
  flagOf,
  instantOrNull,
  integerOf,
  type Row,
  type RunQuery,
  storedEvent,
  textOf,
  textOrNull,
} from "./stored-rows.ts";

const QUALITY = "short.quality.v1";

/** Judged short interest, as the tables hold it. */
export function shortInterestReads(
  run: RunQuery,
): Pick<ReadView, "shortInterest" | "shortInterestCoverage" | "reportingSchedule"> {
  return {
    shortInterest: async (query) => {
      const where = new Conditions();
      const judged = judgedOf(where.add(query.symbol));
      const rows = await run(
        `SELECT event_id, event FROM (${judged}) AS judged
          ${where.since(query.fromMs).before(query.toMs).page(query).text}
          ${where.newestFirst(query)}`,
        where.values,
      );
      return rows.map((row) => storedEvent(QUALITY, row));
    },
    shortInterestCoverage: async (maxAgeMs) => {
      const [row = {}] = await run(COVERAGE, [`${maxAgeMs} milliseconds`]);
      return coverageOf(row);
    },
    reportingSchedule: async () => {
      const rows = await run(SCHEDULE, []);
      return rows.map((row) => ({
        settlementDate: textOf(row, "settlement_date"),
        dueDate: textOf(row, "due_date"),
        publishedDate: textOf(row, "published_date"),
        status: textOf(row, "status"),
        notes: textOrNull(row, "notes"),
      }));
    },
  };
}

const SCHEDULE = `
  SELECT settlement_date::text, due_date::text, published_date::text, status, notes
  FROM finra_reporting_schedule ORDER BY settlement_date`;

/** The table calls the instant of a judgement otherwise than all others do. */
function judgedOf(symbol: string): string {
  return `SELECT event_id, event, created_at AS happened_at
    FROM short_interest_quality WHERE symbol = ${symbol}`;
}

/**
 * Of every symbol that has a price the newest period with the source that stands for it, as of the
 * newest features: a replayed year is judged by its own end and not by today. FINRA reports thousands
 * of symbols that nobody sends us prices of; those are kept and not tracked.
 */
const COVERAGE = `
  WITH now AS (SELECT max(happened_at) AS at FROM features_latest)
  SELECT max(now.at) AS at,
         count(*)::integer AS tracked,
         count(newest.symbol)::integer AS reported,
         (count(*) FILTER (WHERE usable AND (usable_until IS NULL OR now.at < usable_until)))::integer
           AS usable,
         (count(*) FILTER (WHERE data.created_at >= now.at - $1::interval))::integer AS fresh,
         (count(*) FILTER (WHERE validation_notes -> 'exclusions' ? 'thinly-traded'))::integer
           AS thinly_traded,
         coalesce(bool_or(features_latest.simulated), false) AS simulated
  FROM features_latest CROSS JOIN now
  LEFT JOIN LATERAL (
    SELECT symbol, reporting_date, data_source, usable, usable_until, validation_notes
    FROM short_interest_quality
    WHERE symbol = features_latest.symbol AND is_leading
    ORDER BY reporting_date DESC, created_at DESC, event_id LIMIT 1) AS newest ON true
  LEFT JOIN short_interest_data AS data ON data.symbol = newest.symbol
    AND data.reporting_date = newest.reporting_date AND data.data_source = newest.data_source
  WHERE ${IS_PRICED}`;

function coverageOf(row: Row): ShortInterestCoverage {
  return {
    atMs: instantOrNull(row, "at"),
    tracked: integerOf(row, "tracked"),
    reported: integerOf(row, "reported"),
    usable: integerOf(row, "usable"),
    fresh: integerOf(row, "fresh"),
    thinlyTraded: integerOf(row, "thinly_traded"),
    simulated: flagOf(row, "simulated"),
  };
}
