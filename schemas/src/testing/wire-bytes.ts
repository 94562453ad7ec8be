import { currentSchemaId } from "../schema-ids.ts";
import type { TopicName } from "../topics.ts";

/** Hand-made bytes for tests of the decoder, written without the encoder. */

/** Zigzag varint of any size; `padding` adds continuation bytes that say nothing. */
export function varint(value: bigint | number, padding = 0): number[] {
  const wide = BigInt(value);
  let rest = wide >= 0n ? wide * 2n : -wide * 2n - 1n;
  const bytes: number[] = [];
  do {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  } while (rest > 0n);
  for (let added = 0; added < padding; added += 1) bytes.push(0x80);
  bytes.push((bytes.pop() ?? 0) & 0x7f);
  return bytes;
}

export function double(value: number): number[] {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return [...bytes];
}

/** Avro text of raw bytes, valid or not. */
export function text(bytes: string | readonly number[]): number[] {
  const content = typeof bytes === "string" ? [...Buffer.from(bytes)] : bytes;
  return [...varint(content.length), ...content];
}

/** Confluent wire format around a body. */
export function wire(schemaId: number, body: readonly number[]): Uint8Array {
  const envelope = Buffer.alloc(5);
  envelope.writeInt32BE(schemaId, 1);
  return Uint8Array.from([...envelope, ...body]);
}

export function wireOf(topic: TopicName, body: readonly number[]): Uint8Array {
  return wire(currentSchemaId(topic), body);
}
