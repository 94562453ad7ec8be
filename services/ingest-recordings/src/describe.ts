import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import type { FactTopic } from "@amc/schemas/topics";
import { DAY_MS } from "@amc/streams/market/calendar-date";
import { messageOf, RecordingError } from "./errors.ts";
import type { SourceItem } from "./facts/fact.ts";
import { type Refusal, Refusals } from "./facts/refusals.ts";
import type { RecordingManifest } from "./manifest.ts";
import type { SourcePart } from "./readers/reader.ts";
import { sourceParts } from "./readers/source-parts.ts";

/** What one part of a recording holds. */
export interface PartSurvey {
  readonly source: string;
  readonly label: string;
  readonly facts: number;
  readonly rejected: number;
  /** Publication of the earliest and latest fact, UTC ms; null without facts. */
  readonly firstPublishedAt: number | null;
  readonly lastPublishedAt: number | null;
  /** False when some fact was published before one that stands above it in the file. */
  readonly isAscending: boolean;
}

/** What a recording holds, known before it is played. */
export interface RecordingDescription {
  readonly name: string;
  readonly description: string;
  readonly simulated: boolean;
  readonly symbols: readonly string[];
  readonly facts: number;
  readonly factsByTopic: Readonly<Partial<Record<FactTopic, number>>>;
  readonly rejected: number;
  /** Of these, how many for each reason. */
  readonly refusals: readonly Refusal[];
  /** Rows left out on purpose, by reason. */
  readonly skipped: Readonly<Record<string, number>>;
  /** Publication of the earliest and latest fact, UTC ms; null without facts. */
  readonly firstPublishedAt: number | null;
  readonly lastPublishedAt: number | null;
  /** Bars below a day, trades or quotes: slots make sense. */
  readonly hasIntradayPrices: boolean;
  /** SHA-256 over the manifest and every byte of its files; a resumed play must find the same. */
  readonly fingerprint: string;
  readonly parts: readonly PartSurvey[];
}

export interface DescribeOptions {
  readonly manifest: RecordingManifest;
  readonly dataRoot: string;
  /** Only these symbols, beside what the manifest keeps. */
  readonly symbols?: ReadonlySet<string> | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A recording's parts together with what is in them. */
export interface SurveyedRecording {
  readonly description: RecordingDescription;
  readonly parts: readonly { readonly part: SourcePart; readonly survey: PartSurvey }[];
}

/**
 * Reads a whole recording once: what it holds, in which order, and whether its files can be read.
 * Throws `recording.source-missing`, `recording.source-unreadable`.
 */
export async function describeRecording(options: DescribeOptions): Promise<RecordingDescription> {
  return (await surveyRecording(options)).description;
}

export async function surveyRecording(options: DescribeOptions): Promise<SurveyedRecording> {
  const { manifest, dataRoot, symbols, signal } = options;
  const totals = new Totals();
  const hash = createHash("sha256");
  // The prose may be mended between two plays.
  hash.update(
    JSON.stringify({ ...manifest, description: "", symbols: [...(symbols ?? [])].sort() }),
  );
  const parts: { part: SourcePart; survey: PartSurvey }[] = [];
  for (const part of await sourceParts(manifest, dataRoot, symbols ?? null)) {
    signal?.throwIfAborted();
    parts.push({ part, survey: await surveyPart(part, totals) });
    hash.update(part.label);
    for (const path of part.paths) await addFile(hash, path);
  }
  const surveys = parts.map(({ survey }) => survey);
  const description: RecordingDescription = {
    name: manifest.name,
    description: manifest.description,
    simulated: manifest.simulated,
    symbols: [...totals.symbols].sort(),
    facts: totals.facts,
    factsByTopic: Object.fromEntries(totals.byTopic),
    rejected: totals.rejected,
    refusals: totals.refusals.list(),
    skipped: Object.fromEntries(totals.skipped),
    firstPublishedAt: extreme(surveys, "firstPublishedAt", Math.min),
    lastPublishedAt: extreme(surveys, "lastPublishedAt", Math.max),
    hasIntradayPrices: totals.hasIntradayPrices,
    fingerprint: hash.digest("hex"),
    parts: surveys,
  };
  return { description, parts };
}

class Totals {
  readonly symbols = new Set<string>();
  readonly byTopic = new Map<FactTopic, number>();
  readonly skipped = new Map<string, number>();
  readonly refusals = new Refusals();
  facts = 0;
  rejected = 0;
  hasIntradayPrices = false;

  add(item: SourceItem): void {
    if (item.type === "rejected") {
      this.rejected += 1;
      this.refusals.add(item.code, item.message);
    } else if (item.type === "skipped") count(this.skipped, item.reason);
    else {
      const { fact } = item;
      this.facts += 1;
      this.symbols.add(fact.value.symbol);
      count(this.byTopic, fact.topic);
      if (fact.topic === "market.price-tick.v1" && fact.value.intervalMs < DAY_MS) {
        this.hasIntradayPrices = true;
      }
    }
  }
}

async function surveyPart(part: SourcePart, totals: Totals): Promise<PartSurvey> {
  let facts = 0;
  let rejected = 0;
  let first: number | null = null;
  let last: number | null = null;
  let previous = Number.NEGATIVE_INFINITY;
  let isAscending = true;
  for await (const items of part.open()) {
    for (const item of items) {
      totals.add(item);
      if (item.type === "rejected") rejected += 1;
      if (item.type !== "fact") continue;
      const { publishedAt } = item.fact.value;
      facts += 1;
      if (publishedAt < previous) isAscending = false;
      previous = publishedAt;
      first = first === null ? publishedAt : Math.min(first, publishedAt);
      last = last === null ? publishedAt : Math.max(last, publishedAt);
    }
  }
  const { source, label } = part;
  return {
    source,
    label,
    facts,
    rejected,
    firstPublishedAt: first,
    lastPublishedAt: last,
    isAscending,
  };
}

async function addFile(hash: ReturnType<typeof createHash>, path: string): Promise<void> {
  try {
    for await (const chunk of createReadStream(path)) hash.update(chunk);
  } catch (error) {
    const message = `cannot read ${path}: ${messageOf(error)}`;
    throw new RecordingError("recording.source-unreadable", message, { path }, { cause: error });
  }
}

function count<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function extreme(
  surveys: readonly PartSurvey[],
  field: "firstPublishedAt" | "lastPublishedAt",
  choose: (a: number, b: number) => number,
): number | null {
  return surveys.reduce<number | null>((best, survey) => {
    const value = survey[field];
    if (value === null || best === null) return best ?? value;
    return choose(best, value);
  }, null);
}
