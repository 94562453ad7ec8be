import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type DigestRecord, digestOf, TopicDigester } from "./digest.ts";
import { wire } from "./testing/wire-bytes.ts";

const TYPE = "signals.verdict.v1";

interface Row {
  readonly key: string | null;
  readonly minute: number;
  readonly id: string;
  readonly body: readonly number[];
  readonly schemaId?: number;
}

function record({ key, minute, id, body, schemaId = 14 }: Row): DigestRecord {
  const time = new Date(Date.UTC(2021, 0, 13, 14, minute)).toISOString();
  return {
    key,
    value: wire(schemaId, body),
    headers: { ce_id: id, ce_type: TYPE, ce_time: time, "amc-stage": "gates" },
  };
}

const rows: readonly Row[] = [
  { key: "GME", minute: 45, id: "b", body: [1, 2] },
  { key: "AAPL", minute: 45, id: "a", body: [3] },
  { key: "GME", minute: 45, id: "c", body: [] },
  { key: "GME", minute: 50, id: "0", body: [4] },
];

function digest(records: readonly DigestRecord[]) {
  const digester = new TopicDigester();
  for (const one of records) digester.add(one);
  return digester.finish();
}

const expected = digest(rows.map(record));

describe("the digest of a topic", () => {
  it("is SHA-256 over the hashes of the records, sorted by key, time and id", () => {
    // The definition once more, written with other means.
    const lengthPrefixed = (part: Uint8Array | string) => {
      const bytes = Buffer.from(part);
      const length = Buffer.from(bytes.length.toString(16).padStart(8, "0"), "hex");
      return Buffer.concat([length, bytes]);
    };
    const hashOf = (row: Row) => {
      const time = `2021-01-13T14:${row.minute}:00.000Z`;
      const parts = [row.key ?? "", row.id, TYPE, time, Uint8Array.from(row.body)];
      return createHash("sha256")
        .update(Buffer.concat(parts.map(lengthPrefixed)))
        .digest();
    };
    const order = ["a", "b", "c", "0"].map((id) => rows.find((row) => row.id === id));
    const hashes = order.map((row) => (row === undefined ? Buffer.alloc(0) : hashOf(row)));
    const byDefinition = createHash("sha256").update(Buffer.concat(hashes)).digest("hex");
    expect(expected.sha256).toBe(byDefinition);
    expect(expected).toMatchObject({ records: 4, duplicates: 0, conflicts: 0, disorder: null });
  });

  it("does not depend on the order in which partitions are read", () => {
    const order = fc.shuffledSubarray([...rows], { minLength: rows.length });
    fc.assert(
      fc.property(order, (shuffled) => {
        expect(digest(shuffled.map(record)).sha256).toBe(expected.sha256);
      }),
    );
  });

  it("does not cover the schema id, other headers and offsets", () => {
    const others = rows.map((row) => record({ ...row, schemaId: 99 }));
    const moved = others.map((one) => ({
      ...one,
      offset: 7,
      headers: { ...one.headers, "amc-stage": "other" },
    }));
    expect(digest(moved).sha256).toBe(expected.sha256);
  });

  it.each<[string, Partial<Row>]>([
    ["key", { key: "GMF" }],
    ["absence of a key", { key: null }],
    ["id", { id: "bb" }],
    ["time", { minute: 44 }],
    ["body", { body: [1, 3] }],
    ["length of the body", { body: [1, 2, 0] }],
  ])("changes with the %s", (_, change) => {
    const changed = rows.map((row, index) => record(index === 0 ? { ...row, ...change } : row));
    expect(digest(changed).sha256).not.toBe(expected.sha256);
  });

  it("tells a missing value from an empty body", () => {
    const [first, ...rest] = rows.map(record);
    const tombstone = { key: "GME", headers: {}, ...first, value: null };
    const empty = { ...tombstone, value: wire(14, []) };
    expect(digest([tombstone, ...rest]).sha256).not.toBe(digest([empty, ...rest]).sha256);
  });

  it("counts the first of each id and names the rest", () => {
    const again = rows.map(record);
    const conflict = record({ key: "GME", minute: 45, id: "b", body: [9] });
    expect(digest([...again, ...again, conflict])).toEqual({
      ...expected,
      duplicates: 5,
      conflicts: 1,
    });
  });

  it("names the first record of a key that stands in the wrong place", () => {
    const late = record({ key: "GME", minute: 46, id: "z", body: [] });
    expect(digest([...rows.map(record), late]).disorder).toEqual({
      key: "GME",
      id: "z",
      afterId: "0",
    });
    const sameInstant = [record({ key: "X", minute: 1, id: "2", body: [] })];
    sameInstant.push(record({ key: "X", minute: 1, id: "1", body: [] }));
    expect(digest(sameInstant).disorder).toEqual({ key: "X", id: "1", afterId: "2" });
  });

  it("refuses records without CloudEvents headers", () => {
    const headless = { key: "GME", value: wire(14, []), headers: { ce_id: "1", ce_type: TYPE } };
    expect(() => digest([headless])).toThrow(/ce_time/);
  });

  it("can be taken over a stream", async () => {
    async function* stream() {
      yield* rows.map(record);
    }
    expect(await digestOf(stream())).toEqual(expected);
    expect(await digestOf(rows.map(record))).toEqual(expected);
  });
});
