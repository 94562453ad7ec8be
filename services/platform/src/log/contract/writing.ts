import { describe, expect, it } from "vitest";
import { MAX_RECORD_BYTES } from "../port.ts";
import {
  append,
  CLOCK,
  expectLogError,
  expectOffsets,
  FACTS,
  fixtures,
  type LogFactory,
  offsetAfter,
  readAll,
  SIGNALS,
  stateOf,
  texts,
} from "./fixture.ts";

export function describeWriting(factory: LogFactory): void {
  describe("writing", () => {
    const open = fixtures(factory);

    it("gives dense offsets from 0 in the order of the appends", async () => {
      const fixture = await open();
      const { log } = fixture;
      const first = await log.commit({
        appends: [append(FACTS, "GME", "a", 1), append(FACTS, "GME", "b", 1)],
      });
      const second = await log.commit({
        appends: [
          append(FACTS, "SPY", "c", 2),
          append(FACTS, "GME", "d", 1),
          append(SIGNALS, "SPY", "e", 1),
        ],
      });
      expectOffsets(fixture, first.offsets, [0, 1]);
      expectOffsets(fixture, second.offsets, [0, 2, 0]);
      const records = await readAll(log, FACTS, 1);
      expect(texts(records)).toEqual(["a", "b", "d"]);
      const given = [...first.offsets, second.offsets[1]];
      expect(records.map(({ offset }) => offset)).toEqual(given);
      expect(texts(await readAll(log, FACTS, 2))).toEqual(["c"]);
      expect(texts(await readAll(log, SIGNALS, 1))).toEqual(["e"]);
      expect(await log.endOffset(FACTS, 1)).toBe(offsetAfter(records));
    });

    it("takes overlapping commits in the order of the calls", async () => {
      const fixture = await open();
      const { log } = fixture;
      const commits = Array.from({ length: 50 }, (_, i) =>
        log.commit({ appends: [append(FACTS, "GME", `${i}`, 0)] }),
      );
      const offsets = (await Promise.all(commits)).flatMap((committed) => committed.offsets);
      expectOffsets(
        fixture,
        offsets,
        commits.map((_, i) => i),
      );
      expect(texts(await readAll(log, FACTS, 0))).toEqual(commits.map((_, i) => `${i}`));
    });

    it("puts a key where Kafka's Java client puts it", async () => {
      const { log } = await open();
      // Java: (murmur2 & 0x7fffffff) % 4 of GME 333356158, AAPL 1691292177, SPY 1772639735.
      await log.commit({
        appends: ["GME", "AAPL", "SPY"].map((symbol) => append(FACTS, symbol, symbol)),
      });
      expect(texts(await readAll(log, FACTS, 2))).toEqual(["GME"]);
      expect(texts(await readAll(log, FACTS, 1))).toEqual(["AAPL"]);
      expect(texts(await readAll(log, FACTS, 3))).toEqual(["SPY"]);
    });

    it("gives back keys, values and headers byte for byte", async () => {
      const { log } = await open();
      const everyByte = Uint8Array.from({ length: 256 }, (_, byte) => byte);
      const appends = [
        {
          key: "価格\u0000😀",
          value: everyByte,
          headers: { "ünï-cödé": "日本\n\u0000", empty: "" },
        },
        { key: "", value: new Uint8Array(), headers: {} },
        { key: null, value: null, headers: { ["__proto__"]: "own", constructor: "own" } },
        { key: "after", value: everyByte.subarray(7, 9), headers: { ce_id: "1", ce_time: "2" } },
      ].map((record) => ({ topic: FACTS, partition: 0, ...record }));
      await log.commit({ appends });
      const records = await readAll(log, FACTS, 0);
      expect(records.map(({ key }) => key)).toEqual(appends.map(({ key }) => key));
      expect(records.map(({ value }) => value && [...value])).toEqual(
        appends.map(({ value }) => value && [...value]),
      );
      expect(records.map(({ headers }) => Object.entries(headers))).toEqual(
        appends.map(({ headers }) => Object.entries(headers)),
      );
    });

    it("copies what it is given, so that scratch buffers can be reused at once", async () => {
      const { log } = await open();
      const scratch = new TextEncoder().encode("first");
      const lease = await log.acquire("signals", 0);
      const pending = log.commit({
        lease,
        appends: [{ topic: FACTS, partition: 0, key: null, value: scratch, headers: {} }],
        state: [{ store: "s", key: "k", value: scratch }],
      });
      scratch.fill(120);
      await pending;
      expect(texts(await readAll(log, FACTS, 0))).toEqual(["first"]);
      expect(await stateOf(log, "signals", 0)).toEqual(["s/k=first"]);
    });

    it("writes a broadcast to the partitions it names", async () => {
      const { log } = await open();
      const partitions = [0, 1, 2, 3];
      await log.commit({
        appends: partitions.map((partition) => append(CLOCK, "tick", `t${partition}`, partition)),
      });
      for (const partition of partitions) {
        expect(texts(await readAll(log, CLOCK, partition))).toEqual([`t${partition}`]);
      }
    });

    it("takes records up to the limit and refuses larger ones whole", async () => {
      const { log } = await open();
      const record = (bytes: number) => ({
        topic: FACTS,
        partition: 0,
        key: "é",
        value: new Uint8Array(bytes).fill(7),
        headers: { h: "ü" },
      });
      // Two bytes of key, one of header name, two of header value.
      await log.commit({ appends: [record(MAX_RECORD_BYTES - 5)] });
      await expectLogError(
        log.commit({ appends: [append(FACTS, "GME", "x", 0), record(MAX_RECORD_BYTES - 4)] }),
        "log.record-too-large",
      );
      const records = await readAll(log, FACTS, 0);
      expect(records.map(({ value }) => value?.length)).toEqual([MAX_RECORD_BYTES - 5]);
    });

    it("refuses a commit as a whole when one append has no place to go", async () => {
      const { log } = await open();
      const good = append(FACTS, "GME", "good", 0);
      const elsewhere = { ...good, topic: "no.such-topic.v1" };
      const { topic, value, headers } = good;
      const unnamed = { topic, key: null, value, headers };
      await expectLogError(log.commit({ appends: [good, elsewhere] }), "log.unknown-topic");
      await expectLogError(
        log.commit({ appends: [good, { ...good, partition: 4 }] }),
        "log.unknown-partition",
      );
      await expectLogError(log.commit({ appends: [good, unnamed] }), "log.invalid-commit");
      await expectLogError(
        log.commit({ appends: [good, { ...good, key: "\ud800" }] }),
        "log.invalid-commit",
      );
      expect(await log.endOffset(FACTS, 0)).toBe(0);
    });

    it("takes an empty commit", async () => {
      const { log } = await open();
      expect(await log.commit({ appends: [] })).toEqual({ offsets: [] });
    });

    it("keeps everything through a restart", async () => {
      const fixture = await open();
      await fixture.log.commit({ appends: [append(FACTS, "GME", "before", 0)] });
      const log = await fixture.reopen();
      await log.commit({ appends: [append(FACTS, "GME", "after", 0)] });
      expect(texts(await readAll(log, FACTS, 0))).toEqual(["before", "after"]);
    });
  });
}
