import { SHORT_INTEREST_PRODUCER } from "@amc/ingest-short-interest/collection/finra-jobs";
import { type AccessOptions, accessProvider, type ProviderAccess } from "./provider-access.ts";

export type FinraAccess = Pick<
  AccessOptions,
  "variables" | "log" | "clock" | "logger" | "metrics" | "mocks"
>;

/** FINRA with its data, or its mock. */
export async function openFinra(options: FinraAccess): Promise<ProviderAccess> {
  return await accessProvider({
    ...{ ...options, provider: "finra_short", source: SHORT_INTEREST_PRODUCER },
    baseUrls: (all) => [all.FINRA_API_BASE_URL, all.FINRA_CDN_BASE_URL, all.FINRA_SCHEDULE_URL],
  });
}

/** Whoever has FINRA's page of reporting dates: FINRA, its mock, or a mock of the page alone. */
export async function openFinraSchedule(
  options: FinraAccess,
  finra: ProviderAccess,
): Promise<ProviderAccess> {
  if (!options.variables.FINRA_SCHEDULE_MOCK || finra.client.simulated) return finra;
  return await accessProvider({
    ...{ ...options, provider: "finra_short", source: SHORT_INTEREST_PRODUCER },
    // A page states no fact: real ones may be in the log.
    ...{ isAboutSchedule: true, states: [] },
    baseUrls: ({ FINRA_SCHEDULE_URL: url }) => [url],
  });
}
