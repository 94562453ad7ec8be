import type { LogRecord, Position, StateChange } from "../port.ts";
import { compareStateChanges } from "../work-unit.ts";
import {
  type ChangelogRecord,
  type OutputMark,
  type Owner,
  parseChangelogRecord,
  type TopicIdentity,
} from "./unit-records.ts";

const NOBODY: Owner = { epoch: 0, id: "" };

export function isSameOwner(a: Owner, b: Owner): boolean {
  return a.epoch === b.epoch && a.id === b.id;
}

/**
 * A work unit as its changelog tells it: the first claim of a higher epoch takes over, and from
 * there on only that owner's commits count.
 */
export class UnitReplay {
  owner: Owner = NOBODY;
  positions: readonly Position[] = [];
  outputs: readonly OutputMark[] = [];
  topics: readonly TopicIdentity[] = [];

  take(record: LogRecord): void {
    this.apply(parseChangelogRecord(record));
  }

  /** Goes on from where another reading of the same changelog has come to. */
  become({ owner, positions, outputs, topics }: UnitReplay): void {
    this.owner = owner;
    this.positions = positions;
    this.outputs = outputs;
    this.topics = topics;
  }

  /** True for a commit that counts. */
  apply(record: ChangelogRecord): boolean {
    if (record.type === "claim" && record.owner.epoch > this.owner.epoch) this.owner = record.owner;
    if (record.type !== "unit" || !isSameOwner(record.unit.owner, this.owner)) return false;
    this.positions = record.unit.positions;
    this.outputs = record.unit.outputs;
    this.topics = record.unit.topics;
    return true;
  }
}

/** A value is a one-byte string: made in a fifth of the time of a buffer, and no view of an answer. */
interface StoredChange {
  readonly offset: number;
  readonly owner: Owner;
  readonly store: string;
  readonly key: string;
  readonly value: string | null;
}

/** A work unit with its keyed state, from a whole changelog. */
export class StateReplay {
  readonly unit = new UnitReplay();
  /** Bytes of keys, values and headers that were read. */
  bytes = 0;
  records = 0;
  readonly #values = new Map<string, StoredChange>();
  /** Changes that no commit has made count yet, newest of each key and owner, by offset. */
  #pending = new Map<string, StoredChange>();
  /** Keys of claims and commits. */
  readonly #owners = new Map<string, Owner>();

  take(record: LogRecord): void {
    const parsed = parseChangelogRecord(record);
    const name = record.key ?? "";
    this.records += 1;
    this.bytes += name.length + (record.value?.length ?? 0);
    if (parsed.type === "state") {
      const { owner, change } = parsed;
      const { store, key } = change;
      const value = change.value === null ? null : latin1Of(change.value);
      const id = `${owner.epoch}/${owner.id}/${name}`;
      this.#pending.set(id, { offset: record.offset, owner, store, key, value });
      return;
    }
    if (parsed.type === "dropped") this.#owners.delete(name);
    if (parsed.type === "claim") this.#owners.set(name, parsed.owner);
    if (parsed.type === "unit") this.#owners.set(name, parsed.unit.owner);
    if (this.unit.apply(parsed) && parsed.type === "unit") this.#settle(parsed.unit);
  }

  /** The state as of the last commit, in the order of the port. */
  *inOrder(): Generator<StateChange> {
    const present = [...this.#values.values()].filter(({ value }) => value !== null);
    const named = present.map((stored) => ({ stored, ...stored, value: null }));
    for (const { stored } of named.sort(compareStateChanges)) yield changeOf(stored);
  }

  /**
   * What the next owner has to write again: for every key whose newest record does not count, the
   * value that does. Compaction keeps the newest record, whoever wrote it.
   */
  repairs(): StateChange[] {
    const repairs = new Map<string, StateChange>();
    for (const { offset, store, key } of this.#pending.values()) {
      const id = stateId({ store, key });
      const counting = this.#values.get(id) ?? { offset: -1, store, key, value: null };
      if (counting.offset < offset) repairs.set(id, changeOf(counting));
    }
    return [...repairs.values()];
  }

  /** Keys of claims and commits that are not this owner's. */
  obsolete(owner: Owner): string[] {
    return [...this.#owners].flatMap(([name, other]) => (isSameOwner(owner, other) ? [] : [name]));
  }

  #settle({ owner, beginsAt }: { readonly owner: Owner; readonly beginsAt: number }): void {
    const left = new Map<string, StoredChange>();
    for (const [id, change] of this.#pending) {
      if (isSameOwner(change.owner, owner) || change.offset < beginsAt) this.#settleOne(change);
      else left.set(id, change);
    }
    this.#pending = left;
  }

  #settleOne(change: StoredChange): void {
    const id = stateId(change);
    const counting = this.#values.get(id);
    // A removed key stays in the map as null: an older value must not come back after it.
    if (counting === undefined || counting.offset < change.offset) this.#values.set(id, change);
  }
}

function stateId({ store, key }: { readonly store: string; readonly key: string }): string {
  return `${store}\u0000${key}`;
}

function changeOf({ store, key, value }: Omit<StoredChange, "offset" | "owner">): StateChange {
  return { store, key, value: value === null ? null : Buffer.from(value, "latin1") };
}

function latin1Of(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
}
