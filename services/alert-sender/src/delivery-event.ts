import type { Append } from "@amc/platform/log/port";
import type { Origin } from "@amc/platform/runtime/lineage";
import { encodeEvent } from "@amc/schemas/codec";
import type { Delivery } from "@amc/schemas/generated/events";
import { eventHeaders } from "@amc/schemas/headers";
import { traceparentOf } from "@amc/schemas/trace-context";
import { derivedId } from "@amc/streams/kernel/ids";

const DELIVERIES = "alerts.delivery.v1";
/** Under which what a sender writes goes, and its log lines. */
export const PART = "alert-sender";

/** How one attempt to deliver one alert ended. */
export interface Attempt extends Omit<Delivery, "happenedAt" | "publishedAt" | "capturedAt"> {
  readonly channel: "console" | "sms";
  readonly atMs: number;
  /** What tells it from other attempts at the same alert: its id is made of these and nothing else. */
  readonly inputs: readonly string[];
  readonly origin: Origin;
}

/** The event of an attempt; the same attempt is the same event, whoever tells of it. */
export function deliveryEvent(ended: Attempt): Append {
  const { atMs, inputs, origin, ...told } = ended;
  const id = derivedId(PART, 1, inputs);
  return {
    topic: DELIVERIES,
    key: told.symbol,
    value: encodeEvent(DELIVERIES, {
      ...told,
      happenedAt: atMs,
      publishedAt: atMs,
      capturedAt: atMs,
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
