import { expect, it } from "vitest";
import { RebuildMeter, type RebuildProgress } from "./rebuild-progress.ts";

it("reports rate and remaining time about once a second, and the end", () => {
  let nowMs = 0;
  const seen: RebuildProgress[] = [];
  const meter = new RebuildMeter(
    () => nowMs,
    (progress) => void seen.push(progress),
  );
  meter.expect(1000);
  for (const [at, records] of [
    [500, 100],
    [900, 180],
    [2000, 400],
    [2100, 1000],
  ] as const) {
    nowMs = at;
    meter.report(records);
  }
  expect(seen).toEqual([
    { records: 100, expected: 1000, elapsedMs: 500, recordsPerSecond: 200, remainingMs: 4500 },
    { records: 400, expected: 1000, elapsedMs: 2000, recordsPerSecond: 200, remainingMs: 3000 },
    expect.objectContaining({ records: 1000, remainingMs: 0 }),
  ]);
});
