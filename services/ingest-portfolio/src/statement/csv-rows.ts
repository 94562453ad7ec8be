import {
  type RecordProblem,
  RecordSplitter,
  type SplitRecord,
} from "@amc/platform/text/record-splitter";
import {
  fieldOf,
  namesOf,
  type RawCell,
  type RawRow,
  type RawStatement,
  REQUIRED_FIELDS,
  type StatementField,
} from "./fields.ts";
import { quoted, STATEMENT_LIMITS, StatementError, type StatementProblem } from "./statement.ts";

const CSV = { delimiter: ",", quote: '"', comment: null, skipRows: 0 } as const;
const { rowsMax, columnsMax, rowCharactersMax, cellCharactersMax } = STATEMENT_LIMITS;

const PROBLEMS: Readonly<Record<RecordProblem, string>> = {
  "row.too-long": `is longer than ${rowCharactersMax} characters: is a line end missing?`,
  "row.field-too-long": `has more than ${cellCharactersMax} characters`,
  "row.too-many-columns": `has more than ${columnsMax} columns`,
  "row.quote-not-closed": "opens a quote that the file does not close",
  "row.quote-inside-field":
    'has a quote inside: put the cell into quotes and double it, as in "a ""b"""',
  "row.text-after-quote": "goes on after its closing quote: a quote inside a cell is doubled",
  "row.bare-carriage-return":
    "holds a carriage return without a line feed: save it with usual line ends",
};

/** Rows of a CSV file (RFC 4180, comma, header in the first row). Throws StatementError. */
export function csvRows(text: string): RawStatement {
  const limits = {
    ...{ recordCharactersMax: rowCharactersMax, fieldCharactersMax: cellCharactersMax },
    columnsMax,
  };
  const splitter = new RecordSplitter(CSV, limits);
  const records = [...splitter.push(text), ...splitter.end()];
  const broken = records.flatMap((record) =>
    record.type === "broken"
      ? [{ at: `${record.row}:${record.column}`, field: "row", message: PROBLEMS[record.code] }]
      : [],
  );
  if (broken.length > 0) throw new StatementError(broken);
  const [header, ...others] = records.filter((record) => record.type === "record");
  if (header === undefined) {
    throw new StatementError([
      { at: "1:1", field: "header", message: "is missing: the file is empty" },
    ]);
  }
  if (others.length > rowsMax) {
    const message = `of the file are ${others.length}, at most ${rowsMax} are read`;
    throw new StatementError([{ at: `${others[rowsMax]?.row ?? 1}:1`, field: "rows", message }]);
  }
  const columns = columnsOf(header);
  const problems = others.flatMap((record) => widthProblem(record, header.cells.length));
  if (problems.length > 0) throw new StatementError(problems);
  return {
    rows: others.map((record) => rowOf(record, columns)),
    account: null,
    asOf: null,
    ignored: header.cells.filter((name) => fieldOf(name) === null).map((name) => name.trim()),
  };
}

/** Which column states which field, by position. */
function columnsOf({ row, cells }: SplitRecord): ReadonlyMap<StatementField, number> {
  const columns = new Map<StatementField, number>();
  const problems: StatementProblem[] = [];
  for (const [column, name] of cells.entries()) {
    const field = fieldOf(name);
    if (field === null) continue;
    if (columns.has(field)) {
      const message = `states ${namesOf(field)}, which an earlier column does: leave one of them out`;
      problems.push({ at: `${row}:${column + 1}`, field: name.trim(), message });
    }
    columns.set(field, column);
  }
  for (const field of REQUIRED_FIELDS) {
    if (columns.has(field)) continue;
    const message = `is missing in the header, which has: ${cells.map(quoted).join(", ")}`;
    problems.push({ at: `${row}:1`, field: `column ${namesOf(field)}`, message });
  }
  if (problems.length > 0) throw new StatementError(problems);
  return columns;
}

/** A row of another width has lost or gained a comma, and its cells cannot be told apart. */
function widthProblem({ row, cells }: SplitRecord, width: number): StatementProblem[] {
  if (cells.length === width) return [];
  const message = `has ${cells.length} cells, the header has ${width}: put text with commas into quotes`;
  return [{ at: `${row}:${Math.min(cells.length, width) + 1}`, field: "row", message }];
}

function rowOf({ row, cells }: SplitRecord, columns: ReadonlyMap<StatementField, number>): RawRow {
  const stated = [...columns].map(([field, column]): [StatementField, RawCell] => [
    field,
    { at: `${row}:${column + 1}`, text: (cells[column] ?? "").trim() },
  ]);
  return { at: `${row}:1`, cells: new Map(stated) };
}
