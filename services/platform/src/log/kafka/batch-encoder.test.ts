import { createRequire } from "node:module";
import { gzipSync } from "node:zlib";
import { createRecordsBatch, Reader, readRecordsBatches } from "@platformatic/kafka";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeRecord } from "../../runtime/decode-record.ts";
import type { Append } from "../port.ts";
import { type BatchOrigin, encodeBatch } from "./batch-encoder.ts";
import { BATCH } from "./batch-format.ts";
import { decodeBatches } from "./batches.ts";
import { checksum } from "./checksum.ts";
import { recordBody } from "./record-body.ts";

type Content = Pick<Append, "key" | "value" | "headers">;

const PLACE = { topic: "t", partition: 0, from: 0 };
const TIME_MS = 1_770_000_000_000;
const text = fc.string({ unit: "grapheme", maxLength: 80 });
const content: fc.Arbitrary<Content> = fc.record({
  key: fc.option(text),
  value: fc.option(fc.uint8Array({ maxLength: 300 })),
  headers: fc.dictionary(text, text, { maxKeys: 5 }),
});
const batchOrigin: fc.Arbitrary<BatchOrigin> = fc.record({
  producerId: fc.bigInt({ min: -1n, max: 2n ** 63n - 1n }),
  producerEpoch: fc.integer({ min: -1, max: 2 ** 15 - 1 }),
  firstSequence: fc.integer({ min: -1, max: 2 ** 31 - 1 }),
  isTransactional: fc.boolean(),
});
const PLAIN: BatchOrigin = {
  producerId: 7n,
  producerEpoch: 1,
  firstSequence: 0,
  isTransactional: false,
};

function encoded(contents: readonly Content[], origin: BatchOrigin): Buffer {
  return encodeBatch(
    contents.map((record) => recordBody(record)),
    origin,
    TIME_MS,
  );
}

interface Plain {
  readonly key: string | null;
  readonly value: readonly number[] | null;
  readonly headers: readonly (readonly [string, string])[];
}

function plain({ key, value, headers }: Content): Plain {
  return { key, value: value === null ? null : [...value], headers: Object.entries(headers) };
}

/** As the reader of @platformatic/kafka sees a batch. */
function readByPlatformatic(bytes: Buffer) {
  const [batch] = readRecordsBatches(Reader.from(bytes));
  const records = (batch?.records ?? []).map(
    ({ key, value, headers }): Plain => ({
      key: key?.toString() ?? null,
      value: value === null ? null : [...value],
      headers: headers.map(([name, of]) => [String(name), String(of)]),
    }),
  );
  return { batch, records };
}

interface KafkajsRecord {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, Buffer | Buffer[]>>;
  readonly offset: string;
  readonly timestamp: string;
}

const require = createRequire(import.meta.url);
const KafkajsDecoder: new (bytes: Buffer) => object = require("kafkajs/src/protocol/decoder");
const decodeByKafkajs: (decoder: object) => Promise<{
  readonly records: readonly KafkajsRecord[];
}> = require("kafkajs/src/protocol/recordBatch/v0/decoder");

/** As kafkajs sees a batch. */
async function readByKafkajs(bytes: Buffer): Promise<readonly KafkajsRecord[]> {
  return (await decodeByKafkajs(new KafkajsDecoder(bytes))).records;
}

describe("a record batch", () => {
  it("reads the same to the reader of @platformatic/kafka", () => {
    fc.assert(
      fc.property(fc.array(content, { minLength: 1, maxLength: 80 }), batchOrigin, (all, by) => {
        const { batch, records } = readByPlatformatic(encoded(all, by));
        expect(records).toEqual(all.map(plain));
        expect(batch).toMatchObject({
          firstOffset: 0n,
          lastOffsetDelta: all.length - 1,
          firstTimestamp: BigInt(TIME_MS),
          maxTimestamp: BigInt(TIME_MS),
          producerId: by.producerId,
          producerEpoch: by.producerEpoch,
          firstSequence: by.firstSequence,
          attributes: by.isTransactional ? 16 : 0,
        });
        expect(batch?.records.map(({ offsetDelta }) => offsetDelta)).toEqual([...all.keys()]);
      }),
    );
  });

  it("reads the same to kafkajs", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(content, { minLength: 1, maxLength: 20 }), async (all) => {
        const records = await readByKafkajs(encoded(all, PLAIN));
        expect(records.map(({ key }) => key?.toString() ?? null)).toEqual(
          all.map(({ key }) => key),
        );
        expect(records.map(({ value }) => value && [...value])).toEqual(
          all.map(({ value }) => value && [...value]),
        );
        expect(records.map(({ timestamp }) => timestamp)).toEqual(all.map(() => `${TIME_MS}`));
        all.forEach(({ headers }, index) => {
          for (const [name, value] of Object.entries(headers)) {
            // Of what every object has kafkajs makes a list of values.
            if (!(name in {})) expect(String(records[index]?.headers[name])).toBe(value);
          }
        });
      }),
    );
  });

  it("comes back from our own reader, several batches after each other, from any offset on", () => {
    const batches = fc.array(fc.array(content, { minLength: 1, maxLength: 8 }), { maxLength: 5 });
    fc.assert(
      fc.property(batches, fc.nat(45), (all, from) => {
        let base = 0;
        const bytes = all.map((one) => {
          const batch = encoded(one, PLAIN);
          batch.writeBigInt64BE(BigInt(base), BATCH.baseOffset);
          base += one.length;
          return batch;
        });
        const fetched = { bytes: Buffer.concat(bytes), aborted: [] };
        const { records, sizes, next } = decodeBatches({ ...PLACE, from }, fetched);
        const flat = all.flat();
        expect(records.map(plain)).toEqual(flat.slice(from).map(plain));
        expect(records.map(({ offset }) => offset)).toEqual([...flat.keys()].slice(from));
        expect(sizes).toEqual(flat.slice(from).map(sizeOf));
        expect(next).toBe(Math.max(from, flat.length));
      }),
    );
  });

  it("holds records whose lengths need one byte more or less", () => {
    for (const length of [0, 63, 64, 8_191, 8_192, 262_000, 1_048_576]) {
      const one = { key: "k".repeat(Math.min(length, 9_000)), value: new Uint8Array(length) };
      const { records } = readByPlatformatic(encoded([{ ...one, headers: {} }], PLAIN));
      expect(records.map(({ key, value }) => [key, value?.length])).toEqual([[one.key, length]]);
    }
  });

  it("is refused when any of its bytes behind the checksum has changed", () => {
    fc.assert(
      fc.property(fc.array(content, { minLength: 1, maxLength: 3 }), fc.nat(), (all, at) => {
        const bytes = encoded(all, PLAIN);
        const index = BATCH.attributes + (at % (bytes.length - BATCH.attributes));
        bytes.writeUInt8(bytes.readUInt8(index) ^ 1, index);
        const read = () => decodeBatches(PLACE, { bytes, aborted: [] });
        expect(read).toThrow(expect.objectContaining({ code: "log.corrupt" }));
      }),
    );
  });

  it.each(["none", "gzip", "snappy", "lz4", "zstd"] as const)(
    "of another producer is read too, compressed with %s, names twice, times apart",
    (compression) => {
      const name = () => Buffer.from("same");
      const messages = [0, 1, 2].map((index) => ({
        ...{ topic: "t", partition: 0, timestamp: BigInt(TIME_MS - 70_000 * index) },
        key: Buffer.from("k"),
        value: Buffer.from("v".repeat(100)),
        headers: new Map([
          [name(), Buffer.from(`first ${index}`)],
          [name(), Buffer.from("last")],
        ]),
      }));
      const bytes = createRecordsBatch(messages, { compression }).buffer;
      const { records } = decodeBatches(PLACE, { bytes, aborted: [] });
      expect(records.map(({ value }) => value?.length)).toEqual([100, 100, 100]);
      expect(records.map(({ headers }) => headers)).toEqual(messages.map(() => ({ same: "last" })));
      expect(records.map(({ appendedAtMs }) => TIME_MS - appendedAtMs)).toEqual([
        0, 70_000, 140_000,
      ]);
    },
  );

  it("that holds 900 MB of zeros in a megabyte is one record without a reader, and the next is read", () => {
    // Members of gzip may follow each other: 9 times 100 MB.
    const zeros = gzipSync(Buffer.alloc(100_000_000));
    const bomb = compressedBatch(Buffer.concat(Array.from({ length: 9 }, () => zeros)), 7);
    expect(bomb.length).toBeLessThan(1_048_576);
    const sound = encoded([record("next")], PLAIN);
    sound.writeBigInt64BE(7n, BATCH.baseOffset);
    const bytes = Buffer.concat([bomb, sound]);
    // From any of its offsets on it is met once.
    for (const from of [0, 3, 6]) {
      const { records, next } = decodeBatches({ ...PLACE, from }, { bytes, aborted: [] });
      expect(records.map(({ offset, key }) => [offset, key])).toEqual([
        [6, null],
        [7, "next"],
      ]);
      expect(next).toBe(8);
      expect(records[0]?.value).toEqual(bomb.subarray(BATCH.records));
      expect(records.slice(0, 1).map((one) => decodeRecord(one, false))).toEqual([
        {
          ...{ ok: false, code: "batch.too-large" },
          reason: expect.stringContaining("7 records, offsets 0 to 6"),
        },
      ]);
    }
  });

  it("ends an answer once 16 MiB were decompressed, so that many small ones are no large one", () => {
    const batches = Array.from({ length: 40 }, (_, index) => {
      const values = Array.from({ length: 10 }, () => Buffer.alloc(100_000));
      const messages = values.map((value) => ({ topic: "t", partition: 0, value }));
      const batch = createRecordsBatch(messages, { compression: "gzip" }).buffer;
      batch.writeBigInt64BE(BigInt(10 * index), BATCH.baseOffset);
      return batch;
    });
    const answer = Buffer.concat(batches);
    expect(answer.length).toBeLessThan(100_000);
    let [from, fetches] = [0, 0];
    while (from < 400) {
      const rest = Buffer.concat(batches.slice(Math.floor(from / 10)));
      const { records, next } = decodeBatches({ ...PLACE, from }, { bytes: rest, aborted: [] });
      expect(records.map(({ offset }) => offset)).toEqual(
        Array.from({ length: next - from }, (_, index) => from + index),
      );
      [from, fetches] = [next, fetches + 1];
    }
    // 40 MB of records, 17 batches of a megabyte at a time.
    expect(fetches).toBe(3);
  });

  it("is left for the next fetch when it is cut off", () => {
    const [first, second] = [encoded([record("a")], PLAIN), encoded([record("b")], PLAIN)];
    for (let cut = 0; cut < second.length; cut += 1) {
      const bytes = Buffer.concat([first, second.subarray(0, cut)]);
      const { records, next } = decodeBatches(PLACE, { bytes, aborted: [] });
      expect([records.map(({ key }) => key), next]).toEqual([["a"], 1]);
    }
  });
});

/** A batch as another producer compresses it with gzip, at offset 0. */
function compressedBatch(records: Buffer, count: number): Buffer {
  const head = encoded(
    Array.from({ length: count }, () => record("k")),
    PLAIN,
  ).subarray(0, BATCH.records);
  const batch = Buffer.concat([head, records]);
  batch.writeInt32BE(batch.length - BATCH.leaderEpoch, BATCH.length);
  batch.writeInt16BE(1, BATCH.attributes);
  batch.writeUInt32BE(checksum(batch.subarray(BATCH.attributes)), BATCH.crc);
  return batch;
}

function record(key: string): Content {
  return { key, value: null, headers: {} };
}

/** Bytes of the value, lengths of the texts. */
function sizeOf({ key, value, headers }: Content): number {
  const texts = [key ?? "", ...Object.entries(headers).flat()];
  return (value?.length ?? 0) + texts.join("").length;
}
