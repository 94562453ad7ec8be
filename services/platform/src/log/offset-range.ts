import { LogError } from "./errors.ts";

export interface OffsetRange {
  readonly topic: string;
  readonly partition: number;
  /** First offset still kept. */
  readonly start: number;
  /** Offset the next record will get. */
  readonly end: number;
}

/** Refuses offsets that retention has eaten or that do not exist yet; the end itself is allowed. */
export function checkOffset(range: OffsetRange, offset: number): void {
  const { topic, partition, start, end } = range;
  if (Number.isSafeInteger(offset) && offset >= start && offset <= end) return;
  throw new LogError(
    "log.offset-out-of-range",
    `Offset ${offset} of ${topic}/${partition} is outside ${start} to ${end}`,
    { topic, partition, offset, startOffset: start, endOffset: end },
  );
}
