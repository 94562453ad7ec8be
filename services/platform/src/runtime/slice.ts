import { topicRank } from "@amc/schemas/topics";
import type { AnyEvent } from "@amc/streams/kernel/stage";
import type { LogRecord } from "../log/port.ts";

/** A fact of a slice with the raw record it came from, kept in case a stage rejects it. */
export interface SliceFact {
  readonly event: AnyEvent;
  readonly record: LogRecord;
  /** When the world could know it, ms since 1970. */
  readonly publishedAt: number;
  readonly rank: number;
}

/** Publication time of a fact; every fact schema and ops.control carry one. */
export function publishedAtOf(event: AnyEvent): number {
  if ("publishedAt" in event.value) return event.value.publishedAt;
  return event.value.happenedAt;
}

export function sliceFact(event: AnyEvent, record: LogRecord): SliceFact {
  return { event, record, publishedAt: publishedAtOf(event), rank: topicRank(event.topic) };
}

function compareFacts(a: SliceFact, b: SliceFact): number {
  if (a.publishedAt !== b.publishedAt) return a.publishedAt - b.publishedAt;
  if (a.rank !== b.rank) return a.rank - b.rank;
  if (a.event.id !== b.event.id) return a.event.id < b.event.id ? -1 : 1;
  // Two bodies under one id: which of them is kept must not depend on which came first.
  return (a.event.checksum ?? 0) - (b.event.checksum ?? 0);
}

/**
 * The facts of one slice, taken in their only order: published, topic rank, event id (design.md §5).
 * Arrival order inside a slice, and so the number of partitions, can then change nothing.
 */
export class Slice {
  readonly #facts: SliceFact[];
  #inOrder = true;

  /** Begins with facts that were held back for it. */
  constructor(held: SliceFact[]) {
    this.#facts = held.sort(compareFacts);
  }

  get size(): number {
    return this.#facts.length;
  }

  /** Facts mostly come in order, and comparing is cheapest while both are still at hand. */
  add(fact: SliceFact): void {
    const before = this.#facts.at(-1);
    if (this.#inOrder && before !== undefined) this.#inOrder = compareFacts(before, fact) <= 0;
    this.#facts.push(fact);
  }

  inOrder(): readonly SliceFact[] {
    if (!this.#inOrder) this.#facts.sort(compareFacts);
    this.#inOrder = true;
    return this.#facts;
  }
}
