import type { AvroField, AvroNode, AvroSchema } from "../src/avro-schema.ts";
import type { CodecWriter } from "./codec-writer.ts";
import { capitalised, nonNull, pathOf, primitive, SchemaNames } from "./schema-shapes.ts";

/** Adds `function <name>(value)` that writes a record, and those of the records inside it. */
export function addEncoder(codec: CodecWriter, name: string, type: string, schema: AvroNode): void {
  new EncoderText(codec).record(name, type, schema, "");
}

/** Text of the functions that write one schema. */
class EncoderText {
  private readonly codec: CodecWriter;
  private readonly names = new SchemaNames();

  constructor(codec: CodecWriter) {
    this.codec = codec;
  }

  record(name: string, type: string, schema: AvroNode, path: string): void {
    const lines = (schema.fields ?? []).map((field) => this.field(name, field, path));
    this.names.add(schema);
    this.codec.addFunction(type, `function ${name}(value: ${type}): void {\n${lines.join("")}}\n`);
  }

  private field(owner: string, field: AvroField, path: string): string {
    const { schema, nullable } = nonNull(this.names.resolve(field.type));
    const value = `value.${field.name}`;
    const at = pathOf(path, field.name);
    const write = this.value(`${owner}${capitalised(field.name)}`, schema, value, at);
    if (!nullable) return `  ${write}\n`;
    return `  if (${this.codec.use("writer", "writePresent")}(${value})) { ${write} }\n`;
  }

  private value(owner: string, schema: AvroNode, value: string, path: string): string {
    if (schema.type === "enum") {
      this.names.add(schema);
      const table = this.codec.table(schema.name ?? "", schema.symbols ?? []);
      return `${this.codec.use("writer", "writeEnum")}(${table}, ${value}, "${path}");`;
    }
    if (schema.type === "record") {
      this.record(owner, schema.name ?? "", schema, path);
      const start = this.codec.use("writer", "startRecord");
      return `${start}(${value}, "${path}"); ${owner}(${value});`;
    }
    if (schema.type === "array") {
      const item = this.item(owner, this.names.resolve(schema.items ?? ""), path);
      // Loops of their own, so that each knows its one kind of item and the engine can inline it.
      const start = this.codec.use("writer", "startArray");
      const end = this.codec.use("writer", "endArray");
      const loop = `for (const item of ${value}) ${item};`;
      return `${start}(${schema.maxItems}, ${value}, "${path}"); ${loop} ${end}();`;
    }
    return `${this.codec.use("writer", primitive("write", schema))}(${value}, "${path}");`;
  }

  private item(owner: string, schema: AvroSchema, path: string): string {
    const { schema: item, nullable } = nonNull(schema);
    if (nullable) throw new Error(`${path}: items may not be null`);
    if (item.type === "record") {
      this.record(owner, item.name ?? "", item, path);
      return `${owner}(item)`;
    }
    if (typeof item.type === "string" && item.type !== "enum" && item.type !== "array") {
      return `${this.codec.use("writer", primitive("write", item))}(item, "${path}")`;
    }
    throw new Error(`${path}: items are records or primitives`);
  }
}
