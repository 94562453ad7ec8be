import { describe, expect, it } from "vitest";
import { newYorkToUtc } from "../market/event-time.ts";
import { type SlotConfig, slotsFiredBy } from "./slots.ts";

const ALL_DAY: SlotConfig = {
  discovery: true,
  everyMinutes: 15,
  sessions: { premarket: true, afterhours: true },
};
const REGULAR_ONLY: SlotConfig = { ...ALL_DAY, sessions: { premarket: false, afterhours: false } };

/** New York wall clock; the day of the first recommendation unless another is named. */
function ny(time: string, date = "2021-01-13"): number {
  return newYorkToUtc(date, time);
}

function fired(previous: number, tick: number, config = ALL_DAY) {
  return slotsFiredBy(previous, tick, config).map(({ slot, trigger }) => [trigger, slot]);
}

describe("slots fired by a tick", () => {
  it("is the slot the tick falls on, and the next tick does not fire it again", () => {
    expect(slotsFiredBy(ny("09:59"), ny("10:00"), ALL_DAY)).toEqual([
      { slot: ny("10:00"), trigger: "SLOT", tradingDay: "2021-01-13" },
    ]);
    expect(fired(ny("10:00"), ny("10:01"))).toEqual([]);
  });

  it("waits for the first tick after the slot when none falls on it", () => {
    expect(fired(ny("09:59"), ny("10:02"))).toEqual([["SLOT", ny("10:00")]]);
  });

  it("fires only the latest of several slots passed at once", () => {
    expect(fired(ny("09:29"), ny("10:16"))).toEqual([["SLOT", ny("10:15")]]);
  });

  it("lets a slot go whose successor's time has come without one", () => {
    expect(fired(ny("15:44"), ny("23:00"), REGULAR_ONLY)).toEqual([["DAILY", ny("20:00")]]);
    expect(fired(ny("19:44"), ny("20:05"))).toEqual([["DAILY", ny("20:00")]]);
  });

  it("honours the sessions that are switched off", () => {
    expect(fired(ny("04:59"), ny("05:00"))).toEqual([["SLOT", ny("05:00")]]);
    expect(fired(ny("04:59"), ny("05:00"), REGULAR_ONLY)).toEqual([]);
    expect(fired(ny("04:59"), ny("05:00"), { ...ALL_DAY, discovery: false })).toEqual([]);
  });

  it("evaluates daily bars at the official close and at 20:00, before the slot of that instant", () => {
    expect(fired(ny("15:59"), ny("16:00"))).toEqual([
      ["DAILY", ny("16:00")],
      ["SLOT", ny("16:00")],
    ]);
    expect(fired(ny("16:00"), ny("20:00"), REGULAR_ONLY)).toEqual([["DAILY", ny("20:00")]]);
    expect(fired(ny("12:59", "2025-11-28"), ny("13:00", "2025-11-28"), REGULAR_ONLY)).toEqual([
      ["DAILY", ny("13:00", "2025-11-28")],
    ]);
  });

  it("still fires the evening's at night, not after 04:00 and not on a day without session", () => {
    expect(fired(ny("19:00"), ny("03:59", "2021-01-14"), REGULAR_ONLY)).toEqual([
      ["DAILY", ny("20:00")],
    ]);
    expect(fired(ny("19:00"), ny("04:00", "2021-01-14"), REGULAR_ONLY)).toEqual([]);
    expect(fired(ny("19:59", "2021-01-15"), ny("12:00", "2021-01-16"))).toEqual([]);
  });

  it("fires on the first tick of all only when it falls on a slot", () => {
    expect(fired(Number.NEGATIVE_INFINITY, ny("10:00"))).toEqual([["SLOT", ny("10:00")]]);
    expect(fired(Number.NEGATIVE_INFINITY, ny("10:01"))).toEqual([]);
    expect(fired(Number.NEGATIVE_INFINITY, ny("16:01"), REGULAR_ONLY)).toEqual([]);
    expect(fired(ny("10:00"), ny("10:00"))).toEqual([]);
  });

  it("gives 64 slots and two daily instants on a full day, however the ticks fall", () => {
    for (const stepMinutes of [1, 5, 7]) {
      let previous = ny("00:00");
      let slots = 0;
      let dailies = 0;
      for (let tick = previous; tick < ny("23:59"); tick += stepMinutes * 60_000) {
        for (const { trigger } of slotsFiredBy(previous, tick, ALL_DAY)) {
          if (trigger === "SLOT") slots += 1;
          else dailies += 1;
        }
        previous = tick;
      }
      expect([slots, dailies]).toEqual([64, 2]);
    }
  });
});
