import pg, { type CustomTypesConfig } from "pg";
import { PostgresError } from "./errors.ts";

/**
 * How columns become JavaScript values: bigint and numeric as numbers, timestamptz as Date, date as
 * `yyyy-mm-dd`. The driver's own choice is a string for the first two, and for a date a Date at
 * midnight of the machine's zone, which is another day in half of the world.
 */
export const columnTypes: CustomTypesConfig = {
  getTypeParser: (oid, format) => {
    if (format === "binary") return pg.types.getTypeParser(oid, "binary");
    switch (oid) {
      case pg.types.builtins.INT8:
        return parseInteger;
      case pg.types.builtins.NUMERIC:
        return parseNumber;
      case pg.types.builtins.DATE:
        return (text: string) => text;
      default:
        return pg.types.getTypeParser(oid, "text");
    }
  },
};

/** Beyond 2^53 - 1 the number would silently be another one. */
function parseInteger(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value)) return value;
  throw new PostgresError("postgres.number-out-of-range", `${text} is not exact as a number`);
}

/** Our decimals have at most 12 digits, a double holds 15. */
function parseNumber(text: string): number {
  return Number(text);
}
