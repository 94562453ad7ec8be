import { describe, expect, it } from "vitest";
import type { AvroNode, AvroSchema } from "../src/avro-schema.ts";
import { CodecWriter } from "./codec-writer.ts";
import { addDecoder } from "./decoder-text.ts";
import { addEncoder } from "./encoder-text.ts";

/** What the generator refuses, because the decoder could not be bounded or nobody needs it. */

function generate(schema: AvroNode): void {
  const codec = new CodecWriter();
  addDecoder(codec, "readIt", "It", schema, schema);
  addEncoder(codec, "writeIt", "It", schema);
}

function recordOf(type: AvroSchema, name = "Record"): AvroNode {
  return { type: "record", name, fields: [{ name: "field", type }] };
}

function nested(depth: number): AvroNode {
  return depth === 1 ? recordOf("int", "R1") : recordOf(nested(depth - 1), `R${depth}`);
}

describe("the generator", () => {
  it("takes records to a depth of 16 and refuses deeper ones", () => {
    expect(() => generate(nested(16))).not.toThrow();
    expect(() => generate(nested(17))).toThrow(/nested too deeply/);
  });

  it("refuses a record that holds itself", () => {
    expect(() => generate(recordOf(["null", "Record"]))).toThrow(/"Record" is not supported/);
    const list: AvroNode = { type: "array", maxItems: 3, items: "Record" };
    expect(() => generate(recordOf(list))).toThrow(/"Record" is not supported/);
  });

  const UNION = /a union is null and one other type/;
  const ARRAY_OF_ARRAYS: AvroSchema = {
    type: "array",
    maxItems: 3,
    items: { type: "array", maxItems: 3, items: "int" },
  };

  it.each<[string, AvroSchema, RegExp]>([
    ["a map", { type: "map" }, /"map" is not supported/],
    ["bytes", "bytes", /"bytes" is not supported/],
    ["a float, which loses digits", "float", /"float" is not supported/],
    ["a union of two types", ["int", "string"], UNION],
    ["a union of three", ["null", "int", "string"], UNION],
    ["null in the second place", ["int", "null"], UNION],
    ["an array without cap", { type: "array", items: "int" }, /field needs maxItems/],
    [
      "items that may be null",
      { type: "array", maxItems: 3, items: ["null", "int"] },
      /items may not be null/,
    ],
    ["an array of arrays", ARRAY_OF_ARRAYS, /items are records or primitives/],
  ])("refuses %s", (_, type, reason) => {
    expect(() => generate(recordOf(type))).toThrow(reason);
  });

  it("names two enums of one name but other symbols apart", () => {
    const codec = new CodecWriter();
    expect(codec.table("TickKind", ["BAR"])).toBe("TICK_KIND");
    expect(codec.table("TickKind", ["BAR", "TRADE"])).toBe("TICK_KIND_V2");
    expect(codec.table("TickKind", ["BAR"])).toBe("TICK_KIND");
  });
});
