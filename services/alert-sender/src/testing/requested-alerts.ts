import type { Append, Log } from "@amc/platform/log/port";
import { decodeEvent, encodeEvent } from "@amc/schemas/codec";
import type { Delivery, Requested } from "@amc/schemas/generated/events";
import { eventHeaders } from "@amc/schemas/headers";
import { uuidOf } from "@amc/streams/kernel/ids";

const TOPIC = "alerts.requested.v1";
const READ = { maxRecords: 100_000, maxBytes: 1e9 };

export interface Asking {
  readonly symbol: string;
  readonly happenedAt: number;
  readonly known?: Partial<Requested>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The id of an alert about a symbol. */
export const alertIdOf = uuidOf;

/** The record of an alert that is asked for. */
export function requestOf({ symbol, happenedAt, known = {}, headers = {} }: Asking): Append {
  const value: Requested = {
    ...{ symbol, happenedAt, publishedAt: happenedAt, capturedAt: happenedAt, simulated: false },
    ...{ alertType: "discovery_event", episode: symbol, priority: "HIGH", audience: "trader" },
    ...{ subjectId: uuidOf("subject"), title: `${symbol} is trade ready`, message: "because" },
    ...known,
  };
  const id = alertIdOf(symbol);
  return {
    ...{ topic: TOPIC, key: symbol, value: encodeEvent(TOPIC, value) },
    headers: { ...eventHeaders({ id, source: "/t", topic: TOPIC, happenedAt }), ...headers },
  };
}

/** Every delivery in a log, with its event id, in order of partitions. */
export async function deliveriesIn(
  log: Log,
): Promise<readonly (Delivery & { readonly id: string | undefined })[]> {
  const found: (Delivery & { readonly id: string | undefined })[] = [];
  for (let partition = 0; partition < log.partitions("alerts.delivery.v1"); partition += 1) {
    for (const { value, headers } of await log.read("alerts.delivery.v1", partition, 0, READ)) {
      const decoded = decodeEvent("alerts.delivery.v1", value ?? new Uint8Array());
      if (!decoded.ok) throw new TypeError(decoded.code);
      found.push({ ...decoded.value, id: headers.ce_id });
    }
  }
  return found;
}
