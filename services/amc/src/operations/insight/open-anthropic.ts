import { startMockServer } from "@amc/mock-providers/mock-server";
import { mockAnthropic } from "@amc/mock-providers/providers/anthropic";
import type { Variables } from "@amc/platform/config/variables";
import { openProvider } from "@amc/platform/http/open-provider";
import type { ProviderClient } from "@amc/platform/http/provider-client";
import type { Log } from "@amc/platform/log/port";
import { CommandError, EXIT } from "../../exit-codes.ts";

/** Who asks, in the events about its calls. */
const SOURCE = "/amc/insight";
/** Mocks want a key as the real ones do, and never get a real one. */
const MOCK_KEY = "mock";

export interface AnthropicAccess {
  readonly client: ProviderClient;
  readonly baseUrl: string;
  readonly apiKey: string;
  close(): Promise<void>;
}

export function isMocked({ MOCK_ANTHROPIC_DATA_ENABLED, TEST_MODE }: Variables): boolean {
  return MOCK_ANTHROPIC_DATA_ENABLED || TEST_MODE;
}

/** Anthropic as configured: where its mock is switched on, that starts and answers in its place. */
export async function openAnthropic(variables: Variables, log: Log): Promise<AnthropicAccess> {
  const simulated = isMocked(variables);
  const mock = simulated ? await startMockServer(mockAnthropic()) : null;
  try {
    const baseUrl = mock?.origin ?? variables.ANTHROPIC_BASE_URL;
    const apiKey = simulated ? MOCK_KEY : variables.ANTHROPIC_API_KEY;
    // The role of the command needs it, so it is there.
    if (apiKey === undefined) throw new CommandError(EXIT.config, "ANTHROPIC_API_KEY is missing");
    const opened = await openProvider({
      ...{ provider: "anthropic", variables, log, source: SOURCE, baseUrls: [baseUrl] },
      simulated,
      // Each run of the command is a process of its own.
      recallsFailures: true,
    });
    const close = async (): Promise<void> => {
      await opened.close();
      await mock?.close();
    };
    return { client: opened.client, baseUrl, apiKey, close };
  } catch (error) {
    await mock?.close();
    throw error;
  }
}
