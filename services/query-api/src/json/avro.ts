import type { EventBySchema } from "@amc/schemas/generated/events";
import { SCHEMAS } from "@amc/schemas/generated/schemas";

export type SchemaName = keyof EventBySchema;

/** The part of Avro our schemas use. */
export type AvroType = string | AvroNode | readonly AvroType[];

export interface AvroNode {
  readonly type: AvroType;
  readonly name?: string;
  readonly doc?: string;
  readonly logicalType?: string;
  readonly items?: AvroType;
  readonly symbols?: readonly string[];
  readonly fields?: readonly AvroField[];
}

export interface AvroField {
  readonly name: string;
  readonly type: AvroType;
  readonly doc?: string;
}

/**
 * Named types (records and enums) of one schema, by short name: Avro declares each where it first
 * occurs and refers to it by name afterwards.
 */
export type NamedTypes = ReadonlyMap<string, AvroNode>;

export interface AvroRecord {
  readonly fields: readonly AvroField[];
  readonly doc: string;
  readonly named: NamedTypes;
}

export function avroRecord(name: SchemaName): AvroRecord {
  const root: AvroNode = SCHEMAS[name];
  const named = new Map<string, AvroNode>();
  collect(root, named);
  return { fields: root.fields ?? [], doc: root.doc ?? "", named };
}

export function isUnion(type: AvroType): type is readonly AvroType[] {
  return Array.isArray(type);
}

/** A referred type by its short name, whatever namespace it is written with. */
export function resolve(named: NamedTypes, reference: string): AvroNode | undefined {
  return named.get(reference.slice(reference.lastIndexOf(".") + 1));
}

function collect(type: AvroType, named: Map<string, AvroNode>): void {
  if (typeof type === "string") return;
  if (isUnion(type)) {
    for (const branch of type) collect(branch, named);
    return;
  }
  if (type.name !== undefined) named.set(type.name, type);
  for (const field of type.fields ?? []) collect(field.type, named);
  if (type.items !== undefined) collect(type.items, named);
  if (typeof type.type !== "string") collect(type.type, named);
}
