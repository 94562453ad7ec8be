import { describe, expect, it } from "vitest";
import type { Log, LogRecord } from "../port.ts";
import {
  append,
  aroundRestart,
  CLOCK,
  expectLogError,
  expectOffsets,
  FACTS,
  fixtures,
  type LogFactory,
  offsetAfter,
  readAll,
  SIGNALS,
  texts,
} from "./fixture.ts";

const LIMITS = { maxRecords: 1_000, maxBytes: 1 << 20 };

export function describeReading(factory: LogFactory): void {
  describe("reading", () => {
    const open = fixtures(factory);

    it("knows its topics and refuses others", async () => {
      const { log } = await open();
      expect(log.topics().map(({ topic }) => topic)).toEqual([FACTS, SIGNALS, CLOCK]);
      expect(log.partitions(FACTS)).toBe(4);
      expect(() => log.partitions("no.such-topic.v1")).toThrow(/no\.such-topic/);
      await expectLogError(log.read("no.such-topic.v1", 0, 0, LIMITS), "log.unknown-topic");
      await expectLogError(log.endOffset(FACTS, 4), "log.unknown-partition");
      await expectLogError(log.endOffset(FACTS, -1), "log.unknown-partition");
    });

    it("reads from any offset, with topic, partition and offset on every record", async () => {
      const { log } = await open();
      await commitNumbers(log, 10);
      const records = await log.read(FACTS, 0, 7, LIMITS);
      expect(records.map(({ topic, partition, offset }) => [topic, partition, offset])).toEqual([
        [FACTS, 0, 7],
        [FACTS, 0, 8],
        [FACTS, 0, 9],
      ]);
      expect(texts(records)).toEqual(["7", "8", "9"]);
    });

    it("answers nothing at the end and an error past it", async () => {
      const { log, hasGaps } = await open();
      await commitNumbers(log, 3);
      expect(await log.read(FACTS, 0, 3, LIMITS)).toEqual([]);
      expect(await log.read(FACTS, 1, 0, LIMITS)).toEqual([]);
      const past = hasGaps === true ? 100 : 4;
      await expectLogError(log.read(FACTS, 0, past, LIMITS), "log.offset-out-of-range");
      await expectLogError(log.read(FACTS, 0, -1, LIMITS), "log.offset-out-of-range");
    });

    it("returns no more records than asked for, and the same ones whatever the step", async () => {
      const { log } = await open();
      await commitNumbers(log, 25);
      const expected = Array.from({ length: 25 }, (_, i) => `${i}`);
      for (const maxRecords of [1, 7, 1_000]) {
        expect((await log.read(FACTS, 0, 2, { ...LIMITS, maxRecords })).length).toBe(
          Math.min(maxRecords, 23),
        );
        expect(texts(await readAll(log, FACTS, 0, 0, maxRecords))).toEqual(expected);
      }
    });

    it("stops before the byte limit, but always returns one record", async () => {
      const { log } = await open();
      const large = (bytes: number) => ({
        topic: FACTS,
        partition: 0,
        key: null,
        value: new Uint8Array(bytes),
        headers: {},
      });
      await log.commit({ appends: [large(1_000), large(1_000), large(200_000), large(10)] });
      const sizes = async (offset: number, maxBytes: number) =>
        (await log.read(FACTS, 0, offset, { maxRecords: 10, maxBytes })).map(
          ({ value }) => value?.length,
        );
      expect(await sizes(0, 2_000)).toEqual([1_000, 1_000]);
      expect(await sizes(0, 1_999)).toEqual([1_000]);
      expect(await sizes(2, 1)).toEqual([200_000]);
      expect(await sizes(2, 200_010)).toEqual([200_000, 10]);
    });

    it("finds the first offset appended at or after an instant", async () => {
      const { log, later } = await open();
      for (let i = 0; i < 5; i++) {
        await commitNumbers(log, 3);
        await later();
      }
      const records = await readAll(log, FACTS, 0);
      const times = records.map(({ appendedAtMs }) => appendedAtMs);
      expect(times).toEqual([...times].sort((a, b) => a - b));
      for (const instant of new Set(times.flatMap((time) => [time - 1, time, time + 1]))) {
        const first = records.find(({ appendedAtMs }) => appendedAtMs >= instant);
        expect(await log.offsetAtTime(FACTS, 0, instant)).toBe(
          first?.offset ?? offsetAfter(records),
        );
      }
    });

    it("says so when retention has eaten an offset", async () => {
      const fixture = await open();
      const { log, hasGaps } = fixture;
      await commitNumbers(log, 10);
      await commitNumbers(log, 10);
      const records = await readAll(log, FACTS, 0);
      const kept = records.slice(13);
      const [start, end] = [kept[0]?.offset ?? 0, offsetAfter(records)];
      await log.truncateBefore(FACTS, 0, start);
      await log.truncateBefore(FACTS, 0, 5);
      const past = hasGaps === true ? end + 100 : end + 1;
      await expectLogError(log.truncateBefore(FACTS, 0, past), "log.offset-out-of-range");
      for await (const opened of aroundRestart(fixture)) {
        expect(await opened.startOffset(FACTS, 0)).toBe(start);
        expect(await opened.endOffset(FACTS, 0)).toBe(end);
        await expectLogError(opened.read(FACTS, 0, start - 1, LIMITS), "log.offset-out-of-range");
        expect(texts(await readAll(opened, FACTS, 0))).toEqual(["3", "4", "5", "6", "7", "8", "9"]);
        expect(await opened.offsetAtTime(FACTS, 0, 0)).toBe(start);
      }
    });

    it("goes on with the next offset after everything was truncated", async () => {
      const fixture = await open();
      await commitNumbers(fixture.log, 4);
      await fixture.log.truncateBefore(FACTS, 0, 4);
      const log = await fixture.reopen();
      expect(await log.read(FACTS, 0, 4, LIMITS)).toEqual([]);
      const { offsets } = await log.commit({ appends: [append(FACTS, "GME", "next", 0)] });
      expectOffsets(fixture, offsets, [4]);
      expect(texts(await readAll(log, FACTS, 0))).toEqual(["next"]);
    });

    it("serves concurrent readers and a writer without mixing them up", async () => {
      const { log } = await open();
      const total = 200;
      const follow = async (): Promise<string[]> => {
        const seen: LogRecord[] = [];
        while (seen.length < total) {
          await log.waitFor(FACTS, 0, offsetAfter(seen), new AbortController().signal);
          const limits = { ...LIMITS, maxRecords: 7 };
          seen.push(...(await log.read(FACTS, 0, offsetAfter(seen), limits)));
        }
        return texts(seen);
      };
      const readers = [follow(), follow(), follow()];
      for (let i = 0; i < total; i++) {
        await log.commit({ appends: [append(FACTS, "GME", `${i}`, 0)] });
      }
      const expected = Array.from({ length: total }, (_, i) => `${i}`);
      expect(await Promise.all(readers)).toEqual([expected, expected, expected]);
    });

    it("wakes a waiting reader by a record, by abort and by closing", async () => {
      const { log } = await open();
      const never = new AbortController().signal;
      const woken = log.waitFor(FACTS, 0, 0, never);
      const other = new AbortController();
      const aborted = log.waitFor(FACTS, 0, 5, other.signal);
      const closed = log.waitFor(FACTS, 1, 0, never);
      await log.commit({ appends: [append(FACTS, "GME", "x", 0)] });
      await woken;
      await log.waitFor(FACTS, 0, 0, never);
      other.abort();
      await aborted;
      await log.waitFor(FACTS, 0, 5, other.signal);
      const refused = expectLogError(closed, "log.closed");
      await log.close();
      await refused;
      await expectLogError(log.read(FACTS, 0, 0, LIMITS), "log.closed");
    });
  });
}

async function commitNumbers(log: Log, count: number): Promise<void> {
  await log.commit({
    appends: Array.from({ length: count }, (_, i) => append(FACTS, "GME", `${i}`, 0)),
  });
}
