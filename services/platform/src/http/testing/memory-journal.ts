import type { CircuitBreaker, ProviderCall } from "@amc/schemas/generated/events";
import type { CallJournal } from "../call-journal.ts";

export interface MemoryJournal extends CallJournal {
  readonly calls: ProviderCall[];
  readonly breakerChanges: CircuitBreaker[];
}

export function memoryJournal(): MemoryJournal {
  const calls: ProviderCall[] = [];
  const breakerChanges: CircuitBreaker[] = [];
  return {
    calls,
    breakerChanges,
    record: async (entry) => {
      calls.push(...entry.calls);
      breakerChanges.push(...entry.breakerChanges);
    },
  };
}
