import type { FactTopic } from "@amc/schemas/topics";
import { validateFact } from "@amc/schemas/validate";
import type { Fact } from "@amc/streams/kernel/fact";
import type { Rejected, RowPlace } from "./fact.ts";

/** Raw text kept with a rejected row. */
const RAW_CHARACTERS_MAX = 4096;

/** Thrown while one row is made into a fact, caught where rows are read. */
export class RowError extends Error {
  readonly code: string;
  /** From 1; null when the whole row is wrong. */
  readonly column: number | null;

  constructor(code: string, message: string, column: number | null = null) {
    super(message);
    this.name = "RowError";
    this.code = code;
    this.column = column;
  }
}

/**
 * Throws RowError `domain.*` for a fact that no market can have printed and no vendor can have
 * meant; `columnOf` finds the column of the field that is wrong.
 */
export function refuseInvalid(fact: Fact, columnOf: (field: string) => number | null): void {
  const found = validateFact<FactTopic>(fact.topic, fact.value);
  if (found === null) return;
  throw new RowError(found.code, `${found.field}: ${found.message}`, columnOf(found.field));
}

/** The typed reject of a row; an error that is not about the row is thrown on. */
export function rejectedBy(
  error: unknown,
  place: RowPlace,
  topic: FactTopic,
  raw: string,
): Rejected {
  if (!(error instanceof RowError)) throw error;
  const at = error.column === null ? "" : `:${error.column}`;
  return {
    type: "rejected",
    topic,
    path: place.path,
    row: place.row,
    column: error.column,
    code: error.code,
    message: `${place.path}:${place.row}${at}: ${error.message}`,
    raw: raw.slice(0, RAW_CHARACTERS_MAX),
  };
}
