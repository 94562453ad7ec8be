import type { SQLOutputValue } from "node:sqlite";
import { crc32 } from "node:zlib";
import { corrupt } from "./failure.ts";

export type Row = Readonly<Record<string, SQLOutputValue>>;

/** Reads columns of stored rows; a value of the wrong kind can only be damage. */
export class RowReader {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  integer(row: Row, column: string): number {
    const value = row[column];
    if (typeof value === "number" && Number.isSafeInteger(value)) return value;
    throw corrupt(this.#path, `column ${column} is not a whole number`);
  }

  text(row: Row, column: string): string {
    const value = row[column];
    if (typeof value === "string") return value;
    throw corrupt(this.#path, `column ${column} is not a text`);
  }

  bytes(row: Row, column: string): Uint8Array {
    const value = row[column];
    if (value instanceof Uint8Array) return value;
    throw corrupt(this.#path, `column ${column} is not bytes`);
  }
}

/** CRC-32 over the fields of a row, so that a flipped bit in any of them is noticed. */
export function rowChecksum(table: string, ...fields: readonly (string | number)[]): number {
  return crc32(`${table}\u0000${fields.join("\u0000")}`);
}
