import { isDeepStrictEqual } from "node:util";
import type { SurveyedRecording } from "./describe.ts";
import type { FactItem, Rejected } from "./facts/fact.ts";
import { compareFacts, type MergedItem, PartCursor } from "./play/part-cursor.ts";

const BATCH_ITEMS = 1024;

/** A repeated row: the same fact stated twice, word for word. */
export interface Duplicate {
  readonly type: "duplicate";
}

export type PlayItem = MergedItem | Duplicate;

/**
 * All parts as one stream ordered by (published, topic rank, id), in batches. Parts are opened when
 * their first fact is due and closed at their end, so that memory is bounded by the parts that
 * overlap. Of two facts with one id the first stays; the second is a duplicate when it says the
 * same and a reject `id.conflict` when it does not. Throws `recording.out-of-order`,
 * `recording.too-large-to-sort`.
 */
export async function* mergeRecording(
  { parts }: SurveyedRecording,
  sortedMax?: number,
): AsyncGenerator<readonly PlayItem[]> {
  const heap = new CursorHeap();
  parts.forEach(({ part, survey }, index) => {
    if (survey.facts + survey.rejected === 0) return;
    heap.push(new PartCursor(part, survey, index, sortedMax));
  });
  const once = new OnceById();
  let batch: PlayItem[] = [];
  try {
    for (let cursor = heap.top; cursor !== undefined; cursor = heap.top) {
      if (cursor.head !== null) batch.push(once.filter(cursor.head, cursor.label));
      const hasNext = cursor.advance() || (await cursor.fill());
      if (hasNext) heap.settleTop();
      else heap.pop();
      if (batch.length < BATCH_ITEMS) continue;
      yield batch;
      batch = [];
    }
    yield batch;
  } finally {
    for (const cursor of heap.cursors) await cursor.close();
  }
}

/**
 * Rows repeated in a file or between files follow each other in the merged order. A copy published
 * at another time does not; the features stage knows it by its id.
 */
class OnceById {
  #last: FactItem | null = null;

  filter(item: MergedItem, label: string): PlayItem {
    if (item.type === "rejected") return item;
    const last = this.#last;
    if (last === null || last.fact.id !== item.fact.id) {
      this.#last = item;
      return item;
    }
    if (isDeepStrictEqual(last.fact.value, item.fact.value)) return { type: "duplicate" };
    return conflict(item, label);
  }
}

function conflict({ fact, row }: FactItem, path: string): Rejected {
  const { symbol, happenedAt } = fact.value;
  const when = new Date(happenedAt).toISOString();
  return {
    type: "rejected",
    topic: fact.topic,
    path,
    row,
    column: null,
    code: "id.conflict",
    message: `${path}:${row}: ${symbol} at ${when} was stated before with other figures`,
    raw: JSON.stringify(fact.value),
  };
}

/** Binary heap of cursors by their heads; a cursor not yet opened stands at its first fact. */
class CursorHeap {
  readonly cursors: PartCursor[] = [];

  get top(): PartCursor | undefined {
    return this.cursors[0];
  }

  push(cursor: PartCursor): void {
    const { cursors } = this;
    cursors.push(cursor);
    let at = cursors.length - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#swapWhenBefore(at, parent)) return;
      at = parent;
    }
  }

  pop(): void {
    const last = this.cursors.pop();
    if (last === undefined || this.cursors.length === 0) return;
    this.cursors[0] = last;
    this.settleTop();
  }

  /** Restores the order after the top moved on. */
  settleTop(): void {
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const child = this.#isBefore(left + 1, left) ? left + 1 : left;
      if (!this.#swapWhenBefore(child, at)) return;
      at = child;
    }
  }

  #swapWhenBefore(lower: number, upper: number): boolean {
    if (!this.#isBefore(lower, upper)) return false;
    const a = this.cursors[lower];
    const b = this.cursors[upper];
    if (a === undefined || b === undefined) return false;
    this.cursors[lower] = b;
    this.cursors[upper] = a;
    return true;
  }

  #isBefore(first: number, second: number): boolean {
    const a = this.cursors[first];
    const b = this.cursors[second];
    return a !== undefined && b !== undefined && compareCursors(a, b) < 0;
  }
}

/** Unopened cursors and rejects go first at their instant: neither must hold back the other. */
function compareCursors(a: PartCursor, b: PartCursor): number {
  if (a.publishedAt !== b.publishedAt) return a.publishedAt < b.publishedAt ? -1 : 1;
  if (a.head?.type === "fact" && b.head?.type === "fact") {
    return compareFacts(a.head, b.head) || a.index - b.index;
  }
  const aWaits = a.head?.type === "fact" ? 1 : 0;
  const bWaits = b.head?.type === "fact" ? 1 : 0;
  return aWaits - bWaits || a.index - b.index;
}
