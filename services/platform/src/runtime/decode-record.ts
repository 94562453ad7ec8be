import { crc32 } from "node:zlib";
import { decodeEvent } from "@amc/schemas/codec";
import { type EventOf, isTopicName, type TopicName } from "@amc/schemas/topics";
import { validateFact } from "@amc/schemas/validate";
import { isUuid } from "@amc/streams/kernel/ids";
import type { AnyEvent, StageEvent } from "@amc/streams/kernel/stage";
import type { LogRecord } from "../log/port.ts";

/** A record as an event, or why it can never be one. */
export type DecodedRecord =
  | { readonly ok: true; readonly event: AnyEvent }
  | { readonly ok: false; readonly code: string; readonly reason: string };

function refuse(code: string, reason: string): DecodedRecord {
  return { ok: false, code, reason };
}

/** The wire envelope (magic byte, schema id) is transport and takes no part in a checksum. */
const ENVELOPE_BYTES = 5;

/**
 * Reads one record, bounded before anything is allocated. Facts are checked for their domain too:
 * bad prices never flow. `withChecksum` costs about 0.1 us and is needed where copies are told apart.
 */
export function decodeRecord(record: LogRecord, withChecksum: boolean): DecodedRecord {
  const { topic, value, headers, unreadable } = record;
  if (unreadable !== undefined) return refuse(unreadable.code, unreadable.reason);
  if (!isTopicName(topic))
    return refuse("envelope.unknown-topic", `${topic} is not in the topic table`);
  if (value === null) return refuse("envelope.no-value", "the record has no value");
  const id = headers.ce_id;
  if (id === undefined || !isUuid(id)) {
    return refuse("envelope.id", "header ce_id is missing or not a lower-case UUID");
  }
  const decoded = decodeEvent(topic, value);
  if (!decoded.ok) return refuse(decoded.code, decoded.message);
  const invalid = validateFact(topic, decoded.value);
  if (invalid !== null) return refuse(invalid.code, `${invalid.field}: ${invalid.message}`);
  const checksum = withChecksum ? crc32(value.subarray(ENVELOPE_BYTES)) : 0;
  return { ok: true, event: eventOf(topic, id, record.key, decoded.value, checksum) };
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
