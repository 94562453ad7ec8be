import { createHash } from "node:crypto";
import { recordBytes } from "../log/commit-check.ts";
import { type Append, type Headers, type LogRecord, MAX_RECORD_BYTES } from "../log/port.ts";

/** Why a record was refused, and by whom. */
export interface LetterReason {
  readonly stage: string;
  readonly code: string;
  readonly reason: string;
}

/** On a letter that does not hold all of the record; says which parts were cut, by commas. */
export const TRUNCATED_HEADER = "dlq-truncated";

/**
 * What is left of a record whose letter would be larger than a record may be. Together they fit with
 * room to spare; 64 KiB are enough to see what it was, and the record itself is where it was.
 */
const CUT_VALUE_BYTES = 64 * 1024;
const CUT_HEADERS_BYTES = 32 * 1024;
const CUT_KEY_CHARACTERS = 1024;
/** Of any script: three bytes each at most. */
const REASON_CHARACTERS = 1024;

/** Name of the topic that takes what could not be read from `topic`. */
export function deadLetterTopic(topic: string): string {
  return `${topic}.dlq`;
}

/**
 * The raw record, untouched, with where it came from and why it was refused in its headers (the
 * shape of Kafka's KIP-1034), so that stock tools can look at it and a re-drive finds its origin.
 *
 * A letter can always be written. Other writers' records may be larger than ours, and one at the limit
 * grows past it by the headers of its letter: then the letter has the beginning of each part that is too
 * large, `dlq-truncated`, and size and SHA-256 of the whole value (`dlq-value-bytes`,
 * `dlq-value-sha256`). Nothing is lost by it: the record stays at its topic, partition and offset.
 */
export function deadLetter(record: LogRecord, refusal: LetterReason): Append {
  const letter = {
    topic: deadLetterTopic(record.topic),
    partition: record.partition,
    key: record.key,
    value: record.value,
    headers: { ...record.headers, ...letterHeaders(record, refusal) },
  };
  return recordBytes(letter) <= MAX_RECORD_BYTES ? letter : cut(letter, record, refusal);
}

function cut(letter: Append, record: LogRecord, refusal: LetterReason): Append {
  const { key, value } = record;
  const headers = firstHeaders(record.headers);
  const isValueCut = value !== null && value.length > CUT_VALUE_BYTES;
  const isKeyCut = key !== null && key.length > CUT_KEY_CHARACTERS;
  const areHeadersCut = Object.keys(headers).length < Object.keys(record.headers).length;
  const parts = { value: isValueCut, key: isKeyCut, headers: areHeadersCut };
  return {
    ...letter,
    key: key === null ? null : key.slice(0, CUT_KEY_CHARACTERS).toWellFormed(),
    value: value === null ? null : value.subarray(0, CUT_VALUE_BYTES),
    headers: {
      ...headers,
      ...letterHeaders(record, refusal),
      [TRUNCATED_HEADER]: Object.entries(parts)
        .flatMap(([part, isCut]) => (isCut ? [part] : []))
        .join(","),
      ...(value === null ? {} : wholeValue(value)),
    },
  };
}

function wholeValue(value: Uint8Array): Headers {
  return {
    "dlq-value-bytes": String(value.length),
    "dlq-value-sha256": createHash("sha256").update(value).digest("hex"),
  };
}

function letterHeaders(record: LogRecord, { stage, code, reason }: LetterReason): Headers {
  return {
    "dlq-topic": record.topic,
    "dlq-partition": String(record.partition),
    "dlq-offset": String(record.offset),
    "dlq-stage": stage,
    "dlq-code": code,
    "dlq-reason": reason.slice(0, REASON_CHARACTERS).toWellFormed(),
  };
}

/** The headers that fit, in their order: one that is too large does not take the others with it. */
function firstHeaders(headers: Headers): Headers {
  let bytes = 0;
  const fitting = Object.entries(headers).filter(([name, text]) => {
    const size = Buffer.byteLength(name) + Buffer.byteLength(text);
    if (bytes + size > CUT_HEADERS_BYTES) return false;
    bytes += size;
    return true;
  });
  return Object.fromEntries(fitting);
}
