import type { LineLogger } from "../chain-lines.ts";
import { stalenessLimits } from "../config/staleness-limits.ts";
import type { Variables } from "../config/variables.ts";
import type { StatedTopic } from "../log/other-kind.ts";
import type { Log } from "../log/port.ts";
import { createLogger } from "../logger.ts";
import { AnswerKeeper } from "./answer-keeper.ts";
import { configuredSecrets } from "./asked-secrets.ts";
import { logJournal } from "./log-journal.ts";
import { accessLines, type CallObserver, observedJournal } from "./observed-journal.ts";
import { pinnedAgent } from "./pinned-agent.ts";
import { ProviderClient } from "./provider-client.ts";
import { areBreakersOn, type Provider, providerLimits } from "./provider-limits.ts";
import { failureStreak, recentCalls } from "./recent-calls.ts";
import { refuseMixed } from "./refuse-mixed.ts";
import { WAITING_CLOCK, type WaitingClock } from "./waiting-clock.ts";

export interface OpenProviderOptions {
  readonly provider: Provider;
  readonly variables: Variables;
  /** Takes every call, and tells of those before this process. */
  readonly log: Log;
  /** The producer of what is written, such as `/amc/ingest-short-interest`. */
  readonly source: string;
  /** Addresses that the operator named for it; calls and redirects to others must be public. */
  readonly baseUrls: readonly string[];
  /** What becomes of what is asked here; all that the provider states where it is left out. */
  readonly states?: readonly StatedTopic[];
  /** A mock answers there. */
  readonly simulated?: boolean;
  /**
   * Whether its breaker goes on from the failures that the log has of the last 24 hours: for who asks once and
   * ends, and would know of none. False when left out: a service asks again after its restart.
   */
  readonly recallsFailures?: boolean;
  readonly clock?: WaitingClock;
  /** Takes a line per call; one of `LOG_LEVEL` on stderr by default. */
  readonly logger?: LineLogger;
  /** Counts calls, where a process has metrics. */
  readonly metrics?: CallObserver;
}

export interface OpenedProvider {
  readonly client: ProviderClient;
  /** Resolves when the answers that are kept are in the log. */
  close(): Promise<void>;
}

const CONNECT_MS = 5_000;
/** The longest window of any limit. */
const DAY_MS = 86_400_000;

/**
 * The client of a provider as configured, to be shared by all jobs of this process. What was called in
 * the last 24 hours counts against its budget, whoever called. Throws ConfigError for a log that its answers,
 * made up or real, must not come into.
 */
export async function openProvider(options: OpenProviderOptions): Promise<OpenedProvider> {
  const { provider, variables, log, source, simulated = false } = options;
  const { clock = WAITING_CLOCK, logger = createLogger(variables.LOG_LEVEL), metrics } = options;
  const keeper = variables.KEEP_RAW_ANSWERS ? keeperOf(options, logger) : null;
  const observers = [accessLines(logger), ...[metrics, keeper].flatMap((each) => each ?? [])];
  await refuseMixed(log, provider, simulated, options.states);
  const limits = providerLimits(provider, variables);
  const trusted = new Set(options.baseUrls.map((url) => new URL(url).origin));
  const { connections } = limits;
  const agent = pinnedAgent({ trusted, connections, connectMs: CONNECT_MS });
  const recent = await recentCalls(log, { provider, simulated }, clock.nowMs() - DAY_MS);
  const client = new ProviderClient({
    ...{ provider, limits, dispatcher: agent, trusted, clock, simulated },
    journal: observedJournal(logJournal(log, source), observers),
    random: Math.random,
    breakerOn: areBreakersOn(variables),
    staleness: stalenessLimits(variables),
    hearsAnswers: keeper !== null,
    failedBefore: options.recallsFailures === true ? failureStreak(recent) : null,
  });
  client.budget.restore(recent.map(({ endedAt }) => endedAt));
  const close = async (): Promise<void> => {
    await agent.destroy();
    await keeper?.drained();
  };
  return { client, close };
}

function keeperOf(
  { variables, log, source, metrics }: OpenProviderOptions,
  logger: LineLogger,
): AnswerKeeper {
  return new AnswerKeeper({
    ...{ log, source, logger, secrets: configuredSecrets(variables) },
    onKept: (provider, outcome) => metrics?.answerKept?.(provider, outcome),
  });
}
