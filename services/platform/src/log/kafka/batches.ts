import { LogError } from "../errors.ts";
import type { LogRecord } from "../port.ts";
import {
  BATCH,
  COMPRESSION,
  IS_CONTROL,
  IS_LOG_APPEND_TIME,
  IS_TRANSACTIONAL,
  MAGIC,
} from "./batch-format.ts";
import { checksum } from "./checksum.ts";
import { decompressed } from "./decompress.ts";
import { RecordDecoder } from "./record-decoder.ts";

/** Control records have a key of two 16-bit integers, version and type; type 0 is an abort. */
const ABORT = 0;

/**
 * Records of one compressed batch, and of one answer once it holds some: four times what a topic of ours
 * takes in a batch, while market data in Avro shrinks to about a third. A fetch brings a megabyte of a
 * partition, which without a limit may stand for a gigabyte.
 */
const MAX_DECOMPRESSED_BYTES = 16 * 1_048_576;

/** What one answer of a broker holds for a partition. */
export interface FetchedBatches {
  /** Record batches one after the other; the last one may be cut off. */
  readonly bytes: Buffer;
  /** Aborted transactions that overlap the answer, as the broker lists them. */
  readonly aborted: readonly AbortedTransaction[];
}

export interface AbortedTransaction {
  readonly producerId: bigint;
  readonly firstOffset: bigint;
}

export interface DecodedRecords {
  readonly records: LogRecord[];
  /** Of each record, as `recordSize` counts it. */
  readonly sizes: number[];
  /** Where the next fetch goes on, past markers and aborted records too. */
  next: number;
}

interface Place {
  readonly topic: string;
  readonly partition: number;
  readonly from: number;
}

/**
 * Records of committed transactions and of no transaction, from an offset on. The broker sends whole
 * batches, aborted ones included, and a list of who aborted from where: a producer may be in it more
 * than once, and each of its markers ends one of its transactions only. A batch that decompresses to
 * more than 16 MiB is one unreadable record at its last offset. Throws `log.corrupt` for a
 * batch whose checksum is not that of its bytes or that is no batch of format 2.
 */
export function decodeBatches(place: Place, { bytes, aborted }: FetchedBatches): DecodedRecords {
  let decompressedBytes = 0;
  const waiting = [...aborted].sort((a, b) => Number(a.firstOffset - b.firstOffset));
  const aborting = new Set<bigint>();
  const decoded: DecodedRecords = { records: [], sizes: [], next: place.from };
  for (const batch of wholeBatches(bytes)) {
    // What is left of the answer comes again with the next fetch.
    if (decompressedBytes >= MAX_DECOMPRESSED_BYTES) break;
    if (!isSound(batch)) throw damaged(place);
    const attributes = batch.readInt16BE(BATCH.attributes);
    const producerId = batch.readBigInt64BE(BATCH.producerId);
    const base = Number(batch.readBigInt64BE(BATCH.baseOffset));
    const last = base + batch.readInt32BE(BATCH.lastOffsetDelta);
    while (waiting[0] !== undefined && Number(waiting[0].firstOffset) <= last) {
      aborting.add((waiting.shift() ?? waiting[0]).producerId);
    }
    if ((attributes & IS_CONTROL) !== 0) {
      if (isAbort(batch)) aborting.delete(producerId);
    } else if ((attributes & IS_TRANSACTIONAL) === 0 || !aborting.has(producerId)) {
      try {
        decompressedBytes += decodeRecords(place, batch, base, decoded);
      } catch (error) {
        throw damaged(place, error);
      }
    }
    decoded.next = Math.max(decoded.next, last + 1);
  }
  return decoded;
}

function* wholeBatches(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at + BATCH.records <= bytes.length; ) {
    const end = at + BATCH.leaderEpoch + bytes.readInt32BE(at + BATCH.length);
    if (end > bytes.length) return;
    yield bytes.subarray(at, end);
    at = end;
  }
}

function isSound(batch: Buffer): boolean {
  if (batch.length < BATCH.records || batch[BATCH.magic] !== MAGIC) return false;
  return checksum(batch.subarray(BATCH.attributes)) === batch.readUInt32BE(BATCH.crc);
}

function damaged({ topic, partition, from }: Place, cause?: unknown): LogError {
  const facts = { topic, partition, offset: from };
  const message = `${topic}/${partition} holds a damaged batch at or behind ${from}`;
  return new LogError("log.corrupt", message, facts, { cause });
}

function isAbort(marker: Buffer): boolean {
  const decoder = new RecordDecoder(marker, BATCH.records);
  decoder.advance();
  return decoder.key?.charCodeAt(3) === ABORT;
}

/** Adds the records of a batch from the place on; returns how many bytes they were decompressed to. */
function decodeRecords(place: Place, batch: Buffer, base: number, into: DecodedRecords): number {
  const { topic, partition, from } = place;
  const attributes = batch.readInt16BE(BATCH.attributes);
  const isAppendTime = (attributes & IS_LOG_APPEND_TIME) !== 0;
  const time = isAppendTime ? BATCH.maxTimestamp : BATCH.firstTimestamp;
  const timeMs = Number(batch.readBigInt64BE(time));
  const codec = attributes & COMPRESSION;
  const records = recordsOf(batch, codec);
  if (records === null) {
    const unreadable = unreadableBatch(place, batch, base, timeMs);
    into.records.push(unreadable);
    into.sizes.push(unreadable.value?.length ?? 0);
    return 0;
  }
  // Ours are not compressed: their records lie in the batch itself.
  const decoder = new RecordDecoder(records, codec === 0 ? BATCH.records : 0);
  const count = batch.readInt32BE(BATCH.recordCount);
  for (let index = 0; index < count; index += 1) {
    decoder.advance();
    const offset = base + decoder.offsetDelta;
    if (offset < from) continue;
    const { key, value, headers, size } = decoder;
    const appendedAtMs = isAppendTime ? timeMs : timeMs + decoder.timestampDelta;
    into.records.push({ topic, partition, offset, key, value, headers, appendedAtMs });
    into.sizes.push(size);
  }
  return codec === 0 ? 0 : records.length;
}

/** The bytes in which the records lie; null when they are too many. */
function recordsOf(batch: Buffer, codec: number): Buffer | null {
  if (codec === 0) return batch;
  return decompressed(codec, batch.subarray(BATCH.records), MAX_DECOMPRESSED_BYTES);
}

/**
 * Stands for all records of a batch that nobody can afford to look into. It lies at the last of their
 * offsets, so that whoever reads on from any of them meets it once.
 */
function unreadableBatch(
  { topic, partition }: Place,
  batch: Buffer,
  base: number,
  appendedAtMs: number,
): LogRecord {
  const last = base + batch.readInt32BE(BATCH.lastOffsetDelta);
  const count = batch.readInt32BE(BATCH.recordCount);
  return {
    ...{ topic, partition, offset: last, key: null, headers: {}, appendedAtMs },
    value: batch.subarray(BATCH.records),
    unreadable: {
      code: "batch.too-large",
      reason: `${count} records, offsets ${base} to ${last}, in a compressed batch of more than ${MAX_DECOMPRESSED_BYTES} bytes`,
    },
  };
}
