import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addUuid, formatUuid } from "../kernel/ids.ts";
import { StateWriter } from "../kernel/state-bytes.ts";
import { readStored } from "../kernel/state-codec.ts";
import { type CompletedSession, DailyWindow, WINDOW_CODEC } from "./daily-window.ts";

function idOf(number: number): string {
  return `0198c0de-0000-8000-8000-${number.toString(16).padStart(12, "0")}`;
}

/** A session whose facts have the ids `first` to `first + count - 1`. */
function session(day: number, first: number, count: number): CompletedSession {
  const idSum = new Uint32Array(4);
  for (let fact = 0; fact < count; fact += 1) addUuid(idSum, idOf(first + fact));
  const date = new Date(Date.UTC(2020, 0, day)).toISOString().slice(0, 10);
  const prices = { open: 1.5, high: 2.5, low: 0.5, close: 2, volume: 1_000 };
  return { date, ...prices, scope: "REGULAR", factCount: count, firstId: idOf(first), idSum };
}

const sessions = fc.array(
  fc.record({
    day: fc.integer({ min: 1, max: 400 }),
    first: fc.nat(),
    count: fc.constantFrom(1, 3),
  }),
  { maxLength: 300 },
);

function evidenceOf(window: DailyWindow) {
  const sum = new Uint32Array(4);
  const { count, firstLanes } = window.evidence(sum);
  return { count, sum, firstLanes };
}

describe("a daily window", () => {
  it("comes back from its bytes with the same sessions and evidence", () => {
    fc.assert(
      fc.property(sessions, (days) => {
        const window = new DailyWindow();
        for (const { day, first, count } of days) {
          window.put(session(day, first, count), idOf(first + count - 1));
        }
        const writer = new StateWriter();
        window.encode(writer);
        const copy = DailyWindow.decode(writer.take());
        expect(evidenceOf(copy)).toEqual(evidenceOf(window));
        expect(copy.newestId).toBe(window.newestId);
        const dates = Array.from({ length: window.size }, (_, index) => window.dateAt(index));
        expect(dates.map((_, index) => copy.dateAt(index))).toEqual(dates);
      }),
    );
  });

  it("names the first fact of its oldest session, whether one fact made it or many", () => {
    const window = new DailyWindow();
    window.put(session(1, 10, 1), idOf(10));
    expect(formatUuid(evidenceOf(window).firstLanes)).toBe(idOf(10));
    window.put(session(2, 20, 3), idOf(22));
    expect(formatUuid(evidenceOf(window).firstLanes)).toBe(idOf(10));
    for (let day = 3; day <= 251; day += 1) window.put(session(day, day * 100, 1), idOf(day * 100));
    expect(window.size).toBe(250);
    expect(formatUuid(evidenceOf(window).firstLanes)).toBe(idOf(20));
    expect(evidenceOf(window).count).toBe(252);
  });

  // Two layouts were stored as format 1, by versions before formats had numbers of their own.
  describe("that was stored as format 1", () => {
    const AT = { store: "features.window", key: "GME" };
    const refused = expect.objectContaining({ code: "state.format" });

    function numbered(window: DailyWindow): Uint8Array {
      const writer = new StateWriter();
      writer.uint16(1);
      window.encode(writer);
      return writer.take();
    }

    it("is read where its length tells the layout", () => {
      const window = new DailyWindow();
      window.put(session(1, 10, 1), idOf(10));
      window.put(session(2, 20, 3), idOf(22));
      const copy = readStored(AT, WINDOW_CODEC, numbered(window));
      expect(evidenceOf(copy)).toEqual(evidenceOf(window));
      expect(readStored(AT, WINDOW_CODEC, numbered(new DailyWindow())).size).toBe(0);
    });

    it("is refused where several facts made every session, in either layout", () => {
      const window = new DailyWindow();
      window.put(session(2, 20, 3), idOf(22));
      expect(() => readStored(AT, WINDOW_CODEC, numbered(window))).toThrow(refused);
    });

    it("is refused in the first layout, which held a first id for every session", () => {
      const writer = new StateWriter();
      for (const head of [1, 1]) writer.uint16(head);
      writer.text(idOf(10));
      writer.uint32(20200101);
      writer.uint8(1);
      for (const price of [1.5, 2.5, 0.5, 2, 1_000]) writer.float64(price);
      for (const word of [1, 1, 2, 3, 4, 1, 2, 3, 4]) writer.uint32(word);
      expect(() => readStored(AT, WINDOW_CODEC, writer.take())).toThrow(refused);
    });
  });
});
