import { writeFileSync } from "node:fs";
import { join } from "node:path";

export interface SmallRecording {
  readonly name: string;
  /** Lines of the file, `time,open,high,low,close,volume` of one-minute bars; times in seconds. */
  readonly rows: readonly string[];
  /** Column of the volume, from 0. */
  readonly volume?: number;
}

/**
 * Writes a recording of one file without a header, and without slots: nothing is discovered in it.
 * Returns the words of a command line that name it.
 */
export function writeSmallRecording(
  directory: string,
  { name, rows, volume = 5 }: SmallRecording,
): readonly string[] {
  const manifest = {
    ...{ name, description: "made for a test", vendor: { name: "test-vendor", weight: 0.9 } },
    slots: "none",
    sources: [
      {
        ...{ name: "minutes", format: "delimited", kind: "bar", path: `${name}.csv` },
        ...{ symbol: "ACME", interval: "1m", volumeScope: "CONSOLIDATED" },
        ...{ header: false, stamp: { unit: "s", marks: "start" } },
        columns: { timestamp: 0, open: 1, high: 2, low: 3, close: 4, volume },
      },
    ],
  };
  const path = join(directory, `${name}.json`);
  writeFileSync(path, JSON.stringify(manifest));
  writeFileSync(join(directory, `${name}.csv`), rows.map((row) => `${row}\n`).join(""));
  return ["--recording", path, "--data", directory];
}

/** A bar of the minute that begins so many minutes after 2021-01-13T14:30Z. */
export function minuteRow(minute: number, unitsPerSecond = 1): string {
  const second = Date.UTC(2021, 0, 13, 14, 30 + minute) / 1000;
  return `${second * unitsPerSecond},10,10.05,9.95,10,1000`;
}
