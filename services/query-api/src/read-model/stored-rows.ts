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

export function textOrNull(row: Row, column: string): string | null {
  return row[column] === null ? null : textOf(row, column);
}

export function instantOf(row: Row, column: string): number {
  const value = instantOrNull(row, column);
  if (value === null) throw new StoredRowError(column, "is null");
  return value;
}

/** A `timestamptz` column as UTC ms. */
export function instantOrNull(row: Row, column: string): number | null {
  const value = row[column];
  if (value === null) return null;
  if (!(value instanceof Date)) throw new StoredRowError(column, "is not an instant");
  return value.getTime();
}
