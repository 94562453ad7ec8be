import fc from "fast-check";
import type { AvroField, AvroNode, AvroSchema } from "../avro-schema.ts";

/** Narrows what is generated; left out, it is as wide as the codec allows. */
export interface ArbitraryLimits {
  /** Replaces the generator of a field, by its name; undefined keeps it. */
  readonly fieldOf?: (field: string) => fc.Arbitrary<unknown> | undefined;
  /** Largest long on either side of 0; the codec's own limit is 2^53 - 2. */
  readonly longMax?: number;
  readonly text?: fc.Arbitrary<string>;
}

const LONG_MAX = 9_007_199_254_740_990;

/** Long strings are rare in events; 80 characters cross the 63 bytes where encoding changes. */
const TEXT_LENGTH_MAX = 80;

/** Values of a record schema, from the schema alone: all kinds of text, finite numbers and symbols. */
export function arbitraryRecord(
  schema: AvroNode,
  limits: ArbitraryLimits = {},
): fc.Arbitrary<Record<string, unknown>> {
  return new ArbitraryBuilder(limits).record(schema);
}

/** A finite double that is not -0, which the codec refuses. */
function arbitraryDouble(): fc.Arbitrary<number> {
  return fc
    .double({ noNaN: true, noDefaultInfinity: true })
    .map((value) => (Object.is(value, -0) ? 0 : value));
}

function arbitraryLong(max: number): fc.Arbitrary<number> {
  return fc.integer({ min: -max, max });
}

class ArbitraryBuilder {
  readonly #limits: ArbitraryLimits;
  readonly #named = new Map<string, AvroNode>();

  constructor(limits: ArbitraryLimits) {
    this.#limits = limits;
  }

  record(schema: AvroNode): fc.Arbitrary<Record<string, unknown>> {
    const fields = (schema.fields ?? []).map((field) => [field.name, this.#field(field)] as const);
    return fc.record(Object.fromEntries(fields), { noNullPrototype: true });
  }

  #field(field: AvroField): fc.Arbitrary<unknown> {
    // The plain generator is made in any case: it learns the named types on the way.
    const plain = this.#value(field.type);
    return this.#limits.fieldOf?.(field.name) ?? plain;
  }

  #value(schema: AvroSchema): fc.Arbitrary<unknown> {
    if (typeof schema === "string") return this.#reference(schema);
    if (!("type" in schema)) return fc.oneof(...schema.map((branch) => this.#value(branch)));
    if (schema.name !== undefined) this.#named.set(schema.name, schema);
    switch (schema.type) {
      case "record":
        return this.record(schema);
      case "enum":
        return fc.constantFrom(...(schema.symbols ?? []));
      case "array":
        return fc.array(this.#value(schema.items ?? ""), {
          maxLength: Math.min(schema.maxItems ?? 0, 8),
        });
      default:
        return this.#value(schema.type);
    }
  }

  #reference(name: string): fc.Arbitrary<unknown> {
    const node = this.#named.get(name);
    if (node !== undefined) return this.#value(node);
    switch (name) {
      case "null":
        return fc.constant(null);
      case "boolean":
        return fc.boolean();
      case "int":
        return fc.integer();
      case "long":
        return arbitraryLong(this.#limits.longMax ?? LONG_MAX);
      case "double":
        return arbitraryDouble();
      case "string":
        return this.#limits.text ?? fc.string({ unit: "binary", maxLength: TEXT_LENGTH_MAX });
      default:
        throw new Error(`Avro type ${name} is not known here`);
    }
  }
}
