import {
  type AvroType,
  avroRecord,
  isUnion,
  type NamedTypes,
  resolve,
  type SchemaName,
} from "./avro.ts";

/** JSON Schema 2020-12, as OpenAPI 3.1 embeds it, cut to what this API uses. */
export interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
  readonly items?: JsonSchema;
  readonly enum?: readonly (string | null)[];
  readonly [keyword: string]: unknown;
}

/** RFC 3339 in UTC. */
export const TIME: JsonSchema = { type: "string", format: "date-time" };
export const TEXT: JsonSchema = { type: "string" };
export const NUMBER: JsonSchema = { type: "number" };
export const COUNT: JsonSchema = { type: "integer" };
export const FLAG: JsonSchema = { type: "boolean" };

/** Null means unknown; it is never written as 0. */
export function nullable(schema: JsonSchema): JsonSchema {
  if (typeof schema.type !== "string") throw new Error("only a plain type can be made nullable");
  return { ...schema, type: [schema.type, "null"] };
}

export function listOf(items: JsonSchema, description?: string): JsonSchema {
  return { type: "array", items, ...(description === undefined ? {} : { description }) };
}

/** An object with exactly these members: whatever else a value holds is left out of the answer. */
export function object(
  properties: Readonly<Record<string, JsonSchema>>,
  description?: string,
): JsonSchema {
  return {
    type: "object",
    properties,
    required: Object.keys(properties),
    additionalProperties: false,
    ...(description === undefined ? {} : { description }),
  };
}

export function described(schema: JsonSchema, description: string): JsonSchema {
  return { ...schema, description };
}

/**
 * The schema of an event as this API writes it (see `eventJson`), with the documentation and units
 * of the Avro fields; `extra` members come first.
 */
export function eventSchema(
  name: SchemaName,
  extra: Readonly<Record<string, JsonSchema>> = {},
  omit: readonly string[] = [],
): JsonSchema {
  const { fields, doc, named } = avroRecord(name);
  const properties: Record<string, JsonSchema> = { ...extra };
  for (const field of fields) {
    if (omit.includes(field.name)) continue;
    properties[field.name] = described(schemaOf(field.type, named), inWords(field.doc ?? ""));
  }
  return object(properties, doc);
}

/** Field documentation speaks of the Avro encoding; in JSON an instant is text. */
function inWords(doc: string): string {
  return doc.replace(/,? UTC ms/g, "").replace("ce_id", "id");
}

function schemaOf(type: AvroType, named: NamedTypes): JsonSchema {
  if (typeof type === "string") return primitive(type, named);
  if (isUnion(type)) {
    const [value] = type.filter((branch) => branch !== "null");
    if (value === undefined) throw new Error("a union of null alone has no schema");
    return nullable(schemaOf(value, named));
  }
  if (type.logicalType === "timestamp-millis") return TIME;
  if (type.items !== undefined) return listOf(schemaOf(type.items, named));
  if (type.symbols !== undefined) {
    return { type: "string", enum: type.symbols.map((symbol) => symbol.toLowerCase()) };
  }
  if (type.fields !== undefined) {
    const members = type.fields.map((field) => {
      return [
        field.name,
        described(schemaOf(field.type, named), inWords(field.doc ?? "")),
      ] as const;
    });
    return object(Object.fromEntries(members), type.doc);
  }
  return schemaOf(type.type, named);
}

function primitive(name: string, named: NamedTypes): JsonSchema {
  switch (name) {
    case "string":
      return TEXT;
    case "boolean":
      return FLAG;
    case "double":
    case "float":
      return NUMBER;
    case "int":
    case "long":
      return COUNT;
    default: {
      const node = resolve(named, name);
      if (node === undefined) throw new Error(`${name} names no type of the schema`);
      return schemaOf(node, named);
    }
  }
}
