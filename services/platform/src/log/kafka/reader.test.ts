import { describe, expect, it } from "vitest";
import { KnownCluster } from "../testing/known-cluster.ts";
import { passingTime } from "../testing/passing-time.ts";
import { encodeBatch } from "./batch-encoder.ts";
import { BATCH } from "./batch-format.ts";
import type { fetchFrom } from "./fetch.ts";
import { PartitionReader } from "./reader.ts";
import { recordBody } from "./record-body.ts";

const TOPIC = "facts";
const COMMITTED = { producerId: 1n, producerEpoch: 0, firstSequence: 0, isTransactional: true };
const ABORTED = { ...COMMITTED, producerId: 2n };

/** Batches of one record each, one per offset; the aborted ones are not for readers. */
function batchesOf(offsets: number, isAborted: (offset: number) => boolean): Buffer[] {
  return Array.from({ length: offsets }, (_, offset) => {
    const body = recordBody({ key: null, value: Buffer.from(`${offset}`), headers: {} });
    const batch = encodeBatch([body], isAborted(offset) ? ABORTED : COMMITTED, 0);
    batch.writeBigInt64BE(BigInt(offset), BATCH.baseOffset);
    return batch;
  });
}

/** A broker whose answers end after `perAnswer` batches, as real ones do at a count of bytes. */
function brokerOf(batches: readonly Buffer[], perAnswer: number) {
  const asked: number[] = [];
  const fetch: typeof fetchFrom = async (_cluster, places) =>
    places.map((place) => {
      asked.push(place.from);
      const answer = {
        ...{ topicId: "", partition: place.partition, lastStableOffset: batches.length },
        aborted: [{ producerId: ABORTED.producerId, firstOffset: 0n }],
        records: Buffer.concat(batches.slice(place.from, place.from + perAnswer)),
      };
      return { place, answer };
    });
  return { fetch, asked };
}

function readerOf(batches: readonly Buffer[], perAnswer: number) {
  const { fetch, asked } = brokerOf(batches, perAnswer);
  const cluster = new KnownCluster({ end: batches.length });
  return { reader: new PartitionReader(cluster, "", { fetch, pacing: passingTime() }), asked };
}

describe("the end of the records", () => {
  it("is behind the last one when an answer stops in front of it", async () => {
    for (let length = 1; length <= 20; length += 1) {
      for (let tail = 0; tail < length; tail += 1) {
        for (const perAnswer of [1, 2, 3, 100]) {
          const batches = batchesOf(length, (offset) => offset >= length - tail);
          const { reader } = readerOf(batches, perAnswer);
          expect(await reader.endOfRecords(TOPIC, 0)).toBe(length - tail);
        }
      }
    }
  });

  it("is asked for once while the partition does not grow", async () => {
    const { reader, asked } = readerOf(
      batchesOf(8, (offset) => offset >= 5),
      2,
    );
    expect(await reader.endOfRecords(TOPIC, 0)).toBe(5);
    const fetches = asked.length;
    expect(await reader.endOfRecords(TOPIC, 0)).toBe(5);
    expect(asked).toHaveLength(fetches);
  });

  it("is known without a fetch where the last record is one that we have written", async () => {
    const { reader, asked } = readerOf(
      batchesOf(8, () => false),
      2,
    );
    reader.noteRecord({ topic: TOPIC, partition: 0 }, 7);
    expect(await reader.endOfRecords(TOPIC, 0)).toBe(8);
    expect(asked).toEqual([]);
  });

  it("is the start where there is no record", async () => {
    const { reader } = readerOf(
      batchesOf(5, () => true),
      2,
    );
    expect(await reader.endOfRecords(TOPIC, 0)).toBe(0);
  });
});

describe("a scan", () => {
  it("waits for a leader that has just become one and answers less than there is", async () => {
    const { fetch } = brokerOf(
      batchesOf(4, () => false),
      3,
    );
    let empty = 100;
    const late: typeof fetch = async (...request) => {
      const answers = await fetch(...request);
      if (request[1][0]?.from === 0 || empty === 0) return answers;
      empty -= 1;
      return answers.map(({ place, answer }) => ({
        place,
        answer: { ...answer, records: Buffer.alloc(0) },
      }));
    };
    const options = { fetch: late, pacing: passingTime() };
    const reader = new PartitionReader(new KnownCluster(), "", options);
    const found: number[] = [];
    for await (const records of reader.scan({ topic: TOPIC, partition: 0, from: 0 }, 4)) {
      found.push(...records.map(({ offset }) => offset));
    }
    expect(found).toEqual([0, 1, 2, 3]);
  });

  it("ends with log.unavailable when the leader answers nothing for half a minute", async () => {
    const { reader, asked } = readerOf([], 1);
    const pieces = reader.scan({ topic: TOPIC, partition: 0, from: 0 }, 1);
    await expect(pieces.next()).rejects.toMatchObject({
      code: "log.unavailable",
      facts: { topic: TOPIC, partition: 0, offset: 0, end: 1 },
    });
    // With a pause of up to 200 ms between two requests.
    expect(asked.length).toBeLessThan(200);
  });
});

describe("an answer that came unasked for", () => {
  const place = { topic: TOPIC, partition: 0, from: 0 };
  const limits = { maxRecords: 10, maxBytes: 1_000_000 };

  /** What a wait was answered when the partition had so many records. */
  function answerOf(batches: readonly Buffer[]) {
    const records = Buffer.concat([...batches]);
    const answer = {
      topicId: "",
      partition: 0,
      lastStableOffset: batches.length,
      aborted: [],
      records,
    };
    return { place, answer };
  }

  it("without records is not taken for the end of a partition that has grown since", async () => {
    const { reader, asked } = readerOf(
      batchesOf(2, () => false),
      2,
    );
    expect(reader.offer(answerOf([]))).toEqual({ end: null, next: 0 });
    const found = await reader.read(place, limits);
    expect(found.map(({ offset }) => offset)).toEqual([0, 1]);
    expect(asked).toEqual([0]);
  });

  it("control: with records is handed out to the read that asks for it, without a fetch", async () => {
    const batches = batchesOf(2, () => false);
    const { reader, asked } = readerOf(batches, 2);
    expect(reader.offer(answerOf(batches))).toEqual({ end: 2, next: 2 });
    const found = await reader.read(place, limits);
    expect(found.map(({ offset }) => offset)).toEqual([0, 1]);
    expect(asked).toEqual([]);
  });
});
