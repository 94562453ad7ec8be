/**
 * Checks of stored JSON against a type, as type guards: a record names the check of every field,
 * so that a field added to a type and forgotten here does not compile.
 */
export type Check<Value> = (value: unknown) => value is Value;

export function isText(value: unknown): value is string {
  return typeof value === "string";
}

/** NaN and infinities do not survive JSON, so they are refused on the way back too. */
export function isNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

export function isBoolean(value: unknown): value is boolean {
  return typeof value === "boolean";
}

export function nullOr<Value>(check: Check<Value>): Check<Value | null> {
  return (value): value is Value | null => value === null || check(value);
}

export function listOf<Value>(check: Check<Value>): Check<readonly Value[]> {
  return (value): value is readonly Value[] => Array.isArray(value) && value.every(check);
}

/** An object of any names whose values are all of one kind. */
export function mapOf<Value>(check: Check<Value>): Check<Readonly<Record<string, Value>>> {
  return (value): value is Readonly<Record<string, Value>> =>
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every(check);
}

export function oneOf<Value extends string>(...values: readonly Value[]): Check<Value> {
  return (value): value is Value => values.some((known) => known === value);
}

export function recordOf<Value extends object>(
  fields: {
    readonly [Key in keyof Value]-?: Check<Value[Key]>;
  },
): Check<Value> {
  return (value): value is Value => {
    if (typeof value !== "object" || value === null) return false;
    for (const key in fields) {
      const field: unknown = Reflect.get(value, key);
      if (!fields[key](field)) return false;
    }
    return true;
  };
}
