import type { AvroField, AvroNode } from "../src/avro-schema.ts";
import { SCHEMA_DEPTH_MAX } from "../src/limits.ts";
import type { CodecWriter } from "./codec-writer.ts";
import { bytesMin, capitalised, nonNull, pathOf, primitive, SchemaNames } from "./schema-shapes.ts";
import { SkipperText } from "./skipper-text.ts";

/**
 * Adds `function <name>()` that reads the bytes of one released schema (the writer's) and returns
 * the current type (the reader's): Avro's schema resolution is done here, once, and not per message.
 * Throws when the reader cannot take what the writer wrote.
 */
export function addDecoder(
  codec: CodecWriter,
  name: string,
  type: string,
  writer: AvroNode,
  reader: AvroNode,
): void {
  new DecoderText(codec).record(name, type, writer, reader, "");
}

/**
 * As `addDecoder`, for a reader that wants some `fields` of the record only; `returns` is their type.
 * The others are skipped: checked, and nothing is made of them.
 */
export function addExcerptDecoder(
  codec: CodecWriter,
  name: string,
  returns: string,
  writer: AvroNode,
  reader: AvroNode,
  fields: readonly string[],
): void {
  const known = (reader.fields ?? []).map((field) => field.name);
  const unknown = fields.find((field) => !known.includes(field));
  if (unknown !== undefined)
    throw new Error(`an excerpt holds ${unknown}, which ${reader.name} has not`);
  new DecoderText(codec).excerpt(name, returns, writer, reader, new Set(fields));
}

/** Text of the functions that read one writer's schema as the reader's. */
class DecoderText {
  private readonly codec: CodecWriter;
  private readonly writers = new SchemaNames();
  private readonly readers = new SchemaNames();
  private readonly skipper: SkipperText;
  private depth = 0;

  constructor(codec: CodecWriter) {
    this.codec = codec;
    this.skipper = new SkipperText(codec, this.writers);
  }

  record(name: string, type: string, writer: AvroNode, reader: AvroNode, path: string): void {
    this.codec.addFunction(type, this.recordText(name, type, writer, reader, path));
  }

  excerpt(
    name: string,
    returns: string,
    writer: AvroNode,
    reader: AvroNode,
    wanted: ReadonlySet<string>,
  ): void {
    // A type that is declared in a field left out may be named in one that is wanted.
    for (const { type } of reader.fields ?? []) this.readers.addAll(type);
    const fields = (reader.fields ?? []).filter((field) => wanted.has(field.name));
    const text = this.recordText(name, returns, writer, { ...reader, fields }, "");
    this.codec.addFunction(null, text);
  }

  private recordText(
    name: string,
    type: string,
    writer: AvroNode,
    reader: AvroNode,
    path: string,
  ): string {
    this.depth += 1;
    if (this.depth > SCHEMA_DEPTH_MAX) throw new Error(`${path} is nested too deeply`);
    const lines = this.fields(name, writer, reader, path);
    // Only now: a record that holds itself has no name to go by and is refused.
    this.writers.add(writer);
    this.readers.add(reader);
    const written = new Set((writer.fields ?? []).map((field) => field.name));
    const results = (reader.fields ?? []).map((field) =>
      written.has(field.name)
        ? resultText(field.name)
        : `${field.name}: ${defaultText(field, path)}`,
    );
    this.depth -= 1;
    return `function ${name}(): ${type} {\n${lines}  return { ${results.join(", ")} };\n}\n`;
  }

  /** Statements that read what the reader wants and go past the rest. */
  private fields(name: string, writer: AvroNode, reader: AvroNode, path: string): string {
    const wanted = new Map((reader.fields ?? []).map((field) => [field.name, field]));
    let text = "";
    let skipped: AvroField[] = [];
    for (const field of writer.fields ?? []) {
      const target = wanted.get(field.name);
      if (target === undefined) {
        skipped.push(field);
        continue;
      }
      text += this.skipper.fields(name, skipped, path);
      skipped = [];
      text += `  const ${localName(field.name)} = ${this.field(name, field, target, path)};\n`;
    }
    return text + this.skipper.fields(name, skipped, path);
  }

  private field(owner: string, field: AvroField, target: AvroField, path: string): string {
    const writer = nonNull(this.writers.resolve(field.type));
    const reader = nonNull(this.readers.resolve(target.type));
    const at = pathOf(path, field.name);
    if (writer.nullable && !reader.nullable) throw new Error(`${at} may no longer be null`);
    const name = `${owner}${capitalised(field.name)}`;
    const read = this.value(name, writer.schema, reader.schema, at);
    if (!writer.nullable) return read;
    return `${this.codec.use("reader", "readPresent")}("${at}") ? ${read} : null`;
  }

  private value(owner: string, writer: AvroNode, reader: AvroNode, path: string): string {
    if (writer.type === "record" && reader.type === "record" && writer.name === reader.name) {
      this.record(owner, reader.name ?? "", writer, reader, path);
      return `${owner}()`;
    }
    if (writer.type === "enum" && reader.type === "enum" && writer.name === reader.name) {
      this.writers.add(writer);
      this.readers.add(reader);
      const table = this.codec.table(reader.name ?? "", resolvedSymbols(writer, reader, path));
      return `${this.codec.use("reader", "readEnum")}(${table}, "${path}")`;
    }
    if (writer.type === "array" && reader.type === "array") {
      return this.array(owner, writer, reader, path);
    }
    if (!widens(writer, reader)) {
      throw new Error(`${path} was ${typeText(writer)} and cannot be read as ${typeText(reader)}`);
    }
    return `${this.codec.use("reader", primitive("read", writer))}("${path}")`;
  }

  private array(owner: string, writer: AvroNode, reader: AvroNode, path: string): string {
    const { maxItems } = writer;
    if (maxItems === undefined) throw new Error(`${path} needs maxItems`);
    const from = nonNull(this.writers.resolve(writer.items ?? "")).schema;
    const to = nonNull(this.readers.resolve(reader.items ?? "")).schema;
    const smallest = bytesMin(from, this.writers);
    const value = this.value(owner, from, to, path);
    const item = from.type === "record" ? owner : value.slice(0, value.indexOf("("));
    return `${this.codec.use("reader", "readArray")}(${maxItems}, ${smallest}, "${path}", ${item})`;
  }
}

/** Field names that TypeScript keeps for itself. */
const RESERVED: ReadonlySet<string> = new Set([
  "in",
  "new",
  "class",
  "default",
  "case",
  "function",
]);

function localName(field: string): string {
  return RESERVED.has(field) ? `${field}Value` : field;
}

function resultText(field: string): string {
  const local = localName(field);
  return local === field ? field : `${field}: ${local}`;
}

function typeText(schema: AvroNode): string {
  return schema.name ?? JSON.stringify(schema.type);
}

/** Avro's promotions that lose nothing in a JavaScript number. */
function widens(writer: AvroNode, reader: AvroNode): boolean {
  if (writer.type === reader.type) return true;
  return (
    (writer.type === "int" && (reader.type === "long" || reader.type === "double")) ||
    (writer.type === "long" && reader.type === "double")
  );
}

/** The reader's symbol for each of the writer's; one it does not know becomes its default. */
function resolvedSymbols(writer: AvroNode, reader: AvroNode, path: string): string[] {
  return (writer.symbols ?? []).map((symbol) => {
    if (reader.symbols?.includes(symbol) === true) return symbol;
    if (typeof reader.default === "string") return reader.default;
    throw new Error(`${path} lost the symbol ${symbol} and has no default`);
  });
}

function defaultText(field: AvroField, path: string): string {
  if (field.default === undefined) {
    throw new Error(`${pathOf(path, field.name)} is new and has no default`);
  }
  return JSON.stringify(field.default);
}
