/** Confluent wire format: byte 0 is 0, four bytes of schema id (big endian), then the Avro body. */
export const ENVELOPE_BYTES = 5;

const MAGIC = 0;

export type EnvelopeCode =
  | "envelope.too-short"
  | "envelope.magic"
  | "envelope.too-large"
  | "envelope.unknown-schema";

/** Id of the writer's schema, or null when the bytes carry no envelope. */
export function schemaIdOf(bytes: Uint8Array): number | null {
  if (bytes.length < ENVELOPE_BYTES || bytes[0] !== MAGIC) return null;
  return (
    (((bytes[1] ?? 0) << 24) |
      ((bytes[2] ?? 0) << 16) |
      ((bytes[3] ?? 0) << 8) |
      (bytes[4] ?? 0)) >>>
    0
  );
}

/** The Avro body, a view on the same memory; digests are taken over it, since ids are transport. */
export function bodyOf(bytes: Uint8Array): Uint8Array {
  return bytes.subarray(ENVELOPE_BYTES);
}

/** Writes the envelope at the start of a buffer. */
export function writeEnvelope(bytes: Uint8Array, schemaId: number): void {
  bytes[0] = MAGIC;
  bytes[1] = schemaId >>> 24;
  bytes[2] = schemaId >>> 16;
  bytes[3] = schemaId >>> 8;
  bytes[4] = schemaId;
}
