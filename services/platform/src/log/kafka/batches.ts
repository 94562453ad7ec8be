import type { RecordsBatch } from "@platformatic/kafka";
import type { Headers, LogRecord } from "../port.ts";

const IS_LOG_APPEND_TIME = 1 << 3;
const IS_TRANSACTIONAL = 1 << 4;
const IS_CONTROL = 1 << 5;

/** Control records have a key of two 16-bit integers, version and type; type 0 is an abort. */
const ABORT = 0;

/** What one answer of a broker holds for a partition. */
export interface FetchedBatches {
  readonly batches: readonly RecordsBatch[];
  /** Aborted transactions that overlap the answer, as the broker lists them. */
  readonly aborted: readonly AbortedTransaction[];
}

export interface AbortedTransaction {
  readonly producerId: bigint;
  readonly firstOffset: bigint;
}

export interface DecodedRecords {
  readonly records: LogRecord[];
  /** Where the next fetch goes on, past markers and aborted records too. */
  readonly next: number;
}

/**
 * Records of committed transactions and of no transaction, from an offset on. The broker sends whole
 * batches, aborted ones included, and a list of who aborted from where: a producer may be in it more
 * than once, and each of its markers ends one of its transactions only.
 */
export function decodeBatches(
  place: { readonly topic: string; readonly partition: number; readonly from: number },
  { batches, aborted }: FetchedBatches,
): DecodedRecords {
  const waiting = [...aborted].sort((a, b) => Number(a.firstOffset - b.firstOffset));
  const aborting = new Set<bigint>();
  const records: LogRecord[] = [];
  let next = place.from;
  for (const batch of batches) {
    const last = Number(batch.firstOffset) + batch.lastOffsetDelta;
    while (waiting[0] !== undefined && Number(waiting[0].firstOffset) <= last) {
      const { producerId } = waiting.shift() ?? waiting[0];
      aborting.add(producerId);
    }
    if ((batch.attributes & IS_CONTROL) !== 0) {
      if (isAbort(batch)) aborting.delete(batch.producerId);
    } else if ((batch.attributes & IS_TRANSACTIONAL) === 0 || !aborting.has(batch.producerId)) {
      decodeBatch(place, batch, records);
    }
    next = Math.max(next, last + 1);
  }
  return { records, next };
}

function isAbort({ records }: RecordsBatch): boolean {
  const key = records[0]?.key;
  return key !== undefined && key !== null && key.readInt16BE(2) === ABORT;
}

function decodeBatch(
  { topic, partition, from }: { topic: string; partition: number; from: number },
  batch: RecordsBatch,
  into: LogRecord[],
): void {
  const base = Number(batch.firstOffset);
  const appendedAtMs = Number(batch.maxTimestamp);
  const isAppendTime = (batch.attributes & IS_LOG_APPEND_TIME) !== 0;
  for (const record of batch.records) {
    const offset = base + record.offsetDelta;
    if (offset < from) continue;
    into.push({
      topic,
      partition,
      offset,
      key: record.key === null ? null : record.key.toString("utf8"),
      value: record.value,
      headers: decodeHeaders(record.headers),
      appendedAtMs: isAppendTime
        ? appendedAtMs
        : Number(batch.firstTimestamp + record.timestampDelta),
    });
  }
}

function decodeHeaders(entries: readonly [Buffer | null, Buffer | null][]): Headers {
  const headers: Record<string, string> = {};
  for (const [name, text] of entries) {
    defineHeader(
      headers,
      name === null ? "" : name.toString("utf8"),
      text === null ? "" : text.toString("utf8"),
    );
  }
  return headers;
}

function defineHeader(headers: Record<string, string>, name: string, text: string): void {
  if (name !== "__proto__") {
    headers[name] = text;
    return;
  }
  // Assignment to this one name would set the prototype instead.
  Object.defineProperty(headers, name, {
    value: text,
    enumerable: true,
    configurable: true,
    writable: true,
  });
}
