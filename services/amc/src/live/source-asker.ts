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
  /** Whether none of its facts is in the log, so that it need not be read for them. */
  readonly isNew?: boolean;
}

/** A question that may want to hear that all of its answer that is new is in the log. */
export interface LiveQuestion extends FactQuestion {
  readonly ask: (signal?: AbortSignal) => Promise<LiveAnswer>;
  /** What is known without asking, once the rest of a sweep is not sent because of `failure`. */
  readonly standIn?: (failure: ProviderError) => Promise<LiveAnswer>;
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
  /** With those that something known stood in for. */
  readonly asked: number;
  readonly facts: number;
  readonly refused: number;
  readonly failed: number;
}

/** What one question came to; facts that stood in beside the failure. */
interface Outcome {
  readonly facts: number;
  readonly refused: number;
  readonly failure: ProviderError | null;
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

/** What a sweep that was broken off left unanswered, and how long until the provider may be asked again. */
export interface Rest {
  /** What its questions were about. */
  readonly about: ReadonlySet<string>;
  readonly afterMs: number;
}

/** A breaker on trial refuses the others without saying for how long. */
const REST_AFTER_MS_MIN = 60_000;

/** Asks a provider question after question, appends what is new, and tells when it cannot be reached. */
export class SourceAsker {
  readonly #options: SourceAskerOptions;
  readonly #provider: string;
  readonly #producer: string;
  readonly #unknown = new Set<string>();
  #isReachable = true;
  /** Where the sweep before was broken off: the next one begins there, so that nobody is always last. */
  #from = 0;
  #rest: Rest | null = null;

  constructor(options: SourceAskerOptions, provider: string, producer: string) {
    this.#options = options;
    this.#provider = provider;
    this.#producer = producer;
  }

  /** Of the newest sweep; null where it was not broken off, or the provider does not say for how long. */
  get rest(): Rest | null {
    return this.#rest;
  }

  /** Until `signal` aborts. What fails is told, and never thrown unless it is a defect of ours. */
  async sweep(
    all: readonly LiveQuestion[],
    signal: AbortSignal,
    onAsked?: (share: number) => void,
  ): Promise<Swept> {
    const start = this.#from < all.length ? this.#from : 0;
    this.#from = 0;
    const questions = [...all.slice(start), ...all.slice(0, start)];
    const { brokenOffAt, ...swept } = await this.#sweep(questions, signal, onAsked);
    if (brokenOffAt !== null) this.#from = all.indexOf(brokenOffAt);
    return swept;
  }

  /** Asks what is left of a sweep, of what there is to ask by now; what stood in for an answer does not again. */
  async goOn(all: readonly LiveQuestion[], { about }: Rest, signal: AbortSignal): Promise<Swept> {
    const left = all
      .filter((question) => about.has(question.about))
      .map(({ standIn: _standIn, ...question }) => question);
    const { brokenOffAt: _, ...swept } = await this.#sweep(left, signal);
    return swept;
  }

  async #sweep(
    all: readonly LiveQuestion[],
    signal: AbortSignal,
    onAsked: (share: number) => void = () => undefined,
  ): Promise<Swept & { readonly brokenOffAt: LiveQuestion | null }> {
    const questions = all.filter(({ about }) => !this.#unknown.has(about));
    const unanswered = new Set(questions);
    const total = { asked: 0, facts: 0, refused: 0, failed: 0 };
    let brokenOffAt: LiveQuestion | null = null;
    let notSent: ProviderError | null = null;
    for (const [at, question] of questions.entries()) {
      if (notSent === null) await this.#options.turn?.();
      if (signal.aborted) break;
      const { facts, refused, failure } = await this.#ask(question, signal, notSent);
      total.asked += 1;
      total.facts += facts;
      total.refused += refused;
      if (failure === null) unanswered.delete(question);
      else {
        total.failed += 1;
        if (notSent === null && NOT_SENT.has(failure.code)) {
          brokenOffAt = question;
          notSent = failure;
        }
        // What is known of the others takes no call.
        if (notSent !== null && question.standIn === undefined) break;
      }
      onAsked((at + 1) / questions.length);
    }
    const afterMs = notSent?.facts.retryAfterMs;
    this.#rest =
      afterMs === undefined
        ? null
        : {
            about: new Set([...unanswered].map(({ about }) => about)),
            afterMs: Math.max(REST_AFTER_MS_MIN, afterMs),
          };
    return { ...total, brokenOffAt };
  }

  async #ask(
    question: LiveQuestion,
    signal: AbortSignal,
    notSent: ProviderError | null,
  ): Promise<Outcome> {
    const answer = await answerTo(question, signal, notSent);
    const { facts, refused, failure = null } = answer;
    if (failure === null) this.#reached();
    const appended = await this.#append(answer);
    if (failure === null) {
      this.#options.known.note(facts, refused.length === 0);
      await question.kept?.(answer);
    }
    const counted = { facts: appended, refused: refused.length };
    return { ...counted, failure: failure === null ? null : this.#failed(question.about, failure) };
  }

  async #append({ facts, isNew: areNew = false }: LiveAnswer): Promise<number> {
    const { log, lease, known } = this.#options;
    // What is known of prices is all that the log has of them: it need not be read for every answer.
    const isNew = ({ topic }: Fact) => areNew || topic === PRICES;
    const { appended } = await appendNewFacts(log, await known.fresh(facts), this.#producer, {
      isNew,
      ...(lease === undefined ? {} : { lease }),
    });
    return appended;
  }

  /** Tells it. Null where the provider does not know what it was asked about: that is an answer. */
  #failed(about: string, failure: ProviderError): ProviderError | null {
    const { teller } = this.#options;
    if (failure.code === "provider.not-found") {
      this.#unknown.add(about);
      teller.unknown(this.#provider, about);
      return null;
    }
    if (failure.code === "provider.aborted") return failure;
    // The first reason says more than that nobody is asked any more.
    if (this.#isReachable) teller.unreachable(this.#provider, failure.code, failure.message);
    this.#isReachable = false;
    return failure;
  }

  #reached(): void {
    if (!this.#isReachable) this.#options.teller.answersAgain(this.#provider);
    this.#isReachable = true;
  }
}

/** With what the provider threw as its failure; without asking once questions are not sent. */
async function answerTo(
  { ask, standIn }: LiveQuestion,
  signal: AbortSignal,
  notSent: ProviderError | null,
): Promise<LiveAnswer> {
  const nothing = { facts: [], refused: [] };
  try {
    if (notSent === null) return await ask(signal);
    return (await standIn?.(notSent)) ?? { ...nothing, failure: notSent };
  } catch (error) {
    if (!isProviderError(error)) throw error;
    return { ...nothing, failure: error };
  }
}
