import { nextOffset } from "@amc/platform/log/next-offset";
import type { Append, Lease, Log, Position } from "@amc/platform/log/port";
import { decodeRecord } from "@amc/platform/runtime/decode-record";
import { type Origin, originOf } from "@amc/platform/runtime/lineage";
import type { Telemetry } from "@amc/platform/telemetry";
import { encodeEvent } from "@amc/schemas/codec";
import type { Requested } from "@amc/schemas/generated/events";
import { eventHeaders } from "@amc/schemas/headers";
import { spanIdOf, traceparentOf } from "@amc/schemas/trace-context";
import { derivedId } from "@amc/streams/kernel/ids";

const REQUESTS = "alerts.requested.v1";
const DELIVERIES = "alerts.delivery.v1";
const GROUP = "alert-sender-console";
const BATCH = { maxRecords: 100, maxBytes: 1024 * 1024 };

export interface ConsoleSenderOptions {
  readonly log: Log;
  /** Shows one alert to the person at the terminal. */
  readonly show: (id: string, alert: Requested) => void;
  /** Now, ms since 1970: when an alert was shown. */
  readonly nowMs: () => number;
  /** Told of the deliveries that were committed. */
  readonly telemetry?: Pick<Telemetry, "written">;
}

/**
 * Delivers alerts to the terminal. Each batch is shown first and then committed together with its
 * delivery events and the position: a kill in between shows an alert again, never loses one.
 */
export class ConsoleSender {
  readonly #options: ConsoleSenderOptions;
  readonly #leases: readonly Lease[];
  readonly #next: number[];

  private constructor(options: ConsoleSenderOptions, leases: readonly Lease[], next: number[]) {
    this.#options = options;
    this.#leases = leases;
    this.#next = next;
  }

  static async open(options: ConsoleSenderOptions): Promise<ConsoleSender> {
    const { log } = options;
    const leases: Lease[] = [];
    const next: number[] = [];
    for (let partition = 0; partition < log.partitions(REQUESTS); partition += 1) {
      leases.push(await log.acquire(GROUP, partition));
      const positions = await log.positions(GROUP, partition);
      next.push(positions.find(({ topic }) => topic === REQUESTS)?.next ?? 0);
    }
    return new ConsoleSender(options, leases, next);
  }

  /** Delivers everything requested so far; returns how many alerts that were. */
  async deliverPending(): Promise<number> {
    let delivered = 0;
    for (const lease of this.#leases) {
      for (;;) {
        const count = await this.#deliverBatch(lease);
        if (count === 0) break;
        delivered += count;
      }
    }
    return delivered;
  }

  async #deliverBatch(lease: Lease): Promise<number> {
    const { log, show, nowMs, telemetry } = this.#options;
    const startedMs = nowMs();
    const from = this.#next[lease.partition] ?? 0;
    const records = await log.read(REQUESTS, lease.partition, from, BATCH);
    if (records.length === 0) return 0;
    const appends: Append[] = [];
    const parents = new Map<string, string>();
    for (const record of records) {
      const decoded = decodeRecord(record, false);
      // Our own policy wrote it; what cannot be read was dead-lettered by nobody, so say so.
      if (!decoded.ok || decoded.event.topic !== REQUESTS) {
        throw new TypeError(
          `alert request ${REQUESTS}/${lease.partition}/${record.offset} is unreadable`,
        );
      }
      show(decoded.event.id, decoded.event.value);
      const sent = delivery(decoded.event.id, decoded.event.value, nowMs(), originOf(record));
      parents.set(sent.headers.ce_id ?? "", spanIdOf(decoded.event.id));
      appends.push(sent);
    }
    const next = nextOffset(records, from);
    const positions: Position[] = [{ topic: REQUESTS, partition: lease.partition, next }];
    await log.commit({ appends, lease, positions });
    this.#next[lease.partition] = next;
    telemetry?.written("alert-sender", appends, nowMs() - startedMs, parents);
    return records.length;
  }
}

function delivery(alertId: string, alert: Requested, atMs: number, origin: Origin): Append {
  const id = derivedId("alert-sender", 1, [alertId, "console", "1"]);
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
