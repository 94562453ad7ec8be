import type { AvroNode, AvroSchema } from "./avro-schema.ts";
import { SCHEMA_DEPTH_MAX } from "./limits.ts";

/** Instructions of the pre-scan. Small integers, so that the scan is one flat `switch`. */
export const OP = {
  BOOLEAN: 0,
  INT: 1,
  LONG: 2,
  DOUBLE: 3,
  STRING: 4,
  ENUM: 5,
  RECORD: 6,
  ARRAY: 7,
} as const;

/** Added to an instruction whose value may be null: a union branch comes before the value. */
export const NULLABLE = 16;

/** What the bytes of one record must look like, field after field. */
export interface ScanProgram {
  readonly ops: readonly number[];
  /** ENUM: number of symbols; ARRAY: cap of its items; otherwise 0. */
  readonly bounds: readonly number[];
  /** First byte of a null in a nullable field; 0 or 2 (branches 0 and 1 in zigzag). */
  readonly nulls: readonly number[];
  /** Body of a RECORD, or item of an ARRAY as a program of one instruction or a record's. */
  readonly nested: readonly (ScanProgram | null)[];
  readonly fields: readonly string[];
  /** Fewest bytes a value can take; what bounds a claimed number of items. */
  readonly bytesMin: number;
}

interface Instruction {
  readonly op: number;
  readonly bound: number;
  readonly nested: ScanProgram | null;
  readonly bytesMin: number;
}

const PRIMITIVES: Readonly<Record<string, Instruction>> = {
  boolean: { op: OP.BOOLEAN, bound: 0, nested: null, bytesMin: 1 },
  int: { op: OP.INT, bound: 0, nested: null, bytesMin: 1 },
  long: { op: OP.LONG, bound: 0, nested: null, bytesMin: 1 },
  double: { op: OP.DOUBLE, bound: 0, nested: null, bytesMin: 8 },
  string: { op: OP.STRING, bound: 0, nested: null, bytesMin: 1 },
};

class ProgramCompiler {
  private readonly named = new Map<string, Instruction>();

  program(node: AvroNode, depth: number): ScanProgram {
    if (depth > SCHEMA_DEPTH_MAX) throw new Error(`${node.name} is nested too deeply`);
    const rows = (node.fields ?? []).map((field) => {
      const { schema, nullByte } = withoutNull(field.type);
      return { field: field.name, nullByte, ...this.instruction(schema, depth + 1) };
    });
    return programOf(rows);
  }

  private instruction(schema: AvroSchema, depth: number): Instruction {
    if (typeof schema === "string") {
      const known = PRIMITIVES[schema] ?? this.named.get(schema.split(".").at(-1) ?? schema);
      if (known === undefined) throw new Error(`Avro type ${schema} is not supported here`);
      return known;
    }
    if (!("type" in schema)) throw new Error("a union may only be null and one other type");
    return this.node(schema, depth);
  }

  private node(node: AvroNode, depth: number): Instruction {
    if (node.type === "array" && node.items !== undefined)
      return this.array(node, node.items, depth);
    if (node.type === "enum" && node.name !== undefined) {
      const bound = node.symbols?.length ?? 0;
      return this.remember(node.name, { op: OP.ENUM, bound, nested: null, bytesMin: 1 });
    }
    if (node.type === "record" && node.name !== undefined) {
      const nested = this.program(node, depth);
      const { bytesMin } = nested;
      return this.remember(node.name, { op: OP.RECORD, bound: 0, nested, bytesMin });
    }
    return this.instruction(node.type, depth);
  }

  private array(node: AvroNode, items: AvroSchema, depth: number): Instruction {
    const { maxItems } = node;
    if (maxItems === undefined) throw new Error("an array needs maxItems");
    const item = this.instruction(items, depth + 1);
    const nested =
      item.op === OP.RECORD && item.nested !== null
        ? item.nested
        : programOf([{ field: "", nullByte: null, ...item }]);
    if (nested.bytesMin === 0)
      throw new Error("items of no bytes cannot be bounded by the message");
    return { op: OP.ARRAY, bound: maxItems, nested, bytesMin: 1 };
  }

  private remember(name: string, instruction: Instruction): Instruction {
    this.named.set(name, instruction);
    return instruction;
  }
}

function withoutNull(schema: AvroSchema): { schema: AvroSchema; nullByte: number | null } {
  if (typeof schema === "string" || "type" in schema) return { schema, nullByte: null };
  const [first, second] = schema;
  if (schema.length === 2 && first === "null" && second !== undefined) {
    return { schema: second, nullByte: 0 };
  }
  if (schema.length === 2 && second === "null" && first !== undefined) {
    return { schema: first, nullByte: 2 };
  }
  throw new Error("a union may only be null and one other type");
}

function programOf(
  rows: readonly (Instruction & { field: string; nullByte: number | null })[],
): ScanProgram {
  return {
    ops: rows.map((row) => (row.nullByte === null ? row.op : row.op + NULLABLE)),
    bounds: rows.map((row) => row.bound),
    nulls: rows.map((row) => row.nullByte ?? 0),
    nested: rows.map((row) => row.nested),
    fields: rows.map((row) => row.field),
    bytesMin: rows.reduce((sum, row) => sum + (row.nullByte === null ? row.bytesMin : 1), 0),
  };
}

/**
 * Compiles a record schema into what `scan` runs. Throws on what this project does not allow:
 * maps, bytes, unions of more than null and one type, arrays without `maxItems`, recursion.
 */
export function compileScan(schema: AvroNode): ScanProgram {
  if (schema.type !== "record") throw new Error("an event is a record");
  return new ProgramCompiler().program(schema, 1);
}
