import type { CircuitBreaker, ProviderCall } from "@amc/schemas/generated/events";
import type { HeardAnswer } from "./heard-answer.ts";

/** What one call left behind: itself, when it was sent, and the changes of its breaker. */
export interface JournalEntry {
  readonly calls: readonly ProviderCall[];
  /** Identity of each call, in their order; random, because two calls may be alike in everything. */
  readonly callIds: readonly string[];
  readonly breakerChanges: readonly CircuitBreaker[];
  /** Of the calls that got one, where answers are kept; the journal itself writes none of it down. */
  readonly answers: readonly HeardAnswer[];
}

/**
 * Keeps every call and every change of a breaker. A call ends only when it is written down, so that
 * none is missing in the count (R-ING-16); a journal that cannot write fails the call.
 */
export interface CallJournal {
  record(entry: JournalEntry): Promise<void>;
}
