import { type CheckedAppends, checkedAppends } from "./commit-check.ts";
import { LogError } from "./errors.ts";
import { MemoryPartition } from "./memory-partition.ts";
import { checkOffset } from "./offset-range.ts";
import { PartitionTable } from "./partition-table.ts";
import type {
  Append,
  Commit,
  Committed,
  Lease,
  Log,
  LogRecord,
  Position,
  ReadLimits,
  StateChange,
  TopicLayout,
} from "./port.ts";
import { checkLease, comparePositions, compareStateChanges, workUnitId } from "./work-unit.ts";

interface WorkUnit {
  epoch: number;
  readonly positions: Map<string, Position>;
  /** Values as one-byte strings, see `applyToUnit`. */
  readonly stores: Map<string, Map<string, string>>;
}

/**
 * A log in memory, for tests and isolated replays; gone with the process. `clock` gives append
 * times, ms since 1970.
 */
export function createMemoryLog(layout: readonly TopicLayout[], clock: () => number): Log {
  return new MemoryLog(layout, clock);
}

class MemoryLog implements Log {
  readonly #table: PartitionTable<MemoryPartition>;
  readonly #clock: () => number;
  readonly #units = new Map<string, WorkUnit>();
  #appendedAtMs = 0;
  #closed = false;

  constructor(layout: readonly TopicLayout[], clock: () => number) {
    this.#clock = clock;
    this.#table = new PartitionTable(
      layout,
      (topic, partition) => new MemoryPartition(topic, partition),
    );
  }

  partitions(topic: string): number {
    return this.#table.partitions(topic);
  }

  topics(): readonly TopicLayout[] {
    return this.#table.topics();
  }

  async startOffset(topic: string, partition: number): Promise<number> {
    return this.#at(topic, partition).start;
  }

  async endOffset(topic: string, partition: number): Promise<number> {
    return this.#at(topic, partition).end;
  }

  async offsetAtTime(topic: string, partition: number, appendedAtMs: number): Promise<number> {
    return this.#at(topic, partition).offsetAtTime(appendedAtMs);
  }

  async read(
    topic: string,
    partition: number,
    offset: number,
    limits: ReadLimits,
  ): Promise<readonly LogRecord[]> {
    const from = this.#at(topic, partition);
    checkOffset(from, offset);
    return from.read(offset, limits);
  }

  async waitFor(
    topic: string,
    partition: number,
    offset: number,
    signal: AbortSignal,
  ): Promise<void> {
    const records = this.#at(topic, partition);
    if (offset >= records.end) await records.waiters.wait(offset, signal);
  }

  async acquire(group: string, partition: number, signal?: AbortSignal): Promise<Lease> {
    this.#checkOpen();
    signal?.throwIfAborted();
    const unit = this.#unit(group, partition);
    unit.epoch += 1;
    return { group, partition, epoch: unit.epoch };
  }

  async positions(group: string, partition: number): Promise<readonly Position[]> {
    this.#checkOpen();
    const unit = this.#units.get(workUnitId(group, partition));
    return unit === undefined ? [] : [...unit.positions.values()].sort(comparePositions);
  }

  async *state(group: string, partition: number): AsyncGenerator<StateChange> {
    this.#checkOpen();
    const unit = this.#units.get(workUnitId(group, partition));
    if (unit === undefined) return;
    const entries: StateChange[] = [];
    for (const [store, values] of unit.stores) {
      for (const [key, value] of values) {
        entries.push({ store, key, value: Buffer.from(value, "latin1") });
      }
    }
    yield* entries.sort(compareStateChanges);
  }

  async commit(commit: Commit): Promise<Committed> {
    this.#checkOpen();
    const checked = checkedAppends(commit, this.#table);
    const { lease } = commit;
    if (lease !== undefined) {
      const unit = this.#units.get(workUnitId(lease.group, lease.partition));
      checkLease(lease, unit?.epoch ?? 0);
      if (unit !== undefined) applyToUnit(unit, commit);
    }
    return { offsets: this.#append(commit.appends, checked) };
  }

  async truncateBefore(topic: string, partition: number, offset: number): Promise<void> {
    const records = this.#at(topic, partition);
    if (offset <= records.start) return;
    checkOffset(records, offset);
    records.truncateBefore(offset);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    for (const { waiters } of this.#table.entries()) waiters.fail(closedError());
  }

  #append(appends: readonly Append[], { partitions, sizes }: CheckedAppends): number[] {
    // A clock set back must not make `offsetAtTime` ambiguous.
    this.#appendedAtMs = Math.max(this.#appendedAtMs, this.#clock());
    const grown = new Set<MemoryPartition>();
    const offsets = appends.map((append, index) => {
      const into = this.#table.at(append.topic, partitions[index] ?? 0);
      grown.add(into);
      return into.append(append, sizes[index] ?? 0, this.#appendedAtMs);
    });
    for (const into of grown) {
      into.closeBatch(this.#appendedAtMs);
      into.waiters.advance(into.end);
    }
    return offsets;
  }

  #unit(group: string, partition: number): WorkUnit {
    const id = workUnitId(group, partition);
    let unit = this.#units.get(id);
    if (unit === undefined) {
      unit = { epoch: 0, positions: new Map(), stores: new Map() };
      this.#units.set(id, unit);
    }
    return unit;
  }

  #at(topic: string, partition: number): MemoryPartition {
    this.#checkOpen();
    return this.#table.at(topic, partition);
  }

  #checkOpen(): void {
    if (this.#closed) throw closedError();
  }
}

function closedError(): LogError {
  return new LogError("log.closed", "The log is closed");
}

/**
 * State is replaced again and again. A string in V8's own heap is made in a fifth of the time of an
 * ArrayBuffer (350 bytes: 155 ns against 818) and does not make V8 collect everything.
 */
function applyToUnit(unit: WorkUnit, commit: Commit): void {
  for (const { topic, partition, next } of commit.positions ?? []) {
    unit.positions.set(`${partition}\u0000${topic}`, { topic, partition, next });
  }
  for (const { store, key, value } of commit.state ?? []) {
    let values = unit.stores.get(store);
    if (values === undefined) {
      values = new Map();
      unit.stores.set(store, values);
    }
    if (value === null) values.delete(key);
    else values.set(key, latin1Of(value));
  }
}

function latin1Of(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
}
