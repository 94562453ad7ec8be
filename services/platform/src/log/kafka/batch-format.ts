/**
 * Record batch, format 2 (Kafka's "Record Batch", magic byte 2): where its fields begin, in bytes.
 * The length counts what follows it; the checksum is CRC-32C of everything from the attributes on.
 */
export const BATCH = {
  baseOffset: 0,
  length: 8,
  leaderEpoch: 12,
  magic: 16,
  crc: 17,
  attributes: 21,
  lastOffsetDelta: 23,
  firstTimestamp: 27,
  maxTimestamp: 35,
  producerId: 43,
  producerEpoch: 51,
  firstSequence: 53,
  recordCount: 57,
  records: 61,
} as const;

export const MAGIC = 2;

/** Attributes: the lowest three bits name the compression, 0 for none. */
export const COMPRESSION = 0b111;
export const IS_LOG_APPEND_TIME = 1 << 3;
export const IS_TRANSACTIONAL = 1 << 4;
export const IS_CONTROL = 1 << 5;
