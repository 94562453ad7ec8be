import { OPTIONS_PRODUCER, type SecondSource } from "@amc/ingest-options/collection/options-jobs";
import { YAHOO_SOURCE, Yahoo } from "@amc/ingest-prices/providers/yahoo/yahoo";
import type { WaitingClock } from "@amc/platform/http/waiting-clock";
import { type AccessOptions, accessProvider } from "./provider-access.ts";

export interface YahooOptionsAccess
  extends Pick<AccessOptions, "variables" | "log" | "logger" | "metrics"> {
  readonly clock: WaitingClock;
}

/** Yahoo as second source of options, until it is closed; a source of null where it is not to be asked. */
export async function openYahooOptions(
  options: YahooOptionsAccess,
): Promise<{ readonly source: SecondSource | null; close(): Promise<void> }> {
  const { clock } = options;
  if (!options.variables.YAHOO_FINANCE_ENABLED)
    return { source: null, close: async () => undefined };
  const access = await accessProvider({
    ...{ ...options, provider: "yahoo", source: OPTIONS_PRODUCER, states: ["market.options.v1"] },
    baseUrls: (all) => [all.YAHOO_FINANCE_BASE_URL, all.YAHOO_FINANCE_COOKIE_URL],
  });
  const { client, variables } = access;
  const { YAHOO_FINANCE_BASE_URL: baseUrl, YAHOO_FINANCE_COOKIE_URL: cookieUrl } = variables;
  const yahoo = new Yahoo({ client, baseUrl, cookieUrl, clock, cache: null });
  const ask: SecondSource["options"] = (symbol, signal) => yahoo.options(symbol, signal);
  const source = { source: YAHOO_SOURCE, simulated: client.simulated, options: ask };
  return { source, close: () => access.close() };
}
