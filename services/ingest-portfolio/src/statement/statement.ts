import type { StatedPosition } from "@amc/streams/portfolio/position";
import type { StatementOrigin } from "./origin.ts";

/** What one file says of one or more accounts at one instant. */
export interface Statement extends StatementOrigin {
  /** Every account that the file is about, also one of which it names no position. */
  readonly accounts: ReadonlyMap<string, readonly StatedPosition[]>;
  /** Columns or members that say nothing this system keeps. */
  readonly ignored: readonly string[];
}

/** One thing wrong in a file. */
export interface StatementProblem {
  /** `row:column` of a CSV file, both from 1; the path of a member, such as `positions[2].qty`. */
  readonly at: string;
  readonly field: string;
  /** What is wrong and what would be right. */
  readonly message: string;
}

/** The file is no statement. Nothing of it is kept, however many of its rows are right. */
export class StatementError extends Error {
  readonly code = "statement.invalid";
  /** In the order of the file; never empty. */
  readonly problems: readonly StatementProblem[];

  constructor(problems: readonly StatementProblem[], options?: ErrorOptions) {
    const [first] = problems;
    super(first === undefined ? "no statement" : textOfProblem(first), options);
    this.name = "StatementError";
    this.problems = problems;
  }
}

export function textOfProblem({ at, field, message }: StatementProblem): string {
  return `${at}: ${field} ${message}`;
}

/** Text out of a file, in quotes and without what would move the cursor of a terminal. */
export function quoted(text: string): string {
  return JSON.stringify(text);
}

/**
 * No account holds more than a market lists (some 10,000 symbols), and no export of one says more of a
 * position than fits a line. Everything is read into memory, so everything has a bound.
 */
export const STATEMENT_LIMITS = {
  bytesMax: 4 * 1024 * 1024,
  rowsMax: 10_000,
  columnsMax: 64,
  rowCharactersMax: 8_192,
  cellCharactersMax: 256,
} as const;
