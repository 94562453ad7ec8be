import { LogError } from "./errors.ts";
import type { Lease, Position, StateChange } from "./port.ts";

/** Identifies a work unit in maps; group names never hold the separator. */
export function workUnitId(group: string, partition: number): string {
  return `${partition}\u0000${group}`;
}

/** Refuses a lease that is not the newest of its work unit (epoch 0: never acquired). */
export function checkLease(lease: Lease, newestEpoch: number): void {
  if (lease.epoch === newestEpoch && newestEpoch > 0) return;
  throw new LogError(
    "log.fenced",
    `Lease ${lease.epoch} of ${lease.group}/${lease.partition} is not the newest (${newestEpoch})`,
    { ...lease, newestEpoch },
  );
}

/** Order of `Log.positions`: by topic, then partition. */
export function comparePositions(a: Position, b: Position): number {
  if (a.topic !== b.topic) return a.topic < b.topic ? -1 : 1;
  return a.partition - b.partition;
}

/** Order of `Log.state`: by the UTF-8 bytes of the store, then of the key. */
export function compareStateChanges(a: StateChange, b: StateChange): number {
  return compareUtf8(a.store, b.store) || compareUtf8(a.key, b.key);
}

function compareUtf8(a: string, b: string): number {
  return a === b ? 0 : Buffer.compare(Buffer.from(a), Buffer.from(b));
}
