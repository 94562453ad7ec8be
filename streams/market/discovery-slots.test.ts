import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type DiscoverySessions, discoverySlots, latestSlotIn } from "./discovery-slots.ts";
import { newYorkTimeOfDayMs, newYorkToUtc } from "./event-time.ts";
import { sessionOf } from "./sessions.ts";

const HOUR_MS = 3_600_000;
const REGULAR_ONLY: DiscoverySessions = { premarket: false, afterhours: false };
const ALL: DiscoverySessions = { premarket: true, afterhours: true };
const sessions = fc.record({ premarket: fc.boolean(), afterhours: fc.boolean() });
const instant = fc.integer({ min: Date.UTC(1998, 1, 1), max: Date.UTC(2028, 10, 1) });
const everyMinutes = fc.constantFrom(1, 5, 7, 15, 30, 45, 60, 90, 390);

function slotsOfDay(date: string, every: number, enabled: DiscoverySessions): string[] {
  return discoverySlots(
    newYorkToUtc(date, "00:00"),
    newYorkToUtc(date, "23:59"),
    every,
    enabled,
  ).map((slotMs) => new Date(newYorkTimeOfDayMs(slotMs)).toISOString().slice(11, 16));
}

describe("discovery slots", () => {
  it("come every 15 minutes from 09:30 to 15:45 in the regular session", () => {
    const slots = slotsOfDay("2021-01-13", 15, REGULAR_ONLY);
    expect(slots).toHaveLength(26);
    expect([slots[0], slots[1], slots.at(-1)]).toEqual(["09:30", "09:45", "15:45"]);
  });

  it("end at 12:45 on an early close and do not exist on a holiday", () => {
    expect(slotsOfDay("2025-11-28", 15, REGULAR_ONLY).at(-1)).toBe("12:45");
    expect(slotsOfDay("2025-11-28", 15, ALL).at(-1)).toBe("16:45");
    expect(slotsOfDay("2025-11-27", 15, ALL)).toEqual([]);
  });

  it("start at 04:00 with premarket and end at 19:45 with afterhours", () => {
    const slots = slotsOfDay("2021-01-13", 15, ALL);
    expect(slots).toHaveLength(64);
    expect([slots[0], slots.at(-1)]).toEqual(["04:00", "19:45"]);
    expect(slotsOfDay("2021-01-13", 15, { premarket: true, afterhours: false }).at(-1)).toBe(
      "15:45",
    );
    expect(slotsOfDay("2021-01-13", 15, { premarket: false, afterhours: true })[0]).toBe("09:30");
  });

  it("stand on multiples of the frequency since midnight, not since the open", () => {
    expect(slotsOfDay("2021-01-13", 60, REGULAR_ONLY)[0]).toBe("10:00");
    const everyNinety = slotsOfDay("2021-01-13", 90, REGULAR_ONLY);
    expect(everyNinety).toEqual(["10:30", "12:00", "13:30", "15:00"]);
  });

  it("keep their wall-clock times when the clocks change", () => {
    for (const date of ["2025-03-07", "2025-03-10", "2025-10-31", "2025-11-03"]) {
      expect(slotsOfDay(date, 15, REGULAR_ONLY)[0]).toBe("09:30");
    }
  });

  it("lie in enabled sessions, on the grid, inside the interval, in order", () => {
    fc.assert(
      fc.property(
        instant,
        fc.integer({ min: 0, max: 120 }),
        everyMinutes,
        sessions,
        (fromMs, hours, every, enabled) => {
          const slots = discoverySlots(fromMs, fromMs + hours * HOUR_MS, every, enabled);
          const allowed = ["REGULAR"];
          if (enabled.premarket) allowed.push("PREMARKET");
          if (enabled.afterhours) allowed.push("AFTERHOURS");
          for (const [index, slotMs] of slots.entries()) {
            expect(allowed).toContain(sessionOf(slotMs));
            expect(newYorkTimeOfDayMs(slotMs) % (every * 60_000)).toBe(0);
            expect(slotMs).toBeGreaterThanOrEqual(fromMs);
            expect(slotMs).toBeLessThan(fromMs + hours * HOUR_MS);
            if (index > 0) expect(slotMs).toBeGreaterThan(slots[index - 1] ?? slotMs);
          }
        },
      ),
    );
  });

  it("are the same however an interval is cut", () => {
    fc.assert(
      fc.property(
        instant,
        fc.nat(72 * HOUR_MS),
        fc.nat(72 * HOUR_MS),
        sessions,
        (fromMs, first, second, enabled) => {
          const cutMs = fromMs + first;
          const toMs = cutMs + second;
          expect([
            ...discoverySlots(fromMs, cutMs, 15, enabled),
            ...discoverySlots(cutMs, toMs, 15, enabled),
          ]).toEqual(discoverySlots(fromMs, toMs, 15, enabled));
        },
      ),
    );
  });

  it.each([0, -15, 1.5, 391, Number.NaN])("refuse a frequency of %d minutes", (every) => {
    const refused = expect.objectContaining({ code: "market-time.invalid-frequency" });
    expect(() => discoverySlots(0, 0, every, ALL)).toThrow(refused);
    expect(() => latestSlotIn(0, 0, every, ALL)).toThrow(refused);
  });
});

describe("latestSlotIn", () => {
  it("is the last of the slots after the previous instant up to this one", () => {
    fc.assert(
      fc.property(
        instant,
        fc.nat(100 * HOUR_MS),
        everyMinutes,
        sessions,
        (previousMs, spanMs, every, enabled) => {
          const epochMs = previousMs + spanMs;
          const between = discoverySlots(previousMs + 1, epochMs + 1, every, enabled);
          expect(latestSlotIn(previousMs, epochMs, every, enabled)).toBe(between.at(-1) ?? null);
        },
      ),
      { numRuns: 500 },
    );
  });

  it("fires at the slot itself and once", () => {
    const slotMs = newYorkToUtc("2021-01-13", "09:45");
    expect(latestSlotIn(slotMs - 1000, slotMs, 15, REGULAR_ONLY)).toBe(slotMs);
    expect(latestSlotIn(slotMs, slotMs + 1000, 15, REGULAR_ONLY)).toBeNull();
    expect(latestSlotIn(slotMs - 1000, slotMs - 1, 15, REGULAR_ONLY)).toBeNull();
  });

  it("finds the latest of all when no instant came before", () => {
    const fridayMs = newYorkToUtc("2021-01-15", "15:45");
    const mondayMs = newYorkToUtc("2021-01-18", "12:00");
    expect(latestSlotIn(Number.NEGATIVE_INFINITY, mondayMs, 15, REGULAR_ONLY)).toBe(fridayMs);
  });
});
