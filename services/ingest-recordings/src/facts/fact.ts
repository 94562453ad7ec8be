import type { EventOf, FactTopic } from "@amc/schemas/topics";
import { uuidOf } from "@amc/streams/kernel/ids";
import { isStale, type Shelf } from "@amc/streams/market/shelf-life";

/** One fact with its identity, ready to be encoded. */
export type Fact = {
  [Topic in FactTopic]: {
    readonly topic: Topic;
    /** UUID of (source, symbol, kind, event time, provider sequence); becomes `ce_id`. */
    readonly id: string;
    readonly value: EventOf<Topic>;
  };
}[FactTopic];

/** Where a row came from, for errors and dead letters. */
export interface RowPlace {
  /** Relative to the data root; `archive.zip!member` inside an archive. */
  readonly path: string;
  /** Line, from 1. */
  readonly row: number;
}

/** A row that cannot become a fact; the caller makes it a dead letter. */
export interface Rejected extends RowPlace {
  readonly type: "rejected";
  readonly topic: FactTopic;
  /** Column, from 1; null when it concerns the whole row. */
  readonly column: number | null;
  /** Stable, for example `domain.high-below-low`. */
  readonly code: string;
  readonly message: string;
  /** The row as it was read, cut at 4096 characters. */
  readonly raw: string;
}

/** A row left out on purpose, counted by its reason. */
export interface Skipped extends RowPlace {
  readonly type: "skipped";
  /** Stable, for example `quote.one-sided`. */
  readonly reason: string;
}

/** A fact and the row that states it. */
export interface FactItem {
  readonly type: "fact";
  readonly fact: Fact;
  readonly row: number;
}

export type SourceItem = FactItem | Rejected | Skipped;

/** Who states a fact, as every fact carries it. */
export interface Provenance {
  readonly source: string;
  readonly confidence: number;
  readonly simulated: boolean;
}

/** The nine fields every fact begins with, in schema order. */
export interface Envelope extends Provenance {
  readonly symbol: string;
  readonly happenedAt: number;
  readonly publishedAt: number;
  readonly capturedAt: number;
  readonly stale: boolean;
  readonly providerLatencyMs: null;
}

/**
 * A recording is captured as it is published: nothing in it took a call, and only what a vendor
 * publishes with delay can be stale by then. `shelf` says how it ages, null that it does not.
 */
export function envelope(
  symbol: string,
  happenedAt: number,
  publishedAt: number,
  provenance: Provenance,
  shelf: Shelf | null,
): Envelope {
  const times = { happenedAt, publishedAt };
  return {
    symbol,
    happenedAt,
    publishedAt,
    capturedAt: publishedAt,
    source: provenance.source,
    confidence: provenance.confidence,
    stale: shelf !== null && isStale(shelf, times, publishedAt),
    providerLatencyMs: null,
    simulated: provenance.simulated,
  };
}

/**
 * Identity of a fact. `kind` says what is stated (`bar/60000`, `reference/FLOAT_SHARES`);
 * `sequence` tells apart what a vendor states several times about one instant.
 */
export function factId(
  source: string,
  symbol: string,
  kind: string,
  happenedAt: number,
  sequence: number | string = 0,
): string {
  return uuidOf(`${source}/${symbol}/${kind}/${happenedAt}/${sequence}`);
}
