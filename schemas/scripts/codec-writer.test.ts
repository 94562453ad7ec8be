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

  it.each<[string, AvroSchema]>([
    ["a map", { type: "map" }],
    ["bytes", "bytes"],
    ["a float, which loses digits", "float"],
    ["a union of two types", ["int", "string"]],
    ["a union of three", ["null", "int", "string"]],
    ["null in the second place", ["int", "null"]],
    ["an array without cap", { type: "array", items: "int" }],
    ["items that may be null", { type: "array", maxItems: 3, items: ["null", "int"] }],
    ["an array of arrays", { type: "array", maxItems: 3, items: { type: "array", items: "int" } }],
  ])("refuses %s", (_, type) => {
    expect(() => generate(recordOf(type))).toThrow();
  });

  it("names two enums of one name but other symbols apart", () => {
    const codec = new CodecWriter();
    expect(codec.table("TickKind", ["BAR"])).toBe("TICK_KIND");
    expect(codec.table("TickKind", ["BAR", "TRADE"])).toBe("TICK_KIND_V2");
    expect(codec.table("TickKind", ["BAR"])).toBe("TICK_KIND");
  });
});
