/**
 * Column types of the read model as data. The projector sends values by them, the rules of
 * `fit-row.ts` check values against them, and the comparer orders and hashes by them.
 */

export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [member: string]: Json };

/** What a projection puts into a column of each kind. */
export interface ColumnValues {
  readonly text: string;
  readonly uuid: string;
  readonly integer: number;
  readonly bigint: number;
  readonly double: number;
  readonly numeric: number;
  readonly boolean: boolean;
  /** UTC ms since 1970; `timestamptz` in the table. */
  readonly instant: number;
  /** `yyyy-mm-dd`. */
  readonly date: string;
  readonly json: Json;
  readonly texts: readonly string[];
  readonly uuids: readonly string[];
  readonly bytes: Uint8Array;
}

export type ColumnKind = keyof ColumnValues;

export interface Column<Kind extends ColumnKind = ColumnKind, Nullable extends boolean = boolean> {
  readonly kind: Kind;
  readonly nullable: Nullable;
  /** Type as PostgreSQL spells it. */
  readonly sql: string;
  /** Most characters of a text. */
  readonly maxLength?: number;
  /** Digits after the point; values are rounded to it, half away from zero (domain-facts §1). */
  readonly scale?: number;
  /** Largest magnitude; what is beyond it is refused, never clipped (domain-facts §18). */
  readonly max?: number;
  /**
   * Measured by the runtime and so not a function of the facts: joined in from
   * `ops.stage-timing.v1` and left out of every comparison (design.md §4).
   */
  readonly measured?: true;
  /**
   * Where something lies in the log that the tables were made from: a rebuild from that log finds it
   * there again, one from a log with other partitions elsewhere.
   */
  readonly placed?: true;
}

export type ValueOf<Type extends Column> =
  | ColumnValues[Type["kind"]]
  | (Type["nullable"] extends false ? never : null);

export const uuid = { kind: "uuid", nullable: false, sql: "uuid" } as const satisfies Column;
export const integer = {
  kind: "integer",
  nullable: false,
  sql: "integer",
  max: 2_147_483_647,
} as const satisfies Column;
export const bigint = {
  kind: "bigint",
  nullable: false,
  sql: "bigint",
  max: Number.MAX_SAFE_INTEGER,
} as const satisfies Column;
export const double = {
  kind: "double",
  nullable: false,
  sql: "double precision",
} as const satisfies Column;
export const boolean = {
  kind: "boolean",
  nullable: false,
  sql: "boolean",
} as const satisfies Column;
export const instant = {
  kind: "instant",
  nullable: false,
  sql: "timestamptz",
} as const satisfies Column;
export const date = { kind: "date", nullable: false, sql: "date" } as const satisfies Column;
export const json = { kind: "json", nullable: false, sql: "jsonb" } as const satisfies Column;
export const texts = { kind: "texts", nullable: false, sql: "text[]" } as const satisfies Column;
export const uuids = { kind: "uuids", nullable: false, sql: "uuid[]" } as const satisfies Column;
export const bytes = { kind: "bytes", nullable: false, sql: "bytea" } as const satisfies Column;

export function text(maxLength?: number): Column<"text", false> {
  if (maxLength === undefined) return { kind: "text", nullable: false, sql: "text" };
  return { kind: "text", nullable: false, sql: `varchar(${maxLength})`, maxLength };
}

/** A decimal of `precision` digits, `scale` of them after the point; `max` may be tighter. */
export function numeric(
  precision: number,
  scale: number,
  max: number = 10 ** (precision - scale) - 10 ** -scale,
): Column<"numeric", false> {
  return { kind: "numeric", nullable: false, sql: `numeric(${precision},${scale})`, scale, max };
}

export function nullable<Kind extends ColumnKind>(column: Column<Kind, false>): Column<Kind, true> {
  return { ...column, nullable: true };
}

export function placed<Kind extends ColumnKind, Nullable extends boolean>(
  column: Column<Kind, Nullable>,
): Column<Kind, Nullable> {
  return { ...column, placed: true };
}

export function measured<Kind extends ColumnKind, Nullable extends boolean>(
  column: Column<Kind, Nullable>,
): Column<Kind, Nullable> {
  return { ...column, measured: true };
}
