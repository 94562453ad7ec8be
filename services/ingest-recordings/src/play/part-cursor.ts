import { topicRank } from "@amc/schemas/topics";
import type { PartSurvey } from "../describe.ts";
import { RecordingError } from "../errors.ts";
import type { FactItem, Rejected, SourceItem } from "../facts/fact.ts";
import type { SourcePart } from "../readers/reader.ts";

/** What a merged recording consists of; rows skipped on purpose are already counted. */
export type MergedItem = FactItem | Rejected;

/** About 400 MB of facts: what a laptop can spare for a source that is not in order. */
const SORTED_FACTS_MAX = 1_000_000;

/**
 * The items of one part in the one order there is: (published, topic rank, id). A part in order of
 * publication is streamed; any other is sorted in memory. A rejected row stands where it was read.
 */
export class PartCursor {
  readonly label: string;
  /** Place of the part in the recording; breaks the last ties. */
  readonly index: number;
  /** Publication by which the head is merged, UTC ms. */
  publishedAt: number;
  #head: MergedItem | null = null;
  readonly #part: SourcePart;
  readonly #mustSort: boolean;
  readonly #sortedMax: number;
  #source: AsyncIterator<readonly MergedItem[]> | null = null;
  #batch: readonly MergedItem[] = [];
  #next = 0;

  constructor(part: SourcePart, survey: PartSurvey, index: number, sortedMax = SORTED_FACTS_MAX) {
    this.label = part.label;
    this.index = index;
    this.#part = part;
    this.#sortedMax = sortedMax;
    if (part.order === "ascending" && !survey.isAscending) throw outOfOrder(part);
    this.#mustSort = !survey.isAscending;
    if (this.#mustSort && survey.facts > sortedMax) throw tooLarge(part, survey.facts, sortedMax);
    this.publishedAt = survey.firstPublishedAt ?? Number.NEGATIVE_INFINITY;
  }

  /** null before the first `fill` and at the end. */
  get head(): MergedItem | null {
    return this.#head;
  }

  /** True when the next item was at hand; false asks for `fill`. */
  advance(): boolean {
    const item = this.#batch[this.#next];
    if (item === undefined) return false;
    this.#next += 1;
    this.#head = item;
    if (item.type === "fact") this.publishedAt = item.fact.value.publishedAt;
    return true;
  }

  /** Reads on; false at the end of the part. */
  async fill(): Promise<boolean> {
    this.#source ??= this.#items()[Symbol.asyncIterator]();
    for (;;) {
      const { done, value } = await this.#source.next();
      if (done === true) {
        this.#head = null;
        return false;
      }
      this.#batch = value;
      this.#next = 0;
      if (this.advance()) return true;
    }
  }

  async close(): Promise<void> {
    await this.#source?.return?.();
  }

  async *#items(): AsyncGenerator<readonly MergedItem[]> {
    if (this.#mustSort) {
      const all: MergedItem[] = [];
      for await (const items of this.#part.open())
        for (const item of items) if (isMerged(item)) all.push(item);
      yield sorted(all);
      return;
    }
    // Facts of one instant may stand in any order and over two batches, so the last instant waits.
    let waiting: MergedItem[] = [];
    for await (const items of this.#part.open()) {
      for (const item of items) if (isMerged(item)) waiting.push(item);
      const complete = lastInstantStart(waiting);
      if (waiting.length - complete > this.#sortedMax) {
        throw tooLarge(this.#part, waiting.length, this.#sortedMax);
      }
      yield sortInstants(waiting.slice(0, complete));
      waiting = waiting.slice(complete);
    }
    yield sortInstants(waiting);
  }
}

function isMerged(item: SourceItem): item is MergedItem {
  return item.type !== "skipped";
}

/** Order of facts: published, topic rank, id. */
export function compareFacts(a: FactItem, b: FactItem): number {
  const byTime = a.fact.value.publishedAt - b.fact.value.publishedAt;
  if (byTime !== 0) return byTime;
  if (a.fact.topic !== b.fact.topic) return topicRank(a.fact.topic) - topicRank(b.fact.topic);
  return a.fact.id < b.fact.id ? -1 : a.fact.id > b.fact.id ? 1 : 0;
}

function sorted(items: readonly MergedItem[]): MergedItem[] {
  const facts = items.filter((item) => item.type === "fact").sort(compareFacts);
  return [...items.filter((item) => item.type === "rejected"), ...facts];
}

/** Index of the first item of the last instant: what comes before it can be handed on. */
function lastInstantStart(items: readonly MergedItem[]): number {
  let lastAt: number | null = null;
  for (let index = items.length - 1; index >= 0; index -= 1) {
    const item = items[index];
    if (item?.type !== "fact") continue;
    const { publishedAt } = item.fact.value;
    lastAt ??= publishedAt;
    if (publishedAt !== lastAt) return index + 1;
  }
  return 0;
}

/** Sorts runs of one publication instant in place; across instants the items are in order. */
function sortInstants(items: MergedItem[]): MergedItem[] {
  let isSorted = true;
  let previous: FactItem | null = null;
  for (const item of items) {
    if (item.type !== "fact") continue;
    if (previous !== null && compareFacts(previous, item) > 0) isSorted = false;
    previous = item;
  }
  if (isSorted) return items;
  const facts = items.filter((item) => item.type === "fact").sort(compareFacts);
  let next = 0;
  // A reject keeps its place among the facts.
  return items.map((item) => {
    if (item.type !== "fact") return item;
    next += 1;
    return facts[next - 1] ?? item;
  });
}

function outOfOrder(part: SourcePart): RecordingError {
  const message = `${part.label} is declared ascending but is not in order of publication; leave order out (it is sorted in memory) or sort the file`;
  return new RecordingError("recording.out-of-order", message, {
    path: part.label,
    source: part.source,
  });
}

function tooLarge(part: SourcePart, facts: number, max: number): RecordingError {
  const message = `${part.label} is not in order of publication and has ${facts} facts; at most ${max} are sorted in memory. Sort the file by time, or split it by symbol`;
  return new RecordingError("recording.too-large-to-sort", message, {
    path: part.label,
    source: part.source,
    facts,
  });
}
