import { type AvroCode, AvroError, finishReading, startReading } from "./avro-reader.ts";
import { finishWriting, startWriting } from "./avro-writer.ts";
import {
  bodyOf,
  ENVELOPE_BYTES,
  type EnvelopeCode,
  schemaIdOf,
  writeEnvelope,
} from "./envelope.ts";
import type { ExcerptOf } from "./excerpts.ts";
import { DECODERS, ENCODERS, EXCERPT_DECODERS } from "./generated/codecs.ts";
import { MESSAGE_BYTES_MAX } from "./limits.ts";
import { currentSchemaId } from "./schema-ids.ts";
import { type EventOf, TOPIC_NAMES, type TopicName } from "./topics.ts";

/**
 * Events as bytes and back: Confluent wire format, so that stock Java and Python deserialisers and
 * kcat read them. The encoders and decoders are generated from the schemas; `avro-reader.ts` says
 * what is refused and why.
 */

export { bodyOf, schemaIdOf };

export type DecodeCode = EnvelopeCode | AvroCode;

export interface DecodeFailure {
  readonly ok: false;
  /** Stable; goes into the dead letter. */
  readonly code: DecodeCode;
  /** Path inside the value such as `inputs.confidence`; null when it is about the whole. */
  readonly field: string | null;
  readonly message: string;
}

export type DecodeResult<Value> = { readonly ok: true; readonly value: Value } | DecodeFailure;

const WRITER_IDS: ReadonlyMap<TopicName, number> = new Map(
  TOPIC_NAMES.map((topic) => [topic, currentSchemaId(topic)]),
);

/**
 * The event under the newest schema of its topic, in memory of its own. Throws `EncodeError` for
 * what must never enter the log: NaN, infinities and -0, text that is not well formed, arrays and
 * messages beyond their caps, values that the schema does not allow.
 */
export function encodeEvent<T extends TopicName>(topic: T, value: EventOf<T>): Uint8Array {
  startWriting(ENVELOPE_BYTES);
  ENCODERS[topic](value);
  const bytes = finishWriting();
  writeEnvelope(bytes, WRITER_IDS.get(topic) ?? 0);
  return bytes;
}

/**
 * The event in its newest shape, whichever released version wrote it. Bad bytes are a value and
 * never an exception; work and memory are bounded by the length of the message.
 */
export function decodeEvent<T extends TopicName>(
  topic: T,
  bytes: Uint8Array,
): DecodeResult<EventOf<T>> {
  return decodeBy(DECODERS[topic], topic, bytes);
}

/** As `decodeEvent`, refusals included, but of what is not in the excerpt nothing is made. */
export function decodeExcerpt<T extends TopicName>(
  topic: T,
  bytes: Uint8Array,
): DecodeResult<ExcerptOf<T>> {
  return decodeBy(EXCERPT_DECODERS[topic], topic, bytes);
}

function decodeBy<Value>(
  decoders: ReadonlyMap<number, () => Value>,
  topic: TopicName,
  bytes: Uint8Array,
): DecodeResult<Value> {
  if (bytes.length > MESSAGE_BYTES_MAX) {
    return refuse("envelope.too-large", null, `${bytes.length} bytes of ${MESSAGE_BYTES_MAX}`);
  }
  const id = schemaIdOf(bytes);
  if (id === null) return noEnvelope(bytes);
  const decode = decoders.get(id);
  if (decode === undefined) {
    return refuse("envelope.unknown-schema", null, `schema id ${id} is no version of ${topic}`);
  }
  startReading(bytes, ENVELOPE_BYTES);
  try {
    const value = decode();
    finishReading();
    return { ok: true, value };
  } catch (error) {
    if (!(error instanceof AvroError)) throw error;
    return refuse(error.code, error.field === "" ? null : error.field, error.message);
  }
}

function noEnvelope(bytes: Uint8Array): DecodeFailure {
  if (bytes.length < ENVELOPE_BYTES) {
    return refuse("envelope.too-short", null, `${bytes.length} bytes of ${ENVELOPE_BYTES}`);
  }
  return refuse("envelope.magic", null, `the first byte was ${bytes[0]}, not 0`);
}

function refuse(code: DecodeCode, field: string | null, message: string): DecodeFailure {
  return { ok: false, code, field, message };
}
