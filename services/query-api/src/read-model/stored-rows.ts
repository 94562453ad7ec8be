import { decodeEvent } from "@amc/schemas/codec";
import type { EventOf, TopicName } from "@amc/schemas/topics";
import type { Stored } from "./port.ts";

export type Row = Readonly<Record<string, unknown>>;

/** Runs one statement with its `$n` values. */
export type RunQuery = (text: string, values: readonly unknown[]) => Promise<readonly Row[]>;

/** The tables hold something that no version of the projector writes. */
export class StoredRowError extends Error {
  readonly code = "read-model.row";
  readonly column: string;

  constructor(column: string, message: string) {
    super(`column ${column} ${message}`);
    this.name = "StoredRowError";
    this.column = column;
  }
}

/** An event from its id and its record as it lies in the log. */
export function storedEvent<Topic extends TopicName>(
  topic: Topic,
  row: Row,
): Stored<EventOf<Topic>> {
  const bytes = row.event;
  if (!(bytes instanceof Uint8Array)) throw new StoredRowError("event", "holds no bytes");
  const decoded = decodeEvent(topic, bytes);
  if (!decoded.ok) throw new StoredRowError("event", `does not decode: ${decoded.code}`);
  return { id: textOf(row, "event_id"), event: decoded.value };
}

export function textOf(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== "string") throw new StoredRowError(column, `is ${typeof value}, not text`);
  return value;
}

/** An integer column; the driver writes `bigint` as text. */
export function integerOf(row: Row, column: string): number {
  const value = row[column];
  const number = typeof value === "string" ? Number(value) : value;
  if (typeof number !== "number" || !Number.isSafeInteger(number)) {
    throw new StoredRowError(column, "is not an integer");
  }
  return number;
}

export function integerOrNull(row: Row, column: string): number | null {
  return row[column] === null ? null : integerOf(row, column);
}

/** A `double precision` column. */
export function numberOf(row: Row, column: string): number {
  const value = row[column];
  if (typeof value === "number" && Number.isFinite(value)) return value;
  throw new StoredRowError(column, "is no finite number");
}

export function numberOrNull(row: Row, column: string): number | null {
  return row[column] === null ? null : numberOf(row, column);
}

export function flagOf(row: Row, column: string): boolean {
  const value = row[column];
  if (typeof value !== "boolean") throw new StoredRowError(column, `is ${typeof value}, no flag`);
  return value;
}

export function textOrNull(row: Row, column: string): string | null {
  return row[column] === null ? null : textOf(row, column);
}

export function instantOrNull(row: Row, column: string): number | null {
  return row[column] === null ? null : instantOf(row, column);
}

/** A `timestamptz` column as UTC ms. */
export function instantOf(row: Row, column: string): number {
  const value = row[column];
  if (!(value instanceof Date)) throw new StoredRowError(column, "is not an instant");
  return value.getTime();
}
