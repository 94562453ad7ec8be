import { z } from "zod";
import {
  fieldOf,
  namesOf,
  type RawCell,
  type RawRow,
  type RawStatement,
  type StatementField,
} from "./fields.ts";
import { STATEMENT_LIMITS, StatementError, type StatementProblem } from "./statement.ts";

const LIST = z.array(z.record(z.string(), z.unknown()));
const WHOLE = z.object({
  account: z.string().optional(),
  as_of: z.string().optional(),
  positions: LIST,
});

/**
 * Rows of a JSON file: a list of positions, or `{ account, as_of, positions }` around one. Numbers may be
 * written as text, as Alpaca does. Throws StatementError.
 */
export function jsonRows(text: string): RawStatement {
  const { account, as_of: asOf, positions } = wholeOf(parsed(text));
  if (positions.length > STATEMENT_LIMITS.rowsMax) {
    const message = `of the file are ${positions.length}, at most ${STATEMENT_LIMITS.rowsMax} are read`;
    throw new StatementError([{ at: "positions", field: "positions", message }]);
  }
  const problems: StatementProblem[] = [];
  const rows = positions.map((members, index) => rowOf(members, `positions[${index}]`, problems));
  if (problems.length > 0) throw new StatementError(problems);
  const names = new Set(positions.flatMap((members) => Object.keys(members)));
  return {
    rows,
    account: account === undefined ? null : { at: "account", text: account.trim() },
    asOf: asOf === undefined ? null : { at: "as_of", text: asOf.trim() },
    ignored: [...names].filter((name) => fieldOf(name) === null),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const message = cause instanceof Error ? `is no JSON: ${cause.message}` : "is no JSON";
    throw new StatementError([{ at: "1:1", field: "file", message }], { cause });
  }
}

function wholeOf(value: unknown): z.infer<typeof WHOLE> {
  const isList = Array.isArray(value);
  const result = isList ? LIST.safeParse(value) : WHOLE.safeParse(value);
  if (result.success) return Array.isArray(result.data) ? { positions: result.data } : result.data;
  const problems = result.error.issues.map(({ path, message }) => ({
    at: path.length === 0 ? "1:1" : pathText(isList ? ["positions", ...path] : path),
    field: "file",
    message: `is neither a list of positions nor { account, as_of, positions }: ${message}`,
  }));
  throw new StatementError(problems);
}

function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === "number") return `${text}[${part}]`;
    return text === "" ? String(part) : `${text}.${String(part)}`;
  }, "");
}

function rowOf(
  members: Readonly<Record<string, unknown>>,
  at: string,
  problems: StatementProblem[],
): RawRow {
  const cells = new Map<StatementField, RawCell>();
  for (const [name, value] of Object.entries(members)) {
    const field = fieldOf(name);
    if (field === null) continue;
    const place = `${at}.${name}`;
    const text = textOf(value);
    const problem =
      text === null
        ? "is neither text nor a number"
        : text.length > STATEMENT_LIMITS.cellCharactersMax
          ? `has more than ${STATEMENT_LIMITS.cellCharactersMax} characters`
          : cells.has(field)
            ? `states ${namesOf(field)} a second time: leave one of them out`
            : null;
    if (problem !== null) problems.push({ at: place, field: name, message: problem });
    cells.set(field, { at: place, text: text ?? "" });
  }
  return { at, cells };
}

function textOf(value: unknown): string | null {
  if (value === null) return "";
  if (typeof value === "number") return String(value);
  return typeof value === "string" ? value.trim() : null;
}
