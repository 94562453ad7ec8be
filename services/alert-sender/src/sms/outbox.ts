import { isNumber, isText, nullOr, recordOf } from "@amc/streams/kernel/json-shape";
import { KeyedStore } from "@amc/streams/kernel/keyed-store";
import { jsonCodec } from "@amc/streams/kernel/state-codec";

/** An alert that one recipient has not got yet, and how far its message is. */
export interface Waiting {
  readonly alertId: string;
  /** Hash of the number. */
  readonly recipient: string;
  readonly symbol: string;
  readonly text: string;
  /** Event time of the alert, UTC ms. */
  readonly requestedAt: number;
  /** When its turn came first, UTC ms. */
  readonly receivedAt: number;
  readonly traceparent: string;
  readonly runId: string | null;
  /** Sendings so far. */
  readonly attempt: number;
  /** When a message was about to be sent of which it is not known whether it was taken, UTC ms. */
  readonly intentAt: number | null;
}

const FORMAT = 1;
const isWaiting = recordOf<Waiting>({
  ...{ alertId: isText, recipient: isText, symbol: isText, text: isText },
  ...{ requestedAt: isNumber, receivedAt: isNumber, traceparent: isText },
  ...{ runId: nullOr(isText), attempt: isNumber, intentAt: nullOr(isNumber) },
});

/** Messages that are not settled, by alert and recipient. */
export type Outbox = KeyedStore<Waiting>;

export function newOutbox(): Outbox {
  return new KeyedStore("sms.outbox", jsonCodec(FORMAT, isWaiting));
}

export function keyOf({ alertId, recipient }: Pick<Waiting, "alertId" | "recipient">): string {
  return `${alertId}/${recipient}`;
}

/** Alerts that were taken into the outbox, by id, and until when that is remembered, UTC ms. */
export type SeenAlerts = KeyedStore<number>;

export function newSeenAlerts(): SeenAlerts {
  return new KeyedStore("sms.seen", jsonCodec(FORMAT, isNumber));
}
