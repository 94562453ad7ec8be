import { isTopicName, type TopicName } from "./topics.ts";
import { traceparentOf } from "./trace-context.ts";

/**
 * CloudEvents 1.0 headers in Kafka's binary mode: the attributes are headers, the value stays plain
 * Confluent Avro. The type of an event is its topic, whose name carries the major version.
 */

export const CONTENT_TYPE = "application/vnd.confluent.avro";

export interface EventIdentity {
  /** Lower-case UUID. */
  readonly id: string;
  /** Producer, a URI reference such as `/amc/streams/features`. */
  readonly source: string;
  readonly topic: TopicName;
  /** Event time, UTC ms. */
  readonly happenedAt: number;
}

export interface EventHeaders {
  readonly ce_specversion: "1.0";
  readonly ce_id: string;
  readonly ce_source: string;
  readonly ce_type: TopicName;
  /** `2021-01-13T14:30:00.000Z`: always UTC with milliseconds, so that text order is time order. */
  readonly ce_time: string;
  readonly "content-type": typeof CONTENT_TYPE;
  /** W3C trace context, see `trace-context.ts`. */
  readonly traceparent: string;
  readonly [name: string]: string;
}

/** Events of one slice share their instant; printing it is the dearest part of the headers. */
let printedMs = 0;
let printed = new Date(0).toISOString();

/**
 * `traceparent`: the event's own, see `traceparentOf`; left out, it begins a trace. Throws RangeError
 * for a time outside the range of `Date`.
 */
export function eventHeaders(
  { id, source, topic, happenedAt }: EventIdentity,
  traceparent: string = traceparentOf(id),
): EventHeaders {
  if (happenedAt !== printedMs) {
    printed = new Date(happenedAt).toISOString();
    printedMs = happenedAt;
  }
  return {
    ce_specversion: "1.0",
    ce_id: id,
    ce_source: source,
    ce_type: topic,
    ce_time: printed,
    "content-type": CONTENT_TYPE,
    traceparent,
  };
}

export type HeadersCode =
  | "headers.missing"
  | "headers.specversion"
  | "headers.id"
  | "headers.type"
  | "headers.time"
  | "headers.content-type";

export type ParsedHeaders =
  | ({ readonly ok: true } & EventIdentity)
  | { readonly ok: false; readonly code: HeadersCode; readonly header: string };

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const UTC_MS = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;

/** Identity of a record from its headers; other headers are not looked at. */
export function parseEventHeaders(headers: Readonly<Record<string, string>>): ParsedHeaders {
  const missing = ["ce_specversion", "ce_id", "ce_source", "ce_type", "ce_time"].find(
    (name) => !Object.hasOwn(headers, name) || headers[name] === "",
  );
  if (missing !== undefined) return { ok: false, code: "headers.missing", header: missing };
  const { ce_id: id = "", ce_source: source = "", ce_type: topic = "" } = headers;
  if (headers.ce_specversion !== "1.0") {
    return { ok: false, code: "headers.specversion", header: "ce_specversion" };
  }
  const contentType = headers["content-type"];
  if (contentType !== undefined && contentType !== CONTENT_TYPE) {
    return { ok: false, code: "headers.content-type", header: "content-type" };
  }
  if (!UUID.test(id)) return { ok: false, code: "headers.id", header: "ce_id" };
  if (!isTopicName(topic)) return { ok: false, code: "headers.type", header: "ce_type" };
  const time = headers.ce_time ?? "";
  const happenedAt = UTC_MS.test(time) ? Date.parse(time) : Number.NaN;
  if (Number.isNaN(happenedAt)) return { ok: false, code: "headers.time", header: "ce_time" };
  return { ok: true, id, source, topic, happenedAt };
}
