import type { LineLogger } from "../chain-lines.ts";
import type { CallJournal, JournalEntry } from "./call-journal.ts";
import type { KeptOutcome } from "./heard-answer.ts";

/** Told of calls and changes of a breaker once they are written down. */
export interface CallObserver {
  called(entry: JournalEntry): void;
  /** What became of an answer that was to be kept. */
  answerKept?(provider: string, outcome: KeptOutcome): void;
}

/** What is counted and told is what the journal holds: a call that cannot be written fails before. */
export function observedJournal(
  journal: CallJournal,
  observers: readonly CallObserver[],
): CallJournal {
  return {
    record: async (entry) => {
      await journal.record(entry);
      for (const observer of observers) observer.called(entry);
    },
  };
}

/** One log line per call, at level info; what is kept for an audit are the events and their rows. */
export function accessLines(logger: LineLogger): CallObserver {
  return {
    called: ({ calls }) => {
      for (const call of calls) {
        const { provider, endpoint, success, responseMs, errorCode, happenedAt } = call;
        const timestamp = new Date(happenedAt).toISOString();
        const mark = call.simulated ? { simulated: true } : {};
        const facts = { provider, endpoint, success, response_time_ms: responseMs, ...mark };
        logger.info({ ...facts, error: errorCode, timestamp }, "api_access");
      }
    },
  };
}
