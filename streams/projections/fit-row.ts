import { isUuid } from "../kernel/ids.ts";
import type { RowChange } from "./change.ts";
import type { Column } from "./columns.ts";
import { roundHalfAwayFromZero } from "./decimal.ts";
import { columnsOf, TABLE_NAMES, type TableName } from "./tables.ts";

/** Why a row cannot be stored. The event it came from is dead-lettered: values are never cut. */
export interface Misfit {
  readonly code:
    | "column.null"
    | "column.range"
    | "column.length"
    | "column.text"
    | "column.identity"
    | "column.time";
  readonly table: TableName;
  readonly column: string;
  readonly reason: string;
}

/** The first year whose ISO text has five digits, ms; PostgreSQL would take it, nothing of ours is it. */
const INSTANT_END_MS = 253_402_300_800_000;
const DATE = /^\d{4}-\d{2}-\d{2}$/;

/** A column that a projection fills. */
interface Filled {
  readonly name: string;
  readonly column: Column;
  /** True for most values that fit. The others are looked at again, for the reason. */
  readonly fits: (value: unknown) => boolean;
}

const FILLED = new Map(
  TABLE_NAMES.map((table) => [
    table,
    columnsOf(table)
      .filter(([, { measured }]) => measured !== true)
      .map(([name, column]): Filled => ({ name, column, fits: fitsOf(column) })),
  ]),
);

/** Null when every value fits its column, with decimals still unrounded. */
export function misfitOf({ table, row }: RowChange): Misfit | null {
  const values: Readonly<Record<string, unknown>> = row;
  for (const { name, column, fits } of FILLED.get(table) ?? []) {
    const value = values[name];
    if (fits(value)) continue;
    const problem = problemOf(value, column);
    if (problem !== null) return { ...problem, table, column: name };
  }
  return null;
}

/** Decided once for each column, because it is asked for every value of every event. */
function fitsOf(column: Column): (value: unknown) => boolean {
  const { kind, nullable, max = Number.POSITIVE_INFINITY } = column;
  switch (kind) {
    case "integer":
    case "bigint":
    case "double":
    case "numeric":
      return (value) =>
        value === null
          ? nullable
          : typeof value === "number" && value - value === 0 && Math.abs(value) <= max - 1;
    case "instant":
      return (value) => (value === null ? nullable : isInstant(value));
    case "boolean":
      return (value) => typeof value === "boolean";
    case "bytes":
      return (value) => value instanceof Uint8Array;
    case "text":
    case "uuid":
    case "date":
      return fitsAsBefore(column);
    default:
      return () => false;
  }
}

/** Most texts of a column come many times in a row: what has just been found to fit, fits again. */
function fitsAsBefore(column: Column): (value: unknown) => boolean {
  let before: string | null = null;
  return (value) => {
    if (value === before && value !== null) return true;
    if (typeof value !== "string" || problemOf(value, column) !== null) return false;
    before = value;
    return true;
  };
}

function isInstant(value: unknown): boolean {
  return (
    typeof value === "number" && Number.isInteger(value) && value >= 0 && value < INSTANT_END_MS
  );
}

type Problem = Pick<Misfit, "code" | "reason">;

function problemOf(value: unknown, column: Column): Problem | null {
  if (typeof value === "number") return numberProblem(value, column);
  if (typeof value === "string") return textProblem(value, column);
  if (value === null || value === undefined) {
    return column.nullable ? null : { code: "column.null", reason: "must not be null" };
  }
  if (typeof value === "boolean") return null;
  if (Array.isArray(value)) return listProblem(value, column);
  return column.kind === "json" ? jsonProblem(value) : null;
}

function numberProblem(value: number, { kind, scale, max, sql }: Column): Problem | null {
  if (!Number.isFinite(value)) return { code: "column.range", reason: "must be finite" };
  if (kind === "instant") {
    if (isInstant(value)) return null;
    return { code: "column.time", reason: `must lie between 1970 and 9999, was ${value}` };
  }
  // Rounding moves a value by less than one, and most are far from the limit.
  if (max === undefined || Math.abs(value) <= max - 1) return null;
  const stored = roundHalfAwayFromZero(value, scale ?? 0);
  if (Math.abs(stored) <= max) return null;
  return { code: "column.range", reason: `must be within ${max} for ${sql}, was ${value}` };
}

function textProblem(value: string, { kind, maxLength }: Column): Problem | null {
  if (kind === "uuid") {
    return isUuid(value) ? null : { code: "column.identity", reason: "must be a lower-case UUID" };
  }
  if (kind === "date") {
    return DATE.test(value) ? null : { code: "column.time", reason: "must be yyyy-mm-dd" };
  }
  // PostgreSQL cannot hold a zero character, and a lone surrogate would change on its way.
  if (!isPlain(value) && (value.includes("\u0000") || !value.isWellFormed())) {
    return { code: "column.text", reason: "holds a zero character or half a surrogate pair" };
  }
  // varchar(n) counts code points; UTF-16 units are never fewer.
  if (maxLength === undefined || value.length <= maxLength) return null;
  const length = Array.from(value).length;
  if (length <= maxLength) return null;
  return {
    code: "column.length",
    reason: `must have at most ${maxLength} characters, has ${length}`,
  };
}

/** Most texts are a few ASCII letters, which a loop sees sooner than two calls. */
const PLAIN_LENGTH = 32;

function isPlain(text: string): boolean {
  if (text.length > PLAIN_LENGTH) return false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0 || code > 127) return false;
  }
  return true;
}

function listProblem(values: readonly unknown[], column: Column): Problem | null {
  if (column.kind === "json") return jsonProblem(values);
  const item = column.kind === "uuids" ? UUID_ITEM : TEXT_ITEM;
  for (const value of values) {
    const problem = problemOf(value, item);
    if (problem !== null) return problem;
  }
  return null;
}

const UUID_ITEM: Column = { kind: "uuid", nullable: false, sql: "uuid" };
const TEXT_ITEM: Column = { kind: "text", nullable: false, sql: "text" };
const JSON_NUMBER: Column = { kind: "double", nullable: false, sql: "jsonb" };

function jsonProblem(value: unknown): Problem | null {
  if (value === null || value === undefined || typeof value === "boolean") return null;
  if (typeof value === "number") return numberProblem(value, JSON_NUMBER);
  if (typeof value === "string") return textProblem(value, TEXT_ITEM);
  for (const [name, member] of Object.entries(value)) {
    const problem = textProblem(name, TEXT_ITEM) ?? jsonProblem(member);
    if (problem !== null) return problem;
  }
  return null;
}
