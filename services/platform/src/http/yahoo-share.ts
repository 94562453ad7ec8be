import type { Variables } from "../config/variables.ts";

/** Who asks Yahoo in a process of its own: `run live` for the market, `run short-interest` for options. */
type YahooAsker = "market" | "options";

/** Options are asked for once a day, after the close; prices every minute. */
const OPTIONS_SHARE = 1 / 5;
/** Below one call in two seconds a bucket would hold less than one call. */
const CALLS_PER_SECOND_MIN = 1 / 2;

/**
 * The same variables with what the asker may use of Yahoo's budget. A process counts its own calls only, so what
 * Yahoo allows is divided: all shares together are the whole, whoever else is running. `npm start` asks
 * from one process and uses the whole.
 */
export function withYahooShare(variables: Variables, asker: YahooAsker): Variables {
  const { YAHOO_FINANCE_RATE_LIMIT: whole } = variables;
  const options = Math.max(CALLS_PER_SECOND_MIN, OPTIONS_SHARE * whole);
  const share = asker === "options" ? options : whole - options;
  return { ...variables, YAHOO_FINANCE_RATE_LIMIT: share };
}
