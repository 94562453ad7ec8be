import { ProtocolError, type Reader } from "@platformatic/kafka";
import type { AbortedTransaction } from "./batches.ts";

/** What a broker answers for one partition. */
export interface PartitionAnswer {
  readonly topicId: string;
  readonly partition: number;
  /** Offset up to which transactions are decided. */
  readonly lastStableOffset: number;
  readonly aborted: readonly AbortedTransaction[];
  /** Record batches, the last of which may be cut off. */
  readonly records: Buffer;
}

/** The same of one that the broker may have refused. */
export interface PartitionResult extends PartitionAnswer {
  readonly error: ProtocolError | null;
}

const NONE = Buffer.alloc(0);

/**
 * Answer to a fetch, version 15, with the batches as they came: the client's own reader makes
 * buffers and objects for every header of every record. Throws what is refused as a whole.
 */
export function readFetchAnswer(
  _correlationId: number,
  _apiKey: number,
  _version: number,
  reader: Reader,
): PartitionResult[] {
  // Throttle time: the broker holds its answers back by itself.
  reader.readInt32();
  const error = errorOf(reader.readInt16());
  if (error !== null) throw error;
  // Session, of which there is none.
  reader.readInt32();
  return reader
    .readArray((topics) => {
      const topicId = topics.readUUID();
      return topics.readArray((partitions) => readPartition(topicId, partitions));
    })
    .flat();
}

function readPartition(topicId: string, reader: Reader): PartitionResult {
  const partition = reader.readInt32();
  const error = errorOf(reader.readInt16());
  // High watermark.
  reader.readInt64();
  const lastStableOffset = Number(reader.readInt64());
  // Start of the log.
  reader.readInt64();
  const aborted = reader.readArray((one) => ({
    producerId: one.readInt64(),
    firstOffset: one.readInt64(),
  }));
  // Preferred read replica.
  reader.readInt32();
  // A compact length counts itself: one more than the bytes, 0 for null.
  const bytes = reader.readUnsignedVarInt() - 1;
  if (bytes <= 0) return { topicId, partition, error, lastStableOffset, aborted, records: NONE };
  const records = reader.buffer.slice(reader.position, reader.position + bytes);
  reader.skip(bytes);
  return { topicId, partition, error, lastStableOffset, aborted, records };
}

function errorOf(code: number): ProtocolError | null {
  return code === 0 ? null : new ProtocolError(code);
}
