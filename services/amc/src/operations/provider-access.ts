import {
  type MockedProvider,
  type MockedVariables,
  mockedVariables,
} from "@amc/mock-providers/mocked-variables";
import type { Variables } from "@amc/platform/config/variables";
import { type OpenProviderOptions, openProvider } from "@amc/platform/http/open-provider";
import type { ProviderClient } from "@amc/platform/http/provider-client";
import { WAITING_CLOCK, type WaitingClock } from "@amc/platform/http/waiting-clock";
import type { Log } from "@amc/platform/log/port";

export interface AccessOptions extends Pick<OpenProviderOptions, "logger" | "metrics" | "states"> {
  readonly provider: MockedProvider;
  readonly variables: Variables;
  readonly log: Log;
  /** The producer, such as `/amc/ingest-prices`. */
  readonly source: string;
  readonly baseUrls: (variables: Variables) => readonly string[];
  /** What a mock has to know beside its usual symbols. */
  readonly symbols?: readonly string[];
  readonly clock?: WaitingClock;
  /** Mocks that answer already: none is started then, and none is ended. */
  readonly mocks?: AnsweringMocks | undefined;
  /** Nothing but FINRA's page of reporting dates is asked for, which may have a mock of its own. */
  readonly isAboutSchedule?: boolean;
}

export type AnsweringMocks = Omit<MockedVariables, "close">;

/** A provider that can be asked, or its mock. */
export interface ProviderAccess {
  readonly client: ProviderClient;
  /** With the addresses at which it answers. */
  readonly variables: Variables;
  close(): Promise<void>;
}

/** The provider as configured: where its mock is switched on, that starts and answers in its place. */
export async function accessProvider(options: AccessOptions): Promise<ProviderAccess> {
  const { provider, log, source, symbols = [], clock = WAITING_CLOCK } = options;
  const { logger, metrics, states, isAboutSchedule = false } = options;
  const { nowMs, elapsedMs } = clock;
  const mocks =
    options.mocks === undefined
      ? await mockedVariables(options.variables, { symbols, nowMs, elapsedMs })
      : { ...options.mocks, close: async () => undefined };
  const { variables } = mocks;
  try {
    const opened = await openProvider({
      ...{ provider, variables, log, source, clock },
      ...(logger === undefined ? {} : { logger }),
      ...(metrics === undefined ? {} : { metrics }),
      ...(states === undefined ? {} : { states }),
      baseUrls: options.baseUrls(variables),
      simulated: mocks.servers.has(provider) || (isAboutSchedule && mocks.isScheduleMocked),
    });
    const close = async (): Promise<void> => {
      await opened.close();
      await mocks.close();
    };
    return { client: opened.client, variables, close };
  } catch (error) {
    await mocks.close();
    throw error;
  }
}
