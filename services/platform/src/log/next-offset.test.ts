import { describe, expect, it } from "vitest";
import { nextOffset, recordsBelow } from "./next-offset.ts";
import type { LogRecord } from "./port.ts";

const at = (offset: number): LogRecord => ({
  topic: "t",
  partition: 0,
  offset,
  key: null,
  value: null,
  headers: {},
  appendedAtMs: 0,
});

describe("offsets with gaps", () => {
  it("are read on behind the last record, not by their number", () => {
    expect(nextOffset([at(3), at(4), at(7)], 3)).toBe(8);
    expect(nextOffset([], 3)).toBe(3);
  });

  it("do not let a bounded reader take records beyond its bound", () => {
    const records = [at(3), at(4), at(7)];
    expect(recordsBelow(records, 7).map(({ offset }) => offset)).toEqual([3, 4]);
    expect(recordsBelow(records, 8)).toBe(records);
    expect(recordsBelow([], 8)).toEqual([]);
  });
});
