import type { Collected } from "@amc/platform/http/collected";
import {
  isProviderError,
  type ProviderError,
  type ProviderErrorCode,
} from "@amc/platform/http/provider-error";
import { appendNewFacts } from "@amc/platform/log/append-new-facts";
import type { Lease, Log } from "@amc/platform/log/port";
import type { Fact } from "@amc/streams/kernel/fact";
import type { FactQuestion } from "../operations/ingest-facts.ts";
import { type KnownBars, PRICES } from "./known-bars.ts";

/** An answer, or what stands in for one that did not come. */
export interface LiveAnswer extends Collected {
  /** Why the provider itself gave nothing; null, or left out, when it did. */
  readonly failure?: ProviderError | null;
}

/** A question that may want to hear that all of its answer that is new is in the log. */
export interface LiveQuestion extends FactQuestion {
  readonly ask: (signal?: AbortSignal) => Promise<LiveAnswer>;
  readonly kept?: (answer: Collected) => Promise<void>;
}

/** What the terminal is told about a source. */
export interface SourceTeller {
  /** It gave nothing; told once until it answers again. */
  unreachable(provider: string, code: ProviderErrorCode, message: string): void;
  answersAgain(provider: string): void;
  /** It does not know what it was asked about, which is not asked again. */
  unknown(provider: string, about: string): void;
}

/** What a sweep came to. */
export interface Swept {
  readonly asked: number;
  readonly facts: number;
  readonly refused: number;
  readonly failed: number;
}

export interface SourceAskerOptions {
  readonly log: Log;
  /** Nothing is appended once somebody else has taken over; left out where nobody can. */
  readonly lease?: Lease;
  readonly known: KnownBars;
  readonly teller: SourceTeller;
  /** Resolves when the next question may be sent; at once where it is left out. */
  readonly turn?: () => Promise<void>;
}

/** There is no use in asking the next question when this one ended so: it would not be sent. */
const NOT_SENT: ReadonlySet<ProviderErrorCode> = new Set([
  "provider.circuit-open",
  "provider.budget-spent",
  "provider.refused",
  "provider.aborted",
]);

/** Asks a provider question after question, appends what is new, and tells when it cannot be reached. */
export class SourceAsker {
  readonly #options: SourceAskerOptions;
  readonly #provider: string;
  readonly #producer: string;
  readonly #unknown = new Set<string>();
  #isReachable = true;
  /** Where the sweep before was broken off: the next one begins there, so that nobody is always last. */
  #from = 0;

  constructor(options: SourceAskerOptions, provider: string, producer: string) {
    this.#options = options;
    this.#provider = provider;
    this.#producer = producer;
  }

  /** Until `signal` aborts. What fails is told, and never thrown unless it is a defect of ours. */
  async sweep(
    all: readonly LiveQuestion[],
    signal: AbortSignal,
    onAsked: (share: number) => void = () => undefined,
  ): Promise<Swept> {
    const questions = all.filter(({ about }) => !this.#unknown.has(about));
    const total = { asked: 0, facts: 0, refused: 0, failed: 0 };
    const start = this.#from < questions.length ? this.#from : 0;
    this.#from = 0;
    for (let at = 0; at < questions.length && !signal.aborted; at += 1) {
      const index = (start + at) % questions.length;
      const question = questions[index];
      await this.#options.turn?.();
      if (question === undefined || signal.aborted) break;
      total.asked += 1;
      const outcome = await this.#ask(question, signal);
      if (typeof outcome === "string") {
        total.failed += 1;
        if (NOT_SENT.has(outcome)) {
          this.#from = index;
          break;
        }
      } else {
        total.facts += outcome.facts;
        total.refused += outcome.refused;
      }
      onAsked((at + 1) / questions.length);
    }
    return total;
  }

  async #ask({ about, ask, kept }: LiveQuestion, signal: AbortSignal) {
    const { log, lease, known, teller } = this.#options;
    try {
      const collected = await ask(signal);
      const { failure = null } = collected;
      if (failure === null) this.#reached();
      const fresh = await known.fresh(collected.facts);
      // What is known of prices is all that the log has of them: it need not be read for every answer.
      const isNew = ({ topic }: Fact) => topic === PRICES;
      const { appended } = await appendNewFacts(log, fresh, this.#producer, {
        isNew,
        ...(lease === undefined ? {} : { lease }),
      });
      if (failure !== null) throw failure;
      known.note(collected.facts, collected.refused.length === 0);
      await kept?.(collected);
      return { facts: appended, refused: collected.refused.length };
    } catch (error) {
      if (!isProviderError(error)) throw error;
      if (error.code === "provider.not-found") {
        this.#unknown.add(about);
        teller.unknown(this.#provider, about);
        return { facts: 0, refused: 0 };
      }
      if (error.code === "provider.aborted") return error.code;
      // The first reason says more than that nobody is asked any more.
      if (this.#isReachable) teller.unreachable(this.#provider, error.code, error.message);
      this.#isReachable = false;
      return error.code;
    }
  }
  #reached(): void {
    if (!this.#isReachable) this.#options.teller.answersAgain(this.#provider);
    this.#isReachable = true;
  }
}
