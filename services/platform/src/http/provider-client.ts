import { randomUUID } from "node:crypto";
import type { CircuitBreaker as BreakerEvent, ProviderCall } from "@amc/schemas/generated/events";
import type { Dispatcher } from "undici";
import type { ConfiguredStaleness } from "../config/staleness-limits.ts";
import { CallBudget } from "./call-budget.ts";
import type { CallJournal } from "./call-journal.ts";
import type { TrustedOrigins } from "./call-target.ts";
import {
  type CircuitBreaker,
  type FailureStreak,
  NO_BREAKER,
  openBreaker,
} from "./circuit-breaker.ts";
import { exchange, type HttpAnswer, type HttpRequest, type RawAnswer } from "./exchange.ts";
import type { AskedParameters, HeardAnswer } from "./heard-answer.ts";
import { isProviderError, isRetryable, ProviderError } from "./provider-error.ts";
import type { Provider, ProviderLimits } from "./provider-limits.ts";
import { retryWaitMs } from "./retry-wait.ts";
import type { WaitingClock } from "./waiting-clock.ts";

/** Bytes of an answer before and after decoding, unless the question says more (reliability.md B11). */
const BODY_BYTES_MAX = 5_000_000;
/** A job waits for its turn this long; what is further away is a matter of its next run. */
const BUDGET_WAIT_MS_MAX = 120_000;
const MESSAGE_CHARACTERS_MAX = 500;

export interface ProviderClientOptions {
  readonly provider: Provider;
  readonly limits: ProviderLimits;
  readonly dispatcher: Dispatcher;
  /** Origins that the operator named; everything else has to be public. */
  readonly trusted: TrustedOrigins;
  readonly journal: CallJournal;
  readonly clock: WaitingClock;
  /** 0 up to 1, for the jitter of waits. */
  readonly random: () => number;
  readonly breakerOn: boolean;
  /** Failures in a row before this process, from which its breaker goes on; none when left out. */
  readonly failedBefore?: FailureStreak | null;
  /** A mock provider is behind it: whatever it says is marked. */
  readonly simulated: boolean;
  /** Ages from which what it says is stale; those of the planning documents unless given. */
  readonly staleness?: ConfiguredStaleness;
  /** The journal gets what came, too, of answers that fail as well; false when left out. */
  readonly hearsAnswers?: boolean;
}

/** When a whole answer was here, UTC ms, and after which round trip, ms. */
export interface Captured {
  readonly at: number;
  readonly latencyMs: number;
}

/** One question to a provider. */
export interface ProviderQuestion<Answer> {
  /** What is asked for, without parameters: it is recorded, and a query may hold a key. */
  readonly endpoint: string;
  readonly request: HttpRequest;
  /**
   * Makes sense of a whole answer. Pure; throws ProviderError, `provider.unreadable` for what is not
   * what was asked for, `provider.rate-limited` for a quota note that comes as a good answer: only what
   * fails in here counts against the provider.
   */
  readonly read: (answer: HttpAnswer, captured: Captured) => Answer;
  /**
   * What it is about, as `read` knows it: all of the request that is kept with its answer. Never a key; null
   * for a question whose answer is one, such as a session: that is not kept at all.
   */
  readonly parameters?: AskedParameters | null;
  /** For an answer that is known to be large, such as a whole market. */
  readonly maxBodyBytes?: number;
  /**
   * What is nice to have, such as headlines: however often it fails, prices are still asked for. Aside
   * questions have a breaker together. Until that of the provider is closed they are not sent either: on trial
   * one that fails would open it again.
   */
  readonly isAside?: boolean;
  readonly signal?: AbortSignal;
}

/** An answer that was made sense of. */
export interface Received<Answer> {
  readonly answer: Answer;
  /** Of the sending that succeeded. */
  readonly captured: Captured;
}

/** A call of the budget; a redirect makes another one of it. */
interface Turn {
  end: () => void;
}

function noEnd(): void {
  // The turn of before was over, and the next did not come.
}

/** A sending before the breaker has heard how it ended. */
type Sending = Omit<ProviderCall, "circuitBreakerOpen">;

/** With what came of it; null for no answer, and where answers are not kept. */
interface Sent {
  readonly id: string;
  readonly call: Sending;
  readonly answer: HeardAnswer | null;
}

/** Who can be asked: a provider, or what it has answered before. */
export type ProviderAsker = Pick<ProviderClient, "ask" | "simulated" | "staleness" | "awaitsTrial">;

/**
 * The one way to a provider. All jobs of a provider share one client, and with it budget, breaker (but for
 * aside questions) and connections. Every sending is recorded, every change of the breaker too.
 */
export class ProviderClient {
  readonly #options: ProviderClientOptions;
  readonly #breaker: CircuitBreaker;
  /** Of aside questions; its changes say nothing of the provider and are not told. */
  readonly #aside: CircuitBreaker;
  readonly budget: CallBudget;
  #breakerChanges: BreakerEvent[] = [];

  constructor(options: ProviderClientOptions) {
    const { provider, limits, clock, simulated, failedBefore = null } = options;
    this.#options = options;
    this.budget = new CallBudget(limits.windows, clock, BUDGET_WAIT_MS_MAX);
    this.#breaker = options.breakerOn
      ? openBreaker(
          limits.breaker,
          clock,
          (change) => this.#breakerChanges.push({ provider, ...change, simulated }),
          failedBefore,
        )
      : NO_BREAKER;
    this.#aside = options.breakerOn
      ? openBreaker(limits.breaker, clock, () => undefined)
      : NO_BREAKER;
  }

  /** Whether facts from here are to be marked as simulated. */
  get simulated(): boolean {
    return this.#options.simulated;
  }

  /** Whether its breaker was open for its whole time: the next question is on trial. */
  get awaitsTrial(): boolean {
    return this.#breaker.awaitsTrial;
  }

  /** Ages from which facts from here are stale as they are captured. */
  get staleness(): ConfiguredStaleness | undefined {
    return this.#options.staleness;
  }

  /**
   * Asks until there is an answer or no use in asking on: waits its turn in the budget, sends, and
   * after what may pass waits and sends again. Throws ProviderError.
   */
  async ask<Answer>(question: ProviderQuestion<Answer>): Promise<Received<Answer>> {
    const { clock, limits, random } = this.#options;
    let failed: ProviderError | null = null;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#askOnce(question, attempt);
      } catch (error) {
        // Our own tries opened the breaker: what they met says more than that.
        const isCutShort = failed !== null && isProviderError(error, "provider.circuit-open");
        if (isCutShort || !isRetryable(error)) {
          throw this.#named(isCutShort ? failed : error, question);
        }
        failed = error;
        const asked = error.facts.retryAfterMs ?? null;
        if (asked !== null) this.budget.hold(asked);
        const wait = retryWaitMs(limits.retry, attempt, asked, random());
        if (wait === null) throw this.#named(error, question);
        await clock.sleep(wait, question.signal);
      }
    }
  }

  async #askOnce<Answer>(
    question: ProviderQuestion<Answer>,
    attempt: number,
  ): Promise<Received<Answer>> {
    const isAside = question.isAside === true;
    const breaker = isAside ? this.#aside : this.#breaker;
    // Who is not let through takes nobody's turn.
    if (isAside) this.#breaker.refuseUnlessClosed();
    breaker.refuseIfOpen();
    const turn = { end: await this.budget.take(question.signal) };
    const sent: Sent[] = [];
    try {
      return await breaker.run(() => this.#send(question, attempt, sent, turn));
    } finally {
      turn.end();
      const breakerChanges = this.#breakerChanges;
      this.#breakerChanges = [];
      const circuitBreakerOpen = !this.#breaker.isClosed;
      const calls = sent.map(({ call }) => ({ ...call, circuitBreakerOpen }));
      const callIds = sent.map(({ id }) => id);
      const answers = sent.flatMap(({ answer }) => answer ?? []);
      await this.#options.journal.record({ calls, callIds, breakerChanges, answers });
    }
  }

  async #send<Answer>(
    question: ProviderQuestion<Answer>,
    attempt: number,
    sent: Sent[],
    turn: Turn,
  ): Promise<Received<Answer>> {
    const { endpoint, request, read, maxBodyBytes = BODY_BYTES_MAX, signal } = question;
    const { provider, clock, dispatcher, limits, trusted, simulated } = this.#options;
    const { deadlineMs } = limits;
    const happenedAt = clock.nowMs();
    const startedMs = clock.elapsedMs();
    const sinceSent = () => Math.max(0, Math.round(clock.elapsedMs() - startedMs));
    const heard: RawAnswer[] = [];
    const ended = (captured: Captured, outcome: Outcome) => {
      const { latencyMs: responseMs } = captured;
      const call = { provider, endpoint, happenedAt, attempt, responseMs, simulated, ...outcome };
      const id = randomUUID();
      sent.push({ id, call, answer: heardAnswer(question, heard.at(-1), id, call, captured.at) });
    };
    try {
      const exchangeLimits = {
        deadlineMs,
        maxBodyBytes,
        trusted,
        nowMs: clock.nowMs,
        takeTurn: async () => {
          // What led elsewhere has arrived; with a limit of one it would wait for itself.
          turn.end();
          turn.end = noEnd;
          turn.end = await this.budget.take(signal);
        },
        ...(this.#hears(question) ? { hear: (answer: RawAnswer) => void heard.push(answer) } : {}),
      };
      const answer = await exchange(dispatcher, request, exchangeLimits, signal);
      const captured = { at: clock.nowMs(), latencyMs: sinceSent() };
      const made = read(answer, captured);
      ended(captured, { ...SUCCESS, statusCode: answer.status });
      return { answer: made, captured };
    } catch (error) {
      ended({ at: clock.nowMs(), latencyMs: sinceSent() }, failureOf(error));
      throw error;
    }
  }

  #hears({ parameters }: Pick<ProviderQuestion<unknown>, "parameters">): boolean {
    return this.#options.hearsAnswers === true && parameters !== null;
  }

  /** With who was asked for what. */
  #named(error: unknown, { endpoint }: { readonly endpoint: string }): unknown {
    if (!isProviderError(error)) return error;
    const { provider } = this.#options;
    const message = `${provider} ${endpoint}: ${error.message}`;
    const facts = { ...error.facts, provider, endpoint };
    return new ProviderError(error.code, message, facts, { cause: error });
  }
}

type Outcome = Pick<
  ProviderCall,
  "statusCode" | "success" | "errorCode" | "errorMessage" | "rateLimited"
>;

const SUCCESS = { success: true, errorCode: null, errorMessage: null, rateLimited: false } as const;

function heardAnswer(
  { request, parameters }: Pick<ProviderQuestion<unknown>, "request" | "parameters">,
  raw: RawAnswer | undefined,
  callId: string,
  call: Sending,
  answeredAt: number,
): HeardAnswer | null {
  if (raw === undefined) return null;
  return { ...raw, callId, call, answeredAt, request, parameters: parameters ?? {} };
}

function failureOf(error: unknown): Outcome {
  const isKnown = isProviderError(error);
  return {
    statusCode: isKnown ? (error.facts.status ?? null) : null,
    success: false,
    errorCode: isKnown ? error.code : "unknown",
    errorMessage: isKnown ? error.message.slice(0, MESSAGE_CHARACTERS_MAX) : "a defect of ours",
    rateLimited: isProviderError(error, "provider.rate-limited"),
  };
}
