import { describe, expect, it } from "vitest";
import { ProgressBar } from "./progress-bar.ts";

/** What was written, and a clock that the test moves. */
function drawing(isTTY: boolean, isEnabled = true) {
  const written: string[] = [];
  const stream = { ...(isTTY ? { isTTY } : {}), write: (text: string) => written.push(text) };
  let now = 5_000;
  const bar = new ProgressBar(stream, isEnabled, () => now);
  const updateAt = (elapsedMs: number, fraction: number): void => {
    now = 5_000 + elapsedMs;
    bar.update({ fraction, label: "playing 2021-01-13T15:00Z" });
  };
  return { bar, written, updateAt };
}

describe("the progress bar on a terminal", () => {
  it("shows how much is done, in percent too, and how long the rest takes at the pace so far", () => {
    const { written, updateAt } = drawing(true);
    updateAt(30_000, 0.25);
    expect(written).toEqual([
      `\r\u001b[K${"█".repeat(6)}${"░".repeat(18)} 25 %  ETA 1 min 30 s  playing 2021-01-13T15:00Z`,
    ]);
    updateAt(120_000, 1);
    expect(written[1]).toContain(`${"█".repeat(24)} 100 %  ETA 0 s  `);
  });

  it("promises no ETA before there is a pace, and stays within its width", () => {
    const { written, updateAt } = drawing(true);
    updateAt(100, 0);
    updateAt(200, 1.5);
    updateAt(300, -1);
    expect(written.map((text) => /[█░]+ -?\d+ % {2}ETA \S+/.exec(text)?.[0])).toEqual([
      `${"░".repeat(24)} 0 %  ETA …`,
      `${"█".repeat(24)} 100 %  ETA 0`,
      `${"░".repeat(24)} 0 %  ETA …`,
    ]);
  });

  it("is drawn at most ten times a second, and again at once after a line took its place", () => {
    const { bar, written, updateAt } = drawing(true);
    for (let ms = 0; ms < 1_000; ms += 10) updateAt(ms, ms / 1_000);
    expect(written).toHaveLength(10);
    bar.clear();
    bar.clear();
    updateAt(991, 0.99);
    expect(written.slice(10)).toEqual(["\r\u001b[K", expect.stringContaining("99 %")]);
  });
});

describe("the progress bar elsewhere", () => {
  it.each([
    ["piped into a file", false, true],
    ["of a script that reads JSON", true, false],
  ])("%s writes nothing at all", (_, isTTY, isEnabled) => {
    const { bar, written, updateAt } = drawing(isTTY, isEnabled);
    updateAt(1_000, 0.5);
    bar.clear();
    expect(written).toEqual([]);
  });
});
