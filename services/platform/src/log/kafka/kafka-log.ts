import { type RegisteredIds, withLocalIds } from "../../registry/registered-ids.ts";
import { checkedAppends, recordSize } from "../commit-check.ts";
import { LogError } from "../errors.ts";
import { checkOffset } from "../offset-range.ts";
import type { PartitionTable } from "../partition-table.ts";
import type {
  Commit,
  Committed,
  Lease,
  Log,
  LogRecord,
  Position,
  ReadLimits,
  StateChange,
  TopicLayout,
} from "../port.ts";
import { Arrivals } from "./arrivals.ts";
import type { Cluster } from "./cluster.ts";
import { CommitGroups, type PendingAppend } from "./commit-group.ts";
import { CommitQueue } from "./commit-queue.ts";
import type { Delivery } from "./delivery.ts";
import { toOutgoing } from "./outgoing.ts";
import { PartitionReader } from "./reader.ts";
import type { Restored, WorkUnit } from "./unit.ts";
import { stateRecord } from "./unit-records.ts";
import { WorkUnits } from "./work-units.ts";

/** A value of state is written in one batch, and changelogs take batches of 8 MiB. */
const MAX_STATE_BYTES = 4 * 1_048_576;

export interface KafkaLogParts {
  readonly cluster: Cluster;
  readonly delivery: Delivery;
  readonly table: PartitionTable<unknown>;
  readonly prefix: string;
  readonly onRestored: (restored: Restored) => void;
  readonly wireIds: RegisteredIds | null;
}

/** The log of one process on a Kafka cluster that others use at the same time. */
export class KafkaLog implements Log {
  readonly #cluster: Cluster;
  readonly #delivery: Delivery;
  readonly #table: PartitionTable<unknown>;
  readonly #prefix: string;
  readonly #wireIds: RegisteredIds | null;
  readonly #toWire: ((value: Uint8Array) => void) | undefined;
  readonly #reader: PartitionReader;
  readonly #arrivals: Arrivals;
  readonly #units: WorkUnits;
  readonly #queue: CommitQueue;
  #isClosed = false;

  constructor(parts: KafkaLogParts) {
    const { cluster, delivery, table, prefix } = parts;
    this.#cluster = cluster;
    this.#delivery = delivery;
    this.#table = table;
    this.#prefix = prefix;
    const { wireIds } = parts;
    this.#wireIds = wireIds;
    if (wireIds !== null) this.#toWire = (value) => wireIds.ids.toWire(value);
    this.#reader = new PartitionReader(cluster, prefix);
    this.#arrivals = new Arrivals(cluster, this.#reader);
    this.#units = new WorkUnits({ ...parts, reader: this.#reader });
    const onAppended = (topic: string, partition: number, end: number) => {
      this.#reader.noteRecord({ topic: prefix + topic, partition }, end - 1);
      this.#arrivals.advance(prefix + topic, partition, end);
    };
    this.#queue = new CommitQueue(
      new CommitGroups({ cluster, delivery, prefix, units: this.#units, onAppended }),
      { mixesUnits: delivery.isDense },
    );
  }

  partitions(topic: string): number {
    return this.#table.partitions(topic);
  }

  topics(): readonly TopicLayout[] {
    return this.#table.topics();
  }

  async startOffset(topic: string, partition: number): Promise<number> {
    return this.#cluster.startOffset(this.#at(topic, partition), partition);
  }

  async endOffset(topic: string, partition: number): Promise<number> {
    return this.#reader.endOfRecords(this.#at(topic, partition), partition);
  }

  async offsetAtTime(topic: string, partition: number, appendedAtMs: number): Promise<number> {
    const name = this.#at(topic, partition);
    const found = await this.#cluster.offsetAtTime(name, partition, appendedAtMs);
    if (found === -1) return this.endOffset(topic, partition);
    // A marker has a time too; the record behind it is meant.
    const place = { topic: name, partition, from: found };
    const [record] = await this.#reader.read(place, { maxRecords: 1, maxBytes: 1 });
    return record?.offset ?? this.endOffset(topic, partition);
  }

  async read(
    topic: string,
    partition: number,
    offset: number,
    limits: ReadLimits,
  ): Promise<readonly LogRecord[]> {
    const place = { topic: this.#at(topic, partition), partition, from: offset };
    if (!Number.isSafeInteger(offset) || offset < 0)
      await this.#checkRange(topic, partition, offset);
    const records = await this.#reader.read(place, limits);
    return this.#wireIds === null ? records : withLocalIds(records, this.#wireIds);
  }

  async waitFor(
    topic: string,
    partition: number,
    offset: number,
    signal: AbortSignal,
  ): Promise<void> {
    await this.#arrivals.wait(this.#at(topic, partition), partition, offset, signal);
  }

  async acquire(group: string, partition: number, signal?: AbortSignal): Promise<Lease> {
    this.#checkOpen();
    const inTurn = <Result>(unit: WorkUnit, task: () => Promise<Result>) =>
      this.#queue.run(unit, task);
    return this.#units.acquire(group, partition, inTurn, signal);
  }

  async positions(group: string, partition: number): Promise<readonly Position[]> {
    this.#checkOpen();
    return this.#units.positions(group, partition);
  }

  async *state(group: string, partition: number): AsyncGenerator<StateChange> {
    this.#checkOpen();
    yield* await this.#units.state(group, partition);
  }

  async commit(commit: Commit): Promise<Committed> {
    this.#checkOpen();
    const { partitions } = checkedAppends(commit, this.#table);
    const { lease } = commit;
    const leased = lease === undefined ? null : this.#units.ofLease(lease);
    const appends = commit.appends.map((append, index): PendingAppend => {
      const { topic, headers } = append;
      const partition = partitions[index] ?? 0;
      const offset = leased?.held.written.take(topic, partition, headers);
      const outgoing = toOutgoing(this.#prefix + topic, partition, append, this.#toWire);
      return { topic, offset, outgoing };
    });
    const state = (commit.state ?? []).map((change) => {
      checkStateSize(change);
      if (leased === null) throw new TypeError("state was accepted without a lease");
      return stateRecord(leased.unit.place, leased.held.owner, change);
    });
    const positions = commit.positions ?? [];
    return this.#queue.add({ lease, appends, positions, state });
  }

  async truncateBefore(topic: string, partition: number, offset: number): Promise<void> {
    const name = this.#at(topic, partition);
    if (offset <= (await this.startOffset(topic, partition))) return;
    await this.#checkRange(topic, partition, offset);
    await this.#cluster.truncateBefore(name, partition, offset);
    this.#reader.forget(name, partition);
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#units.acquired();
    await this.#queue.close();
    this.#arrivals.close(closedError());
    await this.#delivery.close();
    await this.#cluster.close();
  }

  async #checkRange(topic: string, partition: number, offset: number): Promise<void> {
    const start = await this.startOffset(topic, partition);
    const end = await this.endOffset(topic, partition);
    checkOffset({ topic, partition, start, end }, offset);
  }

  /** The topic as the brokers know it. */
  #at(topic: string, partition: number): string {
    this.#checkOpen();
    this.#table.at(topic, partition);
    return this.#prefix + topic;
  }

  #checkOpen(): void {
    if (this.#isClosed) throw closedError();
  }
}

function checkStateSize({ store, key, value }: StateChange): void {
  const bytes = recordSize(key, value, {});
  if (bytes <= MAX_STATE_BYTES) return;
  throw new LogError(
    "log.record-too-large",
    `State ${store} is ${bytes} bytes, the limit is ${MAX_STATE_BYTES}`,
    { store, key: key.slice(0, 100), bytes },
  );
}

function closedError(): LogError {
  return new LogError("log.closed", "The log is closed");
}
