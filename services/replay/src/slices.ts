import type { Append } from "@amc/platform/log/port";
import type { TopicName } from "@amc/schemas/topics";

/** A fact ready to be appended, and what orders it. */
export interface SliceFactAppend {
  readonly append: Append;
  readonly topic: TopicName;
  readonly publishedAt: number;
}

/** The facts published up to an instant since the slice before, and whether slots may fire at it. */
export interface FactSlice {
  readonly atMs: number;
  readonly discovery: boolean;
  readonly facts: readonly SliceFactAppend[];
}
