import { LogError } from "../errors.ts";
import type { Lease, Position } from "../port.ts";
import type { ChangelogPlace, OutputMark, Owner } from "./unit-records.ts";
import type { StateReplay, UnitReplay } from "./unit-replay.ts";
import type { WrittenOutputs } from "./written-outputs.ts";

/** What a process knows of a unit that it owns. */
export interface HeldUnit {
  readonly owner: Owner;
  readonly beginsAt: number;
  readonly positions: Map<string, Position>;
  readonly outputs: Map<string, OutputMark>;
  /** Ids of the topics of positions and outputs. */
  readonly topicIds: Map<string, string>;
  readonly written: WrittenOutputs;
  /** Of the newest own record of the changelog. */
  lastOffset: number;
  /** When the changelog was last seen to hold nothing but our own records; monotonic ms. */
  confirmedMs: number;
  /** Somebody else has written to the changelog since; our own records do not count. */
  isDisturbed: boolean;
}

export interface WorkUnit {
  readonly group: string;
  readonly partition: number;
  readonly place: ChangelogPlace;
  /** What was read of the changelog so far. */
  readonly replay: UnitReplay;
  /** Offset up to which `replay` has read; null before the first read. */
  next: number | null;
  /** Ends when `replay` is at rest: who reads or moves it on waits for the one before. */
  atRest: Promise<unknown>;
  /** Resolves when nobody of this process is acquiring the unit any more; null while nobody is. */
  acquired: Promise<void> | null;
  held: HeldUnit | null;
  /** State read by `acquire`, until the first commit: the owner asks for it next. */
  restored: StateReplay | null;
}

/** A state that was read back from its changelog. */
export interface Restored {
  readonly group: string;
  readonly partition: number;
  readonly records: number;
  readonly bytes: number;
  readonly ms: number;
}

export function placeId({ topic, partition }: { topic: string; partition: number }): string {
  return `${partition}\u0000${topic}`;
}

export function fenced(lease: Lease, { replay }: WorkUnit): LogError {
  const newestEpoch = replay.owner.epoch;
  return new LogError(
    "log.fenced",
    `Lease ${lease.epoch} of ${lease.group}/${lease.partition} is not held here (newest: ${newestEpoch})`,
    { ...lease, newestEpoch },
  );
}
