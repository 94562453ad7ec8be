import { nextOffset } from "@amc/platform/log/next-offset";
import type { Append, Lease, Log, LogRecord, Position } from "@amc/platform/log/port";
import { waitForAny } from "@amc/platform/log/wait-for-any";
import { deadLetter } from "@amc/platform/runtime/dead-letter";
import { type DecodedRecord, decodeRecord } from "@amc/platform/runtime/decode-record";
import { HighWaterMarks } from "@amc/platform/runtime/high-water-marks";
import { type Origin, originOf } from "@amc/platform/runtime/lineage";
import type { Telemetry } from "@amc/platform/telemetry";
import { encodeEvent } from "@amc/schemas/codec";
import type { Requested } from "@amc/schemas/generated/events";
import { eventHeaders } from "@amc/schemas/headers";
import { spanIdOf, traceparentOf } from "@amc/schemas/trace-context";
import { derivedId } from "@amc/streams/kernel/ids";

const REQUESTS = "alerts.requested.v1";
const DELIVERIES = "alerts.delivery.v1";
/** Under which its dead letters and its log lines go. */
const PART = "alert-sender";
/** Group of consumers; a unit per partition of the requests. */
export const CONSOLE_GROUP = "alert-sender-console";
const BATCH = { maxRecords: 100, maxBytes: 1024 * 1024 };

export interface ConsoleSenderOptions {
  readonly log: Log;
  /** Partitions to deliver from; all of them when left out. */
  readonly partitions?: readonly number[];
  /** Shows one alert to the person at the terminal. */
  readonly show: (id: string, alert: Requested) => void;
  /** Now, ms since 1970: when an alert was shown. */
  readonly nowMs: () => number;
  /** Told of the deliveries and dead letters that were committed. */
  readonly telemetry?: Pick<Telemetry, "written">;
}

/** One partition of requests, as far as it was delivered. */
interface Delivered {
  readonly lease: Lease;
  readonly marks: HighWaterMarks;
  next: number;
}

/**
 * Delivers alerts to the terminal, each request once however often a crashed writer wrote it. Each
 * batch is shown first and then committed together with its delivery events and the position: a kill
 * in between shows an alert again, never loses one. A request that cannot be read is dead-lettered in
 * the same commit, and those behind it are shown.
 */
export class ConsoleSender {
  readonly #options: ConsoleSenderOptions;
  readonly #partitions: readonly Delivered[];

  private constructor(options: ConsoleSenderOptions, partitions: readonly Delivered[]) {
    this.#options = options;
    this.#partitions = partitions;
  }

  static async open(options: ConsoleSenderOptions): Promise<ConsoleSender> {
    const { log } = options;
    const { partitions: numbers = [...Array(log.partitions(REQUESTS)).keys()] } = options;
    const partitions: Delivered[] = [];
    for (const partition of numbers) {
      const lease = await log.acquire(CONSOLE_GROUP, partition);
      const positions = await log.positions(CONSOLE_GROUP, partition);
      const next = positions.find(({ topic }) => topic === REQUESTS)?.next ?? 0;
      const marks = new HighWaterMarks();
      for await (const { store, key, value } of log.state(CONSOLE_GROUP, partition)) {
        if (store === marks.store.name && value !== null) marks.store.restore(key, value);
      }
      partitions.push({ lease, marks, next });
    }
    return new ConsoleSender(options, partitions);
  }

  /** Delivers everything requested so far; returns how many alerts that were. */
  async deliverPending(): Promise<number> {
    let delivered = 0;
    for (const partition of this.#partitions) {
      for (let count = await this.#deliverBatch(partition); count !== null; ) {
        delivered += count;
        count = await this.#deliverBatch(partition);
      }
    }
    return delivered;
  }

  /** Delivers what is requested until `signal` aborts; ends after a batch that is committed. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      if ((await this.deliverPending()) > 0) continue;
      await waitForAny(this.#options.log, this.positions(), signal);
    }
  }

  /** Next offset of every partition that is delivered from. */
  positions(): readonly Position[] {
    return this.#partitions.map(({ lease: { partition }, next }) => ({
      ...{ topic: REQUESTS, partition, next },
    }));
  }

  /** Alerts that were shown; null at the end of the partition. */
  async #deliverBatch(at: Delivered): Promise<number | null> {
    const { log, show, nowMs, telemetry } = this.#options;
    const startedMs = nowMs();
    const { lease, marks } = at;
    const records = await log.read(REQUESTS, lease.partition, at.next, BATCH);
    if (records.length === 0) return null;
    const appends: Append[] = [];
    const parents = new Map<string, string>();
    let shown = 0;
    for (const record of records) {
      if (marks.isCopy(record)) continue;
      const decoded = decodeRecord(record, false);
      if (!decoded.ok || decoded.event.topic !== REQUESTS) {
        appends.push(unreadable(record, decoded));
        continue;
      }
      const { id, value } = decoded.event;
      show(id, value);
      shown += 1;
      const sent = delivery(id, value, nowMs(), originOf(record));
      parents.set(sent.headers.ce_id ?? "", spanIdOf(id));
      appends.push(sent);
    }
    const next = nextOffset(records, at.next);
    const positions: Position[] = [{ topic: REQUESTS, partition: lease.partition, next }];
    await log.commit({ appends, lease, positions, state: marks.store.takeChanges() });
    at.next = next;
    telemetry?.written(PART, appends, nowMs() - startedMs, parents);
    return shown;
  }
}

function unreadable(record: LogRecord, decoded: DecodedRecord): Append {
  const { code, reason } = decoded.ok
    ? { code: "envelope.unknown-topic", reason: `${decoded.event.topic} holds no requests` }
    : decoded;
  return deadLetter(record, { stage: PART, code, reason });
}

function delivery(alertId: string, alert: Requested, atMs: number, origin: Origin): Append {
  const id = derivedId(PART, 1, [alertId, "console", "1"]);
  return {
    topic: DELIVERIES,
    key: alert.symbol,
    value: encodeEvent(DELIVERIES, {
      symbol: alert.symbol,
      happenedAt: atMs,
      publishedAt: atMs,
      capturedAt: atMs,
      source: "console",
      simulated: alert.simulated,
      alertId,
      channel: "console",
      status: "SENT",
      attempt: 1,
      error: null,
    }),
    headers: {
      ...eventHeaders(
        { id, source: "/amc/alert-sender", topic: DELIVERIES, happenedAt: atMs },
        traceparentOf(id, origin.traceparent),
      ),
      ...(origin.runId === undefined ? {} : { "amc-run": origin.runId }),
    },
  };
}
