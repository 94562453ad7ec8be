import type { EventBySchema } from "@amc/schemas/generated/events";
import {
  type AvroType,
  avroRecord,
  isUnion,
  type NamedTypes,
  resolve,
  type SchemaName,
} from "./avro.ts";

export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [member: string]: Json };
export type JsonObject = { readonly [member: string]: Json };

type Write = (value: unknown) => Json;

/** RFC 3339 in UTC with milliseconds. */
export function time(ms: number): string {
  return new Date(ms).toISOString();
}

export function timeOrNull(ms: number | null): string | null {
  return ms === null ? null : time(ms);
}

/**
 * Writes an event for people and browsers: instants as RFC 3339, enum symbols in lower case,
 * numbers and nulls as they are. Fields come in the order of the schema.
 */
export function eventJson<Name extends SchemaName>(
  name: Name,
  event: EventBySchema[Name],
): JsonObject {
  const source: object = event;
  return writerOf(name)(source);
}

const writers = new Map<SchemaName, (event: object) => JsonObject>();

function writerOf(name: SchemaName): (event: object) => JsonObject {
  const known = writers.get(name);
  if (known !== undefined) return known;
  const { fields, named } = avroRecord(name);
  const write = recordWriter(fields.map((field) => [field.name, writer(field.type, named)]));
  writers.set(name, write);
  return write;
}

function recordWriter(
  members: readonly (readonly [string, Write])[],
): (event: object) => JsonObject {
  return (event) => {
    const values = new Map<string, unknown>(Object.entries(event));
    const json: Record<string, Json> = {};
    for (const [name, write] of members) json[name] = write(values.get(name));
    return json;
  };
}

function writer(type: AvroType, named: NamedTypes): Write {
  if (typeof type === "string") return primitiveWriter(type, named);
  if (isUnion(type)) {
    const [branch] = type.filter((candidate) => candidate !== "null");
    const write = branch === undefined ? mismatch : writer(branch, named);
    return (value) => (value === null || value === undefined ? null : write(value));
  }
  if (type.logicalType === "timestamp-millis") {
    return (value) => (typeof value === "number" ? time(value) : mismatch(value));
  }
  if (type.items !== undefined) {
    const write = writer(type.items, named);
    return (value) => (Array.isArray(value) ? value.map(write) : mismatch(value));
  }
  if (type.symbols !== undefined) {
    return (value) => (typeof value === "string" ? value.toLowerCase() : mismatch(value));
  }
  if (type.fields !== undefined) {
    const write = recordWriter(type.fields.map((field) => [field.name, writer(field.type, named)]));
    return (value) =>
      typeof value === "object" && value !== null ? write(value) : mismatch(value);
  }
  return writer(type.type, named);
}

function primitiveWriter(name: string, named: NamedTypes): Write {
  switch (name) {
    case "string":
      return (value) => (typeof value === "string" ? value : mismatch(value));
    case "boolean":
      return (value) => (typeof value === "boolean" ? value : mismatch(value));
    case "double":
    case "int":
    case "long":
      return (value) =>
        typeof value === "number" && Number.isFinite(value) ? value : mismatch(value);
    default: {
      const node = resolve(named, name);
      if (node === undefined) throw new Error(`${name} names no type of the schema`);
      return writer(node, named);
    }
  }
}

/** A stored event that is not what its schema says is a defect of the projection, not an answer. */
function mismatch(value: unknown): never {
  throw new TypeError(`the stored event does not follow its schema, was ${typeof value}`);
}
