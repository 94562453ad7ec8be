import { nextOffset } from "@amc/platform/log/next-offset";
import type { Append, Lease, Log, LogRecord, Position, StateChange } from "@amc/platform/log/port";
import { deadLetter } from "@amc/platform/runtime/dead-letter";
import { type DecodedRecord, decodeRecord } from "@amc/platform/runtime/decode-record";
import { HighWaterMarks } from "@amc/platform/runtime/high-water-marks";
import { type Origin, originOf } from "@amc/platform/runtime/lineage";
import type { Requested } from "@amc/schemas/generated/events";
import type { WorkGroupName } from "@amc/schemas/work-groups";
import type { Persistent } from "@amc/streams/kernel/keyed-store";
import { PART } from "./delivery-event.ts";

export const REQUESTS = "alerts.requested.v1";
const BATCH = { maxRecords: 100, maxBytes: 1024 * 1024 };

/** One alert that was asked for, or the dead letter of what cannot be read as one. */
export type Asked =
  | {
      readonly readable: true;
      readonly id: string;
      readonly alert: Requested;
      readonly origin: Origin;
      /** When it was asked for: when the request came to the log, ms since 1970. */
      readonly requestedMs: number;
    }
  | { readonly readable: false; readonly letter: Append };

/** What lies behind the position, and the position behind it. */
export interface AskedBatch {
  readonly asked: readonly Asked[];
  readonly next: number;
}

export interface PartitionOptions {
  readonly log: Log;
  readonly group: WorkGroupName;
  readonly partition: number;
  /** Where a group begins that was never here; at the first request when it is left out. */
  readonly begin?: () => Promise<number>;
  /** What is committed with the position beside the marks. */
  readonly stores?: readonly Persistent[];
}

/** One partition of requests, owned by one sender and read as far as that has committed. */
export class RequestPartition {
  readonly #log: Log;
  readonly #marks = new HighWaterMarks();
  readonly #stores: readonly Persistent[];
  readonly lease: Lease;
  #next = 0;

  private constructor({ log, stores = [] }: PartitionOptions, lease: Lease) {
    this.#log = log;
    this.#stores = [this.#marks.store, ...stores];
    this.lease = lease;
  }

  /** Takes the partition over, with what whoever had it before has committed; as `acquire` of the log. */
  static async open(options: PartitionOptions, signal?: AbortSignal): Promise<RequestPartition> {
    const { log, group, partition, begin } = options;
    const opened = new RequestPartition(options, await log.acquire(group, partition, signal));
    const positions = await log.positions(group, partition);
    const committed = positions.find(({ topic }) => topic === REQUESTS)?.next;
    opened.#next = committed ?? (await begin?.()) ?? 0;
    const stores = new Map(opened.#stores.map((store) => [store.name, store]));
    for await (const { store, key, value } of log.state(group, partition)) {
      if (value !== null) stores.get(store)?.restore(key, value);
    }
    // From now on everybody sees what it has not taken, also while nobody asks for anything.
    if (committed === undefined && begin !== undefined) await opened.commit([]);
    return opened;
  }

  get position(): Position {
    return { topic: REQUESTS, partition: this.lease.partition, next: this.#next };
  }

  /** The next requests without copies of those before them; null at the end of the partition. */
  async read(): Promise<AskedBatch | null> {
    const { partition, next } = this.position;
    const records = await this.#log.read(REQUESTS, partition, next, BATCH);
    if (records.length === 0) return null;
    const asked = records.filter((record) => !this.#marks.isCopy(record)).map(askedIn);
    return { asked, next: nextOffset(records, next) };
  }

  /** Appends and state together with the position, which stays where it is when none is given. */
  async commit(appends: readonly Append[], next = this.#next): Promise<void> {
    const { lease } = this;
    const positions: Position[] = [{ ...this.position, next }];
    await this.#log.commit({ appends, lease, positions, state: this.#changes() });
    this.#next = next;
  }

  #changes(): StateChange[] {
    return this.#stores.flatMap((store) => store.takeChanges());
  }
}

function askedIn(record: LogRecord): Asked {
  const decoded = decodeRecord(record, false);
  if (!decoded.ok || decoded.event.topic !== REQUESTS) {
    return { readable: false, letter: unreadable(record, decoded) };
  }
  const { id, value: alert } = decoded.event;
  return { readable: true, id, alert, origin: originOf(record), requestedMs: record.appendedAtMs };
}

function unreadable(record: LogRecord, decoded: DecodedRecord): Append {
  const { code, reason } = decoded.ok
    ? { code: "envelope.unknown-topic", reason: `${decoded.event.topic} holds no requests` }
    : decoded;
  return deadLetter(record, { stage: PART, code, reason });
}
