import type { FactTopic } from "@amc/schemas/topics";
import type { Fact } from "@amc/streams/kernel/fact";

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
