import { startTestPostgres, type TestDatabase } from "@amc/platform/postgres/testing";
import type { ColumnKind } from "@amc/streams/projections/columns";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { arrayOf, type Parameter, WIRE_TYPES } from "./column-array.ts";

/** Text that PostgreSQL can hold, in every script, with all that array text has to escape. */
const text = fc
  .string({ unit: "binary", maxLength: 40 })
  .filter((value) => !value.includes("\u0000") && value.isWellFormed());
const instant = fc.integer({ min: 0, max: 253_402_300_799_999 });
const json = fc.jsonValue().filter((value) => !JSON.stringify(value).includes("\\u0000"));

import { poolOf } from "./testing/projector-fixture.ts";
import { WireBuffer } from "./wire-buffer.ts";

function bytesOf(parameter: Parameter): Buffer {
  const wire = new WireBuffer(16);
  parameter(wire);
  return wire.take();
}

describe("a column sent as a binary array", () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await startTestPostgres();
  });
  afterAll(async () => {
    await database.drop();
  });

  /** What PostgreSQL makes of the values, one row each, in order. */
  async function received(
    kind: ColumnKind,
    values: readonly unknown[],
    scale?: number,
  ): Promise<unknown[]> {
    const { name, cast } = WIRE_TYPES[kind];
    const { rows } = await poolOf(database, "projector").query<{ value: unknown }>(
      `SELECT ${cast === undefined ? "value" : `value::${cast}`} AS value
       FROM unnest($1::${name}[]) WITH ORDINALITY AS sent (value, place) ORDER BY place`,
      [bytesOf(arrayOf(kind, values, scale))],
    );
    return rows.map(({ value }) => value);
  }

  function expectArrival<Value>(
    kind: ColumnKind,
    values: fc.Arbitrary<Value>,
    expected: (value: Value) => unknown = (value) => value,
  ): Promise<void> {
    const lists = fc.array(fc.option(values), { maxLength: 20 });
    return fc.assert(
      fc.asyncProperty(lists, async (list) => {
        expect(await received(kind, list)).toEqual(
          list.map((value) => (value === null ? null : expected(value))),
        );
      }),
      { numRuns: 30 },
    );
  }

  it("keeps texts", () => expectArrival("text", text));
  it("keeps lists of texts", () => expectArrival("texts", fc.array(text, { maxLength: 5 })));
  it("keeps integers", () => expectArrival("integer", fc.integer()));
  it("keeps whole numbers to 2^53", () => expectArrival("bigint", fc.maxSafeInteger()));
  it("keeps doubles to the last bit", () =>
    expectArrival("double", fc.double({ noNaN: true, noDefaultInfinity: true })));
  it("keeps booleans", () => expectArrival("boolean", fc.boolean()));
  it("keeps instants from 1970 to 9999", () =>
    expectArrival("instant", instant, (ms) => new Date(ms)));
  it("keeps ids", () => expectArrival("uuid", fc.uuid()));
  it("keeps lists of ids", () => expectArrival("uuids", fc.array(fc.uuid(), { maxLength: 5 })));
  it("keeps bytes", () =>
    expectArrival("bytes", fc.uint8Array({ maxLength: 300 }), (bytes) => Buffer.from(bytes)));
  it("keeps JSON of every kind", () =>
    expectArrival(
      "json",
      json.filter((value) => value !== null),
      (value) => JSON.parse(JSON.stringify(value)),
    ));
  it("keeps dates", () =>
    expectArrival(
      "date",
      instant.map((ms) => new Date(ms).toISOString().slice(0, 10)),
    ));

  it("rounds decimals to the scale of their column, half away from zero", async () => {
    expect(await received("numeric", [0.73755, -0.73755, 1.00005, 999_999.9999, null], 4)).toEqual([
      0.7376,
      -0.7376,
      1.0001,
      999_999.9999,
      null,
    ]);
  });

  it("holds more than its first buffer", async () => {
    const large = new Uint8Array(3_000_000).fill(7);
    expect(await received("bytes", [large, Uint8Array.of(1)])).toEqual([
      Buffer.from(large),
      Buffer.of(1),
    ]);
  });

  it("refuses a value of a foreign type", () => {
    expect(() => bytesOf(arrayOf("text", [1]))).toThrow(TypeError);
    expect(() => bytesOf(arrayOf("integer", [true]))).toThrow(TypeError);
  });
});
