import { describe, expect, it } from "vitest";
import { MissedMinutes } from "./missed-minutes.ts";

const MINUTE_MS = 60_000;
const TEN = Date.UTC(2025, 8, 5, 14);
const after = (minutes: number) => TEN + minutes * MINUTE_MS;

describe("minutes that nobody told", () => {
  it("are none while snapshots are answered", () => {
    const missed = new MissedMinutes(["ABC", "XYZ"]);
    expect(missed.at(TEN, 9)).toEqual([]);
    missed.heard(TEN);
    expect(missed.at(after(1), 9)).toEqual([]);
  });

  it("are asked for since the last answer, some with each sweep, until each is there", () => {
    const missed = new MissedMinutes(["ABC", "BCD", "XYZ"]);
    missed.heard(TEN);
    const [first, second] = missed.at(after(30), 2);
    expect([first, second]).toEqual([
      { symbol: "ABC", fromMs: TEN },
      { symbol: "BCD", fromMs: TEN },
    ]);
    missed.heard(after(30));
    missed.filled("ABC");
    expect(missed.at(after(31), 9).map(({ symbol }) => symbol)).toEqual(["BCD", "XYZ"]);
  });

  it("are those of both outages where the second comes before the first is made up for", () => {
    const missed = new MissedMinutes(["ABC"]);
    missed.heard(TEN);
    missed.at(after(30), 9);
    missed.heard(after(30));
    expect(missed.at(after(40), 9)).toEqual([{ symbol: "ABC", fromMs: TEN }]);
  });
});
