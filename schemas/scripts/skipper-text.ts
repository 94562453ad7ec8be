import type { AvroField, AvroNode, AvroSchema } from "../src/avro-schema.ts";
import type { CodecWriter } from "./codec-writer.ts";
import {
  bytesMin,
  capitalised,
  nonNull,
  pathOf,
  primitive,
  type SchemaNames,
} from "./schema-shapes.ts";

/** Text that goes past fields nobody asks for, with the checks that reading them would make. */
export class SkipperText {
  private readonly codec: CodecWriter;
  private readonly names: SchemaNames;

  /** `names` are those that the writer's schema has declared so far. */
  constructor(codec: CodecWriter, names: SchemaNames) {
    this.codec = codec;
    this.names = names;
  }

  /** Statements for fields that follow each other. `owner` is the name of the function they are in. */
  fields(owner: string, fields: readonly AvroField[], path: string): string {
    let text = "";
    let doubles: string[] = [];
    for (const field of fields) {
      const { schema, nullable } = nonNull(this.names.resolve(field.type));
      const at = pathOf(path, field.name);
      if (nullable && schema.type === "double") {
        doubles.push(at);
        continue;
      }
      text += this.optionalDoubles(owner, doubles);
      doubles = [];
      const skip = this.value(`${owner}${capitalised(field.name)}`, schema, at);
      text += nullable
        ? `  if (${this.codec.use("reader", "readPresent")}("${at}")) ${skip};\n`
        : `  ${skip};\n`;
    }
    return text + this.optionalDoubles(owner, doubles);
  }

  private optionalDoubles(owner: string, paths: readonly string[]): string {
    if (paths.length === 0) return "";
    const table = this.codec.table(`${owner.replace(/^read/, "")}Skipped`, paths);
    return `  ${this.codec.use("reader", "skipOptionalDoubles")}(${table});\n`;
  }

  private value(owner: string, schema: AvroNode, path: string): string {
    if (schema.type === "record") return `${this.record(owner, schema, path)}()`;
    if (schema.type === "enum") {
      this.names.add(schema);
      const table = this.codec.table(schema.name ?? "", schema.symbols ?? []);
      return `${this.codec.use("reader", "readEnum")}(${table}, "${path}")`;
    }
    if (schema.type === "array") {
      const item = this.names.resolve(schema.items ?? "");
      const smallest = bytesMin(item, this.names);
      const skip = this.item(owner, item, path);
      return `${this.codec.use("reader", "skipArray")}(${schema.maxItems}, ${smallest}, "${path}", ${skip})`;
    }
    return `${this.primitive(schema)}("${path}")`;
  }

  private item(owner: string, item: AvroSchema, path: string): string {
    const { schema } = nonNull(item);
    return schema.type === "record" ? this.record(owner, schema, path) : this.primitive(schema);
  }

  private record(owner: string, schema: AvroNode, path: string): string {
    const name = owner.replace(/^read/, "skip");
    const body = this.fields(owner, schema.fields ?? [], path);
    this.names.add(schema);
    this.codec.addFunction(null, `function ${name}(): void {\n${body}}\n`);
    return name;
  }

  /** Numbers and booleans cost nothing to read; a double may have to be put on the heap. */
  private primitive(schema: AvroNode): string {
    const isMade = schema.type === "string" || schema.type === "double";
    return this.codec.use("reader", primitive(isMade ? "skip" : "read", schema));
  }
}
