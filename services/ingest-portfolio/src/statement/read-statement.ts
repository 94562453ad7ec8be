import { checkHeard } from "@amc/schemas/domain-checks";
import { validateFact } from "@amc/schemas/validate";
import { isoInstantMs } from "@amc/streams/market/iso-instant";
import { type Position, positionKey, type StatedPosition } from "@amc/streams/portfolio/position";
import { positionValue } from "../position-value.ts";
import { csvRows } from "./csv-rows.ts";
import {
  isStatementField,
  type RawCell,
  type RawRow,
  type RawStatement,
  type StatementField,
} from "./fields.ts";
import { jsonRows } from "./json-rows.ts";
import type { StatementFormat, StatementOrigin } from "./origin.ts";
import { positionOfRow } from "./position-of-row.ts";
import {
  quoted,
  STATEMENT_LIMITS,
  type Statement,
  StatementError,
  type StatementProblem,
} from "./statement.ts";

/** What is said beside the file; where the file says it too, both must agree. */
export interface StatementWords {
  readonly format: StatementFormat;
  readonly account: string | null;
  /** ISO 8601 with its offset. */
  readonly asOf: string | null;
  /** When the file was read, UTC ms. */
  readonly capturedAtMs: number;
}

const TOPIC = "portfolio.position.v1";
const ACCOUNT = /^[A-Za-z0-9._-]{1,64}$/;

/**
 * A statement out of the bytes of a file. All of it or nothing: throws StatementError with everything
 * that is wrong, each with its place. As-of and account come from the file or from `words`, never from
 * the clock or the file's date.
 */
export function readStatement(bytes: Uint8Array, words: StatementWords): Statement {
  const { format, capturedAtMs } = words;
  const raw = rawStatement(bytes, format);
  const problems: StatementProblem[] = [];
  const asOfMs = asOfOf(raw, words, problems);
  const read = { source: `import/${format}`, providerLatencyMs: null, simulated: false };
  const origin = { ...read, asOfMs, capturedAtMs };
  // Said once, and not again of every position.
  if (problems.length > 0) throw new StatementError(problems);
  const accounts = accountsOf(raw, words, origin, problems);
  if (problems.length > 0) throw new StatementError(problems);
  return { ...origin, accounts, ignored: raw.ignored };
}

function rawStatement(bytes: Uint8Array, format: StatementFormat): RawStatement {
  if (bytes.length > STATEMENT_LIMITS.bytesMax) {
    const message = `has ${bytes.length} bytes, at most ${STATEMENT_LIMITS.bytesMax} are read`;
    throw new StatementError([{ at: "1:1", field: "file", message }]);
  }
  const text = utf8(bytes);
  return format === "csv" ? csvRows(text) : jsonRows(text);
}

function utf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    const message = 'is not in UTF-8: save it as "CSV UTF-8"';
    throw new StatementError([{ at: "1:1", field: "file", message }], { cause });
  }
}

/** The one instant that words, file and every row agree on. */
function asOfOf(
  raw: RawStatement,
  { asOf, capturedAtMs }: StatementWords,
  problems: StatementProblem[],
): number {
  const said = sayings(raw, "asOf", asOf, raw.asOf);
  const [first] = said;
  if (first === undefined) {
    const message =
      "is stated neither in the file (as_of) nor by --as-of: give the instant of the statement, such as 2021-01-13T16:00:00-05:00";
    problems.push({ at: "1:1", field: "as_of", message });
    return 0;
  }
  const firstMs = isoInstantMs(first.text);
  for (const { at, text } of said) {
    const ms = isoInstantMs(text);
    if (ms === null) {
      const message = `must be an instant with its offset, such as 2021-01-13T16:00:00-05:00, was ${quoted(text)}`;
      problems.push({ at, field: "as_of", message });
    } else if (firstMs !== null && ms !== firstMs) {
      const message = `is ${text}, and ${first.text} at ${first.at}: a statement has one instant`;
      problems.push({ at, field: "as_of", message });
    }
  }
  const asOfMs = firstMs ?? 0;
  const ahead = checkHeard(asOfMs, capturedAtMs, "as_of");
  if (problems.length === 0 && ahead !== null) {
    const message = `is ${first.text}: ${ahead.message}; a statement is of the past`;
    problems.push({ at: first.at, field: "as_of", message });
  }
  return asOfMs;
}

function accountsOf(
  raw: RawStatement,
  { account }: StatementWords,
  origin: StatementOrigin,
  problems: StatementProblem[],
): ReadonlyMap<string, readonly StatedPosition[]> {
  const accounts = new Map<string, StatedPosition[]>();
  const places = new Map<string, string>();
  const whole = agreed(sayings({ ...raw, rows: [] }, "account", account, raw.account), problems);
  if (whole !== null) accounts.set(whole, []);
  for (const row of raw.rows) {
    const holder = accountOfRow(row, whole, problems);
    const position = positionOfRow(row);
    if ("length" in position) {
      problems.push(...position);
      continue;
    }
    if (holder === null) continue;
    const key = positionKey(holder, position.symbol);
    const earlier = places.get(key);
    if (earlier !== undefined) {
      const message = `${position.symbol} of account ${holder} is stated at ${earlier} already: add lots up to one position`;
      problems.push({ at: row.at, field: "symbol", message });
    }
    places.set(key, row.at);
    problems.push(...impossible(row, positionValue(origin, holder, position, "STATED")));
    const positions = accounts.get(holder);
    if (positions === undefined) accounts.set(holder, [position]);
    else positions.push(position);
  }
  return accounts;
}

/** What no account can hold, such as a price of 0, with the place of the value. */
function impossible(row: RawRow, value: Position): readonly StatementProblem[] {
  const found = validateFact(TOPIC, value);
  if (found === null) return [];
  const at = isStatementField(found.field) ? row.cells.get(found.field)?.at : undefined;
  return [{ at: at ?? row.at, field: found.field, message: `cannot be right: ${found.message}` }];
}

function accountOfRow(
  row: RawRow,
  whole: string | null,
  problems: StatementProblem[],
): string | null {
  const cell = row.cells.get("account");
  const said = cell === undefined || cell.text === "" ? [] : [cell];
  const before = whole === null ? [] : [{ at: "the whole file", text: whole }];
  if (before.length + said.length === 0) {
    const message = "is stated neither in the file nor by --account";
    problems.push({ at: row.at, field: "account", message });
  }
  return agreed([...before, ...said], problems);
}

/** The account that all of these name; null when there is none or they differ. */
function agreed(said: readonly RawCell[], problems: StatementProblem[]): string | null {
  const [first] = said;
  if (first === undefined) return null;
  for (const { at, text } of said) {
    if (!ACCOUNT.test(text)) {
      const message = `must be 1 to 64 of A-Z, a-z, 0-9 and ._-, was ${quoted(text)}`;
      problems.push({ at, field: "account", message });
      return null;
    }
    if (text === first.text) continue;
    const message = `is ${text}, and ${first.text} by ${first.at}: import one account at a time, or leave --account out`;
    problems.push({ at, field: "account", message });
    return null;
  }
  return first.text;
}

/** Everywhere that something is said which holds for the whole statement. */
function sayings(
  { rows }: RawStatement,
  field: StatementField,
  word: string | null,
  member: RawCell | null,
): readonly RawCell[] {
  const words =
    word === null ? [] : [{ at: `--${field === "asOf" ? "as-of" : field}`, text: word }];
  const members = member === null ? [] : [member];
  const cells = rows.flatMap(({ cells }) => cells.get(field) ?? []);
  return [...words, ...members, ...cells.filter(({ text }) => text !== "")];
}
