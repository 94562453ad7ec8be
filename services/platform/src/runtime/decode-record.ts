import { crc32 } from "node:zlib";
import { type DecodeResult, decodeEvent, decodeExcerpt } from "@amc/schemas/codec";
import type { ExcerptOf } from "@amc/schemas/excerpts";
import { type EventOf, isTopicName, type TopicName } from "@amc/schemas/topics";
import { validateExcerpt } from "@amc/schemas/validate";
import type { AnyExcerpt, EventExcerpt } from "@amc/streams/kernel/event-excerpt";
import { isUuid } from "@amc/streams/kernel/ids";
import type { AnyEvent, StageEvent } from "@amc/streams/kernel/stage";
import type { LogRecord } from "../log/port.ts";

/** Why a record can never be an event. */
export interface UnreadableRecord {
  readonly ok: false;
  readonly code: string;
  readonly reason: string;
}

/** A record as an event, or why it can never be one. */
export type DecodedRecord = { readonly ok: true; readonly event: AnyEvent } | UnreadableRecord;

/** A record as what the read model has columns for, or why it can never be an event. */
export type DecodedExcerpt = { readonly ok: true; readonly event: AnyExcerpt } | UnreadableRecord;

function refuse(code: string, reason: string): UnreadableRecord {
  return { ok: false, code, reason };
}

/** The wire envelope (magic byte, schema id) is transport and takes no part in a checksum. */
const ENVELOPE_BYTES = 5;

/**
 * Reads one record, bounded before anything is allocated. Facts are checked for their domain too:
 * bad prices never flow. `withChecksum` costs about 0.1 us and is needed where copies are told apart.
 */
export function decodeRecord(record: LogRecord, withChecksum: boolean): DecodedRecord {
  const envelope = envelopeOf(record);
  if (!envelope.ok) return envelope;
  const { topic, id, value } = envelope;
  const decoded = checked(topic, decodeEvent(topic, value));
  if (!decoded.ok) return decoded;
  const checksum = withChecksum ? crc32(value.subarray(ENVELOPE_BYTES)) : 0;
  return { ok: true, event: eventOf(topic, id, record.key, decoded.value, checksum) };
}

/** As `decodeRecord`, for the read model: refuses the same records, and makes less of the others. */
export function decodeRecordExcerpt(record: LogRecord): DecodedExcerpt {
  const envelope = envelopeOf(record);
  if (!envelope.ok) return envelope;
  const { topic, id, value } = envelope;
  const decoded = checked(topic, decodeExcerpt(topic, value));
  if (!decoded.ok) return decoded;
  return { ok: true, event: excerptOf(topic, id, record.key, decoded.value) };
}

type Envelope =
  | {
      readonly ok: true;
      readonly topic: TopicName;
      readonly id: string;
      readonly value: Uint8Array;
    }
  | UnreadableRecord;

function envelopeOf({ topic, value, headers, unreadable }: LogRecord): Envelope {
  if (unreadable !== undefined) return refuse(unreadable.code, unreadable.reason);
  if (!isTopicName(topic))
    return refuse("envelope.unknown-topic", `${topic} is not in the topic table`);
  if (value === null) return refuse("envelope.no-value", "the record has no value");
  const id = headers.ce_id;
  if (id === undefined || !isUuid(id)) {
    return refuse("envelope.id", "header ce_id is missing or not a lower-case UUID");
  }
  return { ok: true, topic, id, value };
}

/** What was decoded, unless its domain refuses it. */
function checked<Value extends ExcerptOf<TopicName>>(
  topic: TopicName,
  decoded: DecodeResult<Value>,
): { readonly ok: true; readonly value: Value } | UnreadableRecord {
  if (!decoded.ok) return refuse(decoded.code, decoded.message);
  const invalid = validateExcerpt(topic, decoded.value);
  return invalid === null ? decoded : refuse(invalid.code, `${invalid.field}: ${invalid.message}`);
}

/** `AnyEvent`, in the form in which the compiler follows that a topic and its value agree. */
type EventAmong<Topics extends TopicName> = { [Topic in Topics]: StageEvent<Topic> }[Topics];

/** Ties a value to the topic whose schema it was decoded with. */
function eventOf<Topic extends TopicName>(
  topic: Topic,
  id: string,
  key: string | null,
  value: EventOf<Topic>,
  checksum: number,
): EventAmong<Topic> {
  return { topic, id, key, value, checksum, late: false };
}

type ExcerptAmong<Topics extends TopicName> = { [Topic in Topics]: EventExcerpt<Topic> }[Topics];

function excerptOf<Topic extends TopicName>(
  topic: Topic,
  id: string,
  key: string | null,
  value: ExcerptOf<Topic>,
): ExcerptAmong<Topic> {
  return { topic, id, key, value };
}
