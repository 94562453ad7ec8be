import { BATCH, IS_TRANSACTIONAL, MAGIC } from "./batch-format.ts";
import { checksum } from "./checksum.ts";
import { varintBytes, writeVarint } from "./record-body.ts";

/** Who writes a batch, and which of its records to the partition comes first in it. */
export interface BatchOrigin {
  readonly producerId: bigint;
  readonly producerEpoch: number;
  /** Counts records of this producer to this partition, modulo 2^31. */
  readonly firstSequence: number;
  readonly isTransactional: boolean;
}

const NO_LEADER_EPOCH = -1;
/** Attributes and the difference to the time of the batch, one byte each and always 0. */
const FIXED_BYTES = 2;

/**
 * A record batch of format 2, ready to be produced, uncompressed: its records are `bodies` (see
 * `recordBody`), all of one time in ms since 1970, made in one buffer of exactly its size.
 */
export function encodeBatch(
  bodies: readonly Uint8Array[],
  { producerId, producerEpoch, firstSequence, isTransactional }: BatchOrigin,
  timeMs: number,
): Buffer {
  let bytes = BATCH.records;
  for (let index = 0; index < bodies.length; index += 1) {
    const length = recordLength(index, bodies[index]);
    bytes += varintBytes(length) + length;
  }
  const batch = Buffer.allocUnsafe(bytes);
  batch.writeBigInt64BE(0n, BATCH.baseOffset);
  batch.writeInt32BE(bytes - BATCH.leaderEpoch, BATCH.length);
  batch.writeInt32BE(NO_LEADER_EPOCH, BATCH.leaderEpoch);
  batch.writeInt8(MAGIC, BATCH.magic);
  batch.writeInt16BE(isTransactional ? IS_TRANSACTIONAL : 0, BATCH.attributes);
  batch.writeInt32BE(bodies.length - 1, BATCH.lastOffsetDelta);
  batch.writeBigInt64BE(BigInt(timeMs), BATCH.firstTimestamp);
  batch.writeBigInt64BE(BigInt(timeMs), BATCH.maxTimestamp);
  batch.writeBigInt64BE(producerId, BATCH.producerId);
  batch.writeInt16BE(producerEpoch, BATCH.producerEpoch);
  batch.writeInt32BE(firstSequence, BATCH.firstSequence);
  batch.writeInt32BE(bodies.length, BATCH.recordCount);
  writeRecords(batch, bodies);
  batch.writeUInt32BE(checksum(batch.subarray(BATCH.attributes)), BATCH.crc);
  return batch;
}

function writeRecords(batch: Buffer, bodies: readonly Uint8Array[]): void {
  let at: number = BATCH.records;
  for (let index = 0; index < bodies.length; index += 1) {
    const body = bodies[index];
    if (body === undefined) continue;
    at = writeVarint(batch, at, recordLength(index, body));
    batch[at] = 0;
    batch[at + 1] = 0;
    at = writeVarint(batch, at + FIXED_BYTES, index);
    batch.set(body, at);
    at += body.length;
  }
}

function recordLength(offsetDelta: number, body: Uint8Array | undefined): number {
  return FIXED_BYTES + varintBytes(offsetDelta) + (body?.length ?? 0);
}
