import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createMemoryLog } from "../log/memory.ts";
import { type LogRecord, MAX_RECORD_BYTES } from "../log/port.ts";
import { deadLetter, TRUNCATED_HEADER } from "./dead-letter.ts";
import { systemLayout } from "./layout.ts";

const TOPIC = "market.halt.v1";
const REFUSAL = { stage: "signals", code: "envelope.too-large", reason: "too large" };
const SOUND: LogRecord = {
  ...{ topic: TOPIC, partition: 0, offset: 7, appendedAtMs: 0 },
  ...{ key: "GME", value: Uint8Array.of(1, 2, 3), headers: { ce_id: "one" } },
};
const PLACE = { "dlq-topic": TOPIC, "dlq-partition": "0", "dlq-offset": "7" };

async function written(record: LogRecord, refusal = REFUSAL): Promise<LogRecord> {
  const log = createMemoryLog(systemLayout(1), () => 0);
  await log.commit({ appends: [deadLetter(record, refusal)] });
  const [letter] = await log.read(`${TOPIC}.dlq`, 0, 0, { maxRecords: 1, maxBytes: 1 });
  if (letter === undefined) throw new RangeError("no letter was written");
  return letter;
}

describe("a dead letter", () => {
  it("holds all of a record that leaves room for the reason", async () => {
    const letter = await written(SOUND);
    expect(letter).toMatchObject({ key: "GME", value: Uint8Array.of(1, 2, 3) });
    expect(letter.headers).toMatchObject({ ce_id: "one", ...PLACE, "dlq-reason": "too large" });
    expect(letter.headers).not.toHaveProperty(TRUNCATED_HEADER);
  });

  it("holds the beginning of a value of 4 MiB, its size, its hash and where all of it lies", async () => {
    const value = Buffer.alloc(4 * 1024 * 1024, "amc");
    const letter = await written({ ...SOUND, value });
    expect(Buffer.from(letter.value ?? [])).toEqual(value.subarray(0, 65_536));
    expect(letter.headers).toMatchObject({
      ...{ ce_id: "one", ...PLACE, [TRUNCATED_HEADER]: "value" },
      "dlq-value-bytes": String(value.length),
      "dlq-value-sha256": createHash("sha256").update(value).digest("hex"),
    });
  });

  it("is cut as well when its own headers are what does not fit", async () => {
    const value = Buffer.alloc(MAX_RECORD_BYTES - "GME".length - "ce_idone".length);
    expect((await written({ ...SOUND, value })).headers).toMatchObject({
      [TRUNCATED_HEADER]: "value",
      "dlq-value-bytes": String(value.length),
    });
  });

  it("keeps the small headers beside one that is too large, and says that one is missing", async () => {
    const headers = { large: "x".repeat(1_000_000), ce_id: "one" };
    const letter = await written({ ...SOUND, headers });
    expect(letter.value).toEqual(Uint8Array.of(1, 2, 3));
    expect(letter.headers).toMatchObject({ ce_id: "one", [TRUNCATED_HEADER]: "headers" });
    expect(letter.headers).not.toHaveProperty("large");
  });

  it("is not refused for a reason that is cut in the middle of a character", async () => {
    const reason = `${"x".repeat(1023)}😀`;
    expect((await written(SOUND, { ...REFUSAL, reason })).headers["dlq-reason"]).toHaveLength(1024);
  });

  it("can be written of whatever record another writer left", async () => {
    const text = fc
      .tuple(fc.constantFrom("x", "é", "価", "😀"), fc.integer({ min: 0, max: 300_000 }))
      .map(([character, length]) => character.repeat(length));
    const record = fc.record({
      key: fc.option(text),
      value: fc.option(fc.integer({ min: 0, max: 1_000_000 }).map((size) => new Uint8Array(size))),
      headers: fc.dictionary(fc.string({ unit: "grapheme" }), text, { maxKeys: 4 }),
    });
    await fc.assert(
      fc.asyncProperty(record, text, async (foreign, reason) => {
        const letter = await written({ ...SOUND, ...foreign }, { ...REFUSAL, reason });
        expect(letter.headers).toMatchObject({ ...PLACE, "dlq-code": REFUSAL.code });
      }),
      { numRuns: 50 },
    );
  });
});
