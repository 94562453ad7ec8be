import type { LogRecord } from "./port.ts";

/** Where reading goes on behind records that were read from `from` on: offsets may have gaps. */
export function nextOffset(records: readonly Pick<LogRecord, "offset">[], from: number): number {
  const last = records.at(-1);
  return last === undefined ? from : last.offset + 1;
}

/** The records below an offset: with gaps, as many as there are offsets may reach beyond it. */
export function recordsBelow(records: readonly LogRecord[], end: number): readonly LogRecord[] {
  const last = records.at(-1);
  if (last === undefined || last.offset < end) return records;
  return records.filter(({ offset }) => offset < end);
}
