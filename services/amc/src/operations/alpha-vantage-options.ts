import { OPTIONS_PRODUCER } from "@amc/ingest-options/collection/options-jobs";
import { AlphaVantage } from "@amc/ingest-options/providers/alpha-vantage/alpha-vantage";
import { mockedProviders } from "@amc/mock-providers/mocked-variables";
import type { WaitingClock } from "@amc/platform/http/waiting-clock";
import { type AccessOptions, accessProvider } from "./provider-access.ts";

export interface AlphaVantageAccess
  extends Pick<AccessOptions, "variables" | "log" | "logger" | "metrics" | "mocks"> {
  readonly clock: WaitingClock;
}

/**
 * Alpha Vantage, until it is closed; a source of null without a key: who is not asked states nothing, and
 * must not be compared with what the log has.
 */
export async function openAlphaVantageOptions(
  options: AlphaVantageAccess,
): Promise<{ readonly source: AlphaVantage | null; close(): Promise<void> }> {
  if (!isAsked(options)) return { source: null, close: async () => undefined };
  const access = await accessProvider({
    ...{ ...options, provider: "alpha_vantage", source: OPTIONS_PRODUCER },
    baseUrls: ({ ALPHA_VANTAGE_BASE_URL: url }) => [url],
  });
  const { client, variables } = access;
  const { ALPHA_VANTAGE_BASE_URL: baseUrl, ALPHA_VANTAGE_API_KEY: apiKey = "" } = variables;
  const source = new AlphaVantage({ client, baseUrl, apiKey });
  return { source, close: () => access.close() };
}

/** With a key; its mock brings its own. */
function isAsked({ variables, mocks }: AlphaVantageAccess): boolean {
  const mocked = mocks?.servers ?? mockedProviders(variables);
  return variables.ALPHA_VANTAGE_API_KEY !== undefined || mocked.has("alpha_vantage");
}
