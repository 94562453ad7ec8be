import type { AvroNode, AvroSchema } from "../src/avro-schema.ts";

/** The named types of one schema: declared once, then referred to by name. */
export class SchemaNames {
  private readonly known = new Map<string, AvroNode>();

  add(node: AvroNode): void {
    if (node.name !== undefined) this.known.set(node.name, node);
  }

  /** What is declared anywhere inside. */
  addAll(schema: AvroSchema): void {
    if (typeof schema === "string") return;
    if (!("type" in schema)) {
      for (const branch of schema) this.addAll(branch);
      return;
    }
    this.add(schema);
    for (const field of schema.fields ?? []) this.addAll(field.type);
    if (schema.items !== undefined) this.addAll(schema.items);
  }

  /** Puts the declaration in the place of a name; other types pass unchanged. */
  resolve(schema: AvroSchema): AvroSchema {
    if (typeof schema === "string") return this.known.get(schema.split(".").at(-1) ?? "") ?? schema;
    if ("type" in schema) return schema;
    return schema.map((branch) => this.resolve(branch));
  }
}

/** The type beside null, and whether null may stand in its place. */
export function nonNull(schema: AvroSchema): { schema: AvroNode; nullable: boolean } {
  if (typeof schema === "string") return { schema: { type: schema }, nullable: false };
  if ("type" in schema) return { schema, nullable: false };
  const [first, second] = schema;
  if (schema.length !== 2 || first !== "null" || second === undefined) {
    throw new Error(`a union is null and one other type, was ${JSON.stringify(schema)}`);
  }
  return { schema: nonNull(second).schema, nullable: true };
}

/** Fewest bytes a value takes; a claimed number of items is checked against it. */
export function bytesMin(schema: AvroSchema, names: SchemaNames): number {
  const { schema: node, nullable } = nonNull(names.resolve(schema));
  if (nullable) return 1;
  if (node.type === "double") return 8;
  if (node.type !== "record") return 1;
  const sum = (node.fields ?? []).reduce((bytes, field) => bytes + bytesMin(field.type, names), 0);
  names.add(node);
  return sum;
}

export function capitalised(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

export function pathOf(path: string, field: string): string {
  return path === "" ? field : `${path}.${field}`;
}

/** `readLong`, `writeDouble` and so on; throws on types that this project does not use. */
export function primitive(verb: "read" | "write" | "skip", schema: AvroNode): string {
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
