import type { CircuitBreaker, ProviderCall } from "@amc/schemas/generated/events";

/** What one call left behind: itself, when it was sent, and the changes of its breaker. */
export interface JournalEntry {
  readonly calls: readonly ProviderCall[];
  readonly breakerChanges: readonly CircuitBreaker[];
}

/**
 * Keeps every call and every change of a breaker. A call ends only when it is written down, so that
 * none is missing in the count (R-ING-16); a journal that cannot write fails the call.
 */
export interface CallJournal {
  record(entry: JournalEntry): Promise<void>;
}
