import type { Headers } from "./port.ts";

/** Where a derived record came from, as its writer put it into the headers. */
export interface RecordSource {
  readonly stage: string;
  /** Position of the input it was derived from. */
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** Which of the records that were derived from that input. */
  readonly index: number;
}

/** `signals.features.v1/3/1042#7`: topic, partition and offset of the input, and which of its outputs. */
const SOURCE = /^(.+)\/(\d+)\/(\d+)#(\d+)$/;

/** The source of a record; null where it does not say, as facts and foreign records. */
export function recordSource(headers: Headers): RecordSource | null {
  const match = SOURCE.exec(headers["amc-source"] ?? "");
  if (match === null) return null;
  const [, topic = "", partition, offset, index] = match;
  return {
    stage: headers["amc-stage"] ?? "",
    topic,
    partition: Number(partition),
    offset: Number(offset),
    index: Number(index),
  };
}
