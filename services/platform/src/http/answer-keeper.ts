import type { LineLogger } from "../chain-lines.ts";
import { isLogError } from "../log/errors.ts";
import type { Log } from "../log/port.ts";
import { answerRecords } from "./answer-records.ts";
import type { JournalEntry } from "./call-journal.ts";
import type { HeardAnswer, KeptOutcome } from "./heard-answer.ts";
import type { CallObserver } from "./observed-journal.ts";
import { WAITING_CLOCK, type WaitingClock } from "./waiting-clock.ts";

export interface AnswerKeeperOptions {
  readonly log: Log;
  /** The producer of the calls, such as `/amc/ingest-prices`. */
  readonly source: string;
  /** Keys that no answer may repeat into the log. */
  readonly secrets: readonly string[];
  readonly logger: LineLogger;
  /** For the end; that of the machine where it is left out. */
  readonly clock?: WaitingClock;
  /** Counts what became of each. */
  readonly onKept: (provider: string, outcome: KeptOutcome) => void;
}

/** Of bodies that wait to be written; beyond it a log that is slow costs answers, and no memory. */
const WAITING_BYTES_MAX = 64_000_000;
/** Of answers that wait, with a body or without. */
const WAITING_MAX = 10_000;
/** So long a service that ends waits for those that are left. */
const DRAINING_MS_MAX = 10_000;

/**
 * Writes down what providers answer, one after the other and behind the calls: who asked has his answer
 * before, and never hears that it could not be kept. What could not be is told.
 */
export class AnswerKeeper implements CallObserver {
  readonly #options: AnswerKeeperOptions;
  readonly #clock: WaitingClock;
  #waitingBytes = 0;
  #waiting = 0;
  #isGivenUp = false;
  #last: Promise<void> = Promise.resolve();

  constructor(options: AnswerKeeperOptions) {
    this.#options = options;
    this.#clock = options.clock ?? WAITING_CLOCK;
  }

  called({ answers }: Pick<JournalEntry, "answers">): void {
    for (const answer of answers) {
      const bytes = answer.body?.length ?? 0;
      const isFull = this.#waiting >= WAITING_MAX || this.#waitingBytes + bytes > WAITING_BYTES_MAX;
      if (isFull) {
        this.#lost(answer, "answer.too-many-waiting");
        continue;
      }
      this.#waitingBytes += bytes;
      this.#waiting += 1;
      this.#last = this.#last.then(() => this.#keep(answer, bytes));
    }
  }

  /** Resolves when nothing waits any longer, or after ten seconds: what is left then is lost. Never rejects. */
  async drained(): Promise<void> {
    const over = new AbortController();
    const tooLong = this.#clock.sleep(DRAINING_MS_MAX, over.signal).then(() => {
      this.#isGivenUp = !over.signal.aborted;
    });
    await Promise.race([this.#last, tooLong]);
    over.abort();
  }

  async #keep(answer: HeardAnswer, bytes: number): Promise<void> {
    const { log, source, secrets, onKept } = this.#options;
    const { provider } = answer.call;
    try {
      if (this.#isGivenUp) {
        this.#lost(answer, "answer.too-late");
        return;
      }
      const { appends, isWhole } = await answerRecords(answer, secrets, source);
      await log.commit({ appends });
      onKept(provider, isWhole ? "kept" : "hash-only");
    } catch (error) {
      this.#lost(answer, codeOf(error));
    } finally {
      this.#waitingBytes -= bytes;
      this.#waiting -= 1;
    }
  }

  #lost({ call, callId }: HeardAnswer, error: string): void {
    const { logger, onKept } = this.#options;
    const { provider, endpoint } = call;
    logger.warn({ provider, endpoint, call_id: callId, error }, "raw answer not kept");
    onKept(provider, "lost");
  }
}

function codeOf(error: unknown): string {
  if (isLogError(error)) return error.code;
  return error instanceof Error ? error.name : "unknown";
}
