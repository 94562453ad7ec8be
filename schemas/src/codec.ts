import { Buffer } from "node:buffer";
import avro from "avsc";
import type { AvroNode } from "./avro-schema.ts";
import {
  bodyOf,
  ENVELOPE_BYTES,
  type EnvelopeCode,
  schemaIdOf,
  writeEnvelope,
} from "./envelope.ts";
import { EncodeError, type EncodeErrorCode } from "./errors.ts";
import { illFormedField } from "./ill-formed-text.ts";
import { MESSAGE_BYTES_MAX } from "./limits.ts";
import { type ScanCode, type ScanFailure, scan, scannedBeyondAscii } from "./scan.ts";
import { compileScan, type ScanProgram } from "./scan-program.ts";
import { currentRelease, releasesOf } from "./schema-ids.ts";
import { type EventOf, TOPIC_NAMES, type TopicName } from "./topics.ts";

export { bodyOf, schemaIdOf };

export type DecodeCode = EnvelopeCode | ScanCode | "envelope.unknown-schema" | "avro.invalid";

export interface DecodeFailure {
  readonly ok: false;
  readonly code: DecodeCode;
  /** Path inside the value such as `inputs.confidence`; null when it is about the whole. */
  readonly field: string | null;
  readonly message: string;
}

export type DecodeResult<Value> = { readonly ok: true; readonly value: Value } | DecodeFailure;

/** How one writer's bytes become the reader's value. */
interface Reader {
  readonly program: ScanProgram;
  readonly type: avro.Type;
  /** Absent when writer and reader have the same schema. */
  readonly resolver: avro.Resolver | undefined;
}

interface TopicCodec {
  readonly writerId: number;
  readonly type: avro.Type;
  readonly program: ScanProgram;
  readonly readers: ReadonlyMap<number, Reader>;
}

/** avsc changes what it is given, and its records would carry methods. */
function compileType(schema: AvroNode): avro.Type {
  return avro.Type.forSchema(JSON.parse(JSON.stringify(schema)), { omitRecordMethods: true });
}

function compileTopic(topic: TopicName): TopicCodec {
  const current = currentRelease(topic);
  const type = compileType(current.schema);
  const program = compileScan(current.schema);
  const readers = new Map<number, Reader>();
  for (const release of releasesOf(topic)) {
    if (release.id === current.id) readers.set(release.id, { program, type, resolver: undefined });
    else {
      readers.set(release.id, {
        program: compileScan(release.schema),
        type,
        resolver: type.createResolver(compileType(release.schema)),
      });
    }
  }
  return { writerId: current.id, type, program, readers };
}

const CODECS: ReadonlyMap<TopicName, TopicCodec> = new Map(
  TOPIC_NAMES.map((topic) => [topic, compileTopic(topic)]),
);

function codecOf(topic: TopicName): TopicCodec {
  const codec = CODECS.get(topic);
  if (codec === undefined) throw new Error(`${topic} is not a topic`);
  return codec;
}

/** Every event is encoded here first and copied out once; encoding is synchronous, so one is enough. */
const scratch = Buffer.alloc(MESSAGE_BYTES_MAX);

const ENCODE_CODES: Readonly<Partial<Record<ScanCode, EncodeErrorCode>>> = {
  "avro.not-finite": "event.not-finite",
  "avro.negative-zero": "event.negative-zero",
  "avro.utf8": "event.text",
  "avro.count": "event.too-many-items",
};

/**
 * The event in Confluent wire format under the newest schema of its topic. Throws `EncodeError` for
 * what must never enter the log: NaN, infinities and -0, text that is not well formed, arrays and
 * messages beyond their caps, values that the schema does not allow.
 */
export function encodeEvent<T extends TopicName>(topic: T, value: EventOf<T>): Uint8Array {
  const codec = codecOf(topic);
  const end = writeBody(codec.type, topic, value);
  // The bytes are scanned and not the value: one mechanism for both directions, several times
  // cheaper than a walk over objects, and what we write we are certain to accept.
  const failure = scan(codec.program, scratch, ENVELOPE_BYTES, end);
  if (failure !== null) throw refused(topic, failure);
  if (scannedBeyondAscii()) {
    const field = illFormedField(value);
    if (field !== null) throw refused(topic, { code: "avro.utf8", field });
  }
  writeEnvelope(scratch, codec.writerId);
  const bytes = Buffer.allocUnsafe(end);
  scratch.copy(bytes, 0, 0, end);
  return bytes;
}

function writeBody(type: avro.Type, topic: TopicName, value: unknown): number {
  let end: number;
  try {
    end = type.encode(value, scratch, ENVELOPE_BYTES);
  } catch (cause) {
    throw new EncodeError("event.type", `${topic}: ${String(cause)}`, topic, null, { cause });
  }
  if (end >= 0) return end;
  const message = `${topic}: larger than ${MESSAGE_BYTES_MAX} bytes`;
  throw new EncodeError("event.too-large", message, topic, null);
}

function refused(topic: TopicName, failure: ScanFailure): EncodeError {
  const code = ENCODE_CODES[failure.code] ?? "event.type";
  return new EncodeError(code, `${topic}: ${failure.field} is ${code}`, topic, failure.field);
}

/**
 * The event in its newest shape, whichever released version wrote it. Bad bytes are a value and
 * never an exception; the work and the memory are bounded by the length of the message.
 */
export function decodeEvent<T extends TopicName>(
  topic: T,
  bytes: Uint8Array,
): DecodeResult<EventOf<T>> {
  if (bytes.length > MESSAGE_BYTES_MAX) {
    return refuse("envelope.too-large", null, `${bytes.length} bytes`);
  }
  const id = schemaIdOf(bytes);
  if (id === null) return noEnvelope(bytes);
  const reader = codecOf(topic).readers.get(id);
  if (reader === undefined) {
    return refuse("envelope.unknown-schema", null, `schema id ${id} is no version of ${topic}`);
  }
  const failure = scan(reader.program, bytes, ENVELOPE_BYTES, bytes.length);
  if (failure !== null) return refuse(failure.code, failure.field, `${topic}: ${failure.code}`);
  return readBody(reader, bytes);
}

function readBody<Value>(reader: Reader, bytes: Uint8Array): DecodeResult<Value> {
  const buffer = Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    const { value } = reader.type.decode(buffer, ENVELOPE_BYTES, reader.resolver);
    return { ok: true, value };
  } catch (cause) {
    // Only an older writer can get here: a symbol that the newer enum lost, without a default.
    return refuse("avro.invalid", null, String(cause));
  }
}

function noEnvelope(bytes: Uint8Array): DecodeFailure {
  if (bytes.length < ENVELOPE_BYTES) {
    return refuse("envelope.too-short", null, `${bytes.length} bytes, an envelope has 5`);
  }
  return refuse("envelope.magic", null, `first byte ${bytes[0]}, expected 0`);
}

function refuse(code: DecodeCode, field: string | null, message: string): DecodeFailure {
  return { ok: false, code, field, message };
}
