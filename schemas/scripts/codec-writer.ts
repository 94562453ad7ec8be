import type { AvroField, AvroNode, AvroSchema } from "../src/avro-schema.ts";
import { SCHEMA_DEPTH_MAX } from "../src/limits.ts";
import { bytesMin, nonNull, SchemaNames } from "./schema-shapes.ts";

/**
 * Writes the TypeScript of encoders and decoders. A decoder reads the bytes of one released schema
 * (the writer's) and returns the current type (the reader's): Avro's schema resolution is done here,
 * once, and not per message. Throws when the reader cannot take what the writer wrote.
 */
export class CodecWriter {
  readonly functions: string[] = [];
  /** Hoisted symbol tables by their text, so that versions and topics share them. */
  private readonly tables = new Map<string, string>();
  private readonly imports = new Map<string, Set<string>>();

  importLines(): string {
    return [...this.imports]
      .map(([file, names]) => `import { ${[...names].sort().join(", ")} } from "${file}";\n`)
      .join("");
  }

  tableLines(): string {
    return [...this.tables].map(([text, name]) => `const ${name} = ${text} as const;\n`).join("");
  }

  /** Adds `function <name>(value)` that writes a record, and those of the records inside it. */
  addEncoder(name: string, type: string, schema: AvroNode): void {
    new EncoderText(this, new SchemaNames()).record(name, type, schema, "");
  }

  /** Adds `function <name>()` that reads the writer's record into the reader's type. */
  addDecoder(name: string, type: string, writer: AvroNode, reader: AvroNode): void {
    new DecoderText(this, new SchemaNames(), new SchemaNames()).record(
      name,
      type,
      writer,
      reader,
      "",
    );
  }

  use(file: "reader" | "writer", name: string): string {
    const path = `../avro-${file}.ts`;
    const names = this.imports.get(path) ?? new Set();
    this.imports.set(path, names.add(name));
    return name;
  }

  table(enumName: string, symbols: readonly string[]): string {
    const text = `[${symbols.map((symbol) => `"${symbol}"`).join(", ")}]`;
    const known = this.tables.get(text);
    if (known !== undefined) return known;
    const base = enumName.replace(/(?<=[a-z])(?=[A-Z])/g, "_").toUpperCase();
    const taken = [...this.tables.values()].filter((name) => name.replace(/_V\d+$/, "") === base);
    const name = taken.length === 0 ? base : `${base}_V${taken.length + 1}`;
    this.tables.set(text, name);
    return name;
  }
}

function capitalised(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

function pathOf(path: string, field: string): string {
  return path === "" ? field : `${path}.${field}`;
}

class EncoderText {
  private readonly codec: CodecWriter;
  private readonly names: SchemaNames;

  constructor(codec: CodecWriter, names: SchemaNames) {
    this.codec = codec;
    this.names = names;
  }

  record(name: string, type: string, schema: AvroNode, path: string): void {
    const lines = (schema.fields ?? []).map((field) => this.field(name, field, path));
    this.names.add(schema);
    this.codec.functions.push(`function ${name}(value: ${type}): void {\n${lines.join("")}}\n`);
  }

  private field(owner: string, field: AvroField, path: string): string {
    const { schema, nullable } = nonNull(this.names.resolve(field.type));
    const value = `value.${field.name}`;
    const at = pathOf(path, field.name);
    const write = this.value(`${owner}${capitalised(field.name)}`, schema, value, at);
    if (!nullable) return `  ${write};\n`;
    return `  if (${this.codec.use("writer", "writePresent")}(${value})) ${write};\n`;
  }

  private value(owner: string, schema: AvroNode, value: string, path: string): string {
    if (schema.type === "enum") {
      this.names.add(schema);
      const table = this.codec.table(schema.name ?? "", schema.symbols ?? []);
      return `${this.codec.use("writer", "writeEnum")}(${table}, ${value}, "${path}")`;
    }
    if (schema.type === "record") {
      this.record(owner, schema.name ?? "", schema, path);
      return `${owner}(${value})`;
    }
    if (schema.type === "array") {
      const item = this.item(owner, this.names.resolve(schema.items ?? ""), path);
      const call = this.codec.use("writer", "writeArray");
      return `${call}(${schema.maxItems}, ${value}, "${path}", ${item})`;
    }
    return `${this.codec.use("writer", primitive("write", schema))}(${value}, "${path}")`;
  }

  private item(owner: string, schema: AvroSchema, path: string): string {
    const { schema: item, nullable } = nonNull(schema);
    if (nullable) throw new Error(`${path}: items may not be null`);
    if (item.type === "record") {
      this.record(owner, item.name ?? "", item, path);
      return owner;
    }
    if (typeof item.type === "string" && item.type !== "enum" && item.type !== "array") {
      return this.codec.use("writer", primitive("write", item));
    }
    throw new Error(`${path}: items are records or primitives`);
  }
}

/** `readLong`, `writeDouble` and so on; throws on types that this project does not use. */
function primitive(verb: "read" | "write", schema: AvroNode): string {
  switch (schema.type) {
    case "boolean":
    case "int":
    case "long":
    case "double":
    case "string":
      return `${verb}${capitalised(schema.type)}`;
    default:
      throw new Error(`Avro type ${JSON.stringify(schema.type)} is not supported here`);
  }
}

class DecoderText {
  private readonly codec: CodecWriter;
  private readonly writers: SchemaNames;
  private readonly readers: SchemaNames;
  private depth = 0;

  constructor(codec: CodecWriter, writers: SchemaNames, readers: SchemaNames) {
    this.codec = codec;
    this.writers = writers;
    this.readers = readers;
  }

  record(name: string, type: string, writer: AvroNode, reader: AvroNode, path: string): void {
    this.depth += 1;
    if (this.depth > SCHEMA_DEPTH_MAX) throw new Error(`${path} is nested too deeply`);
    const wanted = new Map((reader.fields ?? []).map((field) => [field.name, field]));
    const lines = (writer.fields ?? []).map((field) => {
      const target = wanted.get(field.name);
      const call = this.field(name, field, target ?? field, path);
      return target === undefined
        ? `  ${call};\n`
        : `  const ${localName(field.name)} = ${call};\n`;
    });
    // Only now: a record that holds itself has no name to go by and is refused.
    this.writers.add(writer);
    this.readers.add(reader);
    const written = new Set((writer.fields ?? []).map((field) => field.name));
    const results = (reader.fields ?? []).map((field) =>
      written.has(field.name)
        ? resultText(field.name)
        : `${field.name}: ${defaultText(field, path)}`,
    );
    this.codec.functions.push(
      `function ${name}(): ${type} {\n${lines.join("")}  return { ${results.join(", ")} };\n}\n`,
    );
    this.depth -= 1;
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
