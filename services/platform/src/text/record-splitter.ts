/**
 * Cuts text into records by RFC 4180, strictly and in bounded memory. A record that breaks a rule
 * is reported and reading goes on at the next line, so that one stray quote costs one row and not
 * the rest of the file (csv-parse swallows lines up to the next quote).
 */

export interface Layout {
  readonly delimiter: string;
  /** null: quotes are ordinary characters. */
  readonly quote: '"' | null;
  readonly comment: string | null;
  /** Lines passed over at the top. */
  readonly skipRows: number;
}

export interface Limits {
  readonly recordCharactersMax: number;
  readonly fieldCharactersMax: number;
  readonly columnsMax: number;
}

/** Ten times what the widest vendor files need; a row of a million columns stops at the 1001st. */
export const LIMITS: Limits = {
  recordCharactersMax: 65_536,
  fieldCharactersMax: 16_384,
  columnsMax: 1000,
};

export type RecordProblem =
  | "row.too-long"
  | "row.field-too-long"
  | "row.too-many-columns"
  | "row.quote-not-closed"
  | "row.quote-inside-field"
  | "row.text-after-quote"
  | "row.bare-carriage-return";

export interface SplitRecord {
  readonly type: "record";
  /** Line on which the record begins, from 1. */
  readonly row: number;
  readonly cells: readonly string[];
  readonly raw: string;
}

export interface BrokenRecord {
  readonly type: "broken";
  readonly row: number;
  /** From 1. */
  readonly column: number;
  readonly code: RecordProblem;
  readonly raw: string;
}

type Outcome =
  | { readonly type: "more" }
  | { readonly type: "broken"; readonly code: RecordProblem; readonly column: number }
  | { readonly type: "done"; readonly cells: readonly string[]; readonly end: number };

const MORE: Outcome = { type: "more" };

export class RecordSplitter {
  readonly #layout: Layout;
  readonly #limits: Limits;
  #text = "";
  #line = 1;
  #atStart = true;
  /** Next quote in `#text`, Infinity when there is none; looked up once and not once per record. */
  #quoteAt = -1;
  /** A broken record's line goes on past what has been read. */
  #skipsLine = false;

  constructor(layout: Layout, limits: Limits = LIMITS) {
    this.#layout = layout;
    this.#limits = limits;
  }

  /** Records that are complete with this piece of text. */
  push(piece: string): (SplitRecord | BrokenRecord)[] {
    const text = this.#atStart && piece.startsWith("\ufeff") ? piece.slice(1) : piece;
    this.#atStart = false;
    this.#text += text;
    return this.#split(false);
  }

  /** What is left at the end of the text; its last line may lack a line feed. */
  end(): (SplitRecord | BrokenRecord)[] {
    return this.#split(true);
  }

  #split(isEnd: boolean): (SplitRecord | BrokenRecord)[] {
    const records: (SplitRecord | BrokenRecord)[] = [];
    const text = this.#text;
    let at = 0;
    this.#quoteAt = -1;
    while (at < text.length) {
      if (this.#skipsLine || this.#line <= this.#layout.skipRows || this.#isComment(text, at)) {
        const next = this.#lineEnd(text, at);
        this.#skipsLine = next < 0;
        at = next < 0 ? text.length : next;
        continue;
      }
      const outcome = this.#record(text, at, isEnd);
      if (outcome.type === "more") break;
      const row = this.#line;
      if (outcome.type === "broken") {
        const next = text.indexOf("\n", at);
        const known = (next < 0 ? text.length : next) - at;
        // The reject shows the line, so it waits for its end; so reports do not depend on pieces.
        if (next < 0 && !isEnd && known <= this.#limits.recordCharactersMax) break;
        const raw = text.slice(at, at + Math.min(known, this.#limits.recordCharactersMax));
        records.push({ type: "broken", row, column: outcome.column, code: outcome.code, raw });
        this.#skipsLine = true;
        continue;
      }
      const raw = text.slice(at, outcome.end);
      if (!isBlank(outcome.cells)) {
        records.push({ type: "record", row, cells: outcome.cells, raw: withoutLineEnd(raw) });
      }
      this.#line += lineFeeds(raw);
      at = outcome.end;
    }
    this.#text = isEnd ? "" : text.slice(at);
    return records;
  }

  #isComment(text: string, at: number): boolean {
    return this.#layout.comment !== null && text.startsWith(this.#layout.comment, at);
  }

  /** Start of the next line, -1 when the line goes on past the text. */
  #lineEnd(text: string, at: number): number {
    const feed = text.indexOf("\n", at);
    if (feed < 0) return -1;
    this.#line += 1;
    return feed + 1;
  }

  #record(text: string, at: number, isEnd: boolean): Outcome {
    const { quote, delimiter } = this.#layout;
    const { recordCharactersMax, columnsMax, fieldCharactersMax } = this.#limits;
    const feed = text.indexOf("\n", at);
    const lineEnd = feed < 0 ? text.length : feed;
    if (lineEnd - at > recordCharactersMax)
      return { type: "broken", code: "row.too-long", column: 1 };
    if (quote !== null && this.#nextQuote(text, at, quote) < lineEnd) {
      return this.#quotedRecord(text, at, isEnd, quote);
    }
    if (feed < 0 && !isEnd) return MORE;
    const hasReturn = text.charCodeAt(lineEnd - 1) === 13 && lineEnd > at;
    const line = text.slice(at, hasReturn ? lineEnd - 1 : lineEnd);
    const cells = line.split(delimiter, columnsMax + 1);
    const problem = plainProblem(line, cells, columnsMax, fieldCharactersMax);
    if (problem !== null) return problem;
    return { type: "done", cells, end: feed < 0 ? text.length : feed + 1 };
  }

  #nextQuote(text: string, at: number, quote: string): number {
    if (this.#quoteAt < at) {
      const found = text.indexOf(quote, at);
      this.#quoteAt = found < 0 ? Number.POSITIVE_INFINITY : found;
    }
    return this.#quoteAt;
  }

  /** A record with a quote in its first line; it may go on over line feeds. */
  #quotedRecord(text: string, start: number, isEnd: boolean, quote: string): Outcome {
    const { recordCharactersMax, columnsMax, fieldCharactersMax } = this.#limits;
    const cells: string[] = [];
    let at = start;
    for (;;) {
      const column = cells.length + 1;
      const broken = (code: RecordProblem): Outcome => ({ type: "broken", code, column });
      if (column > columnsMax) return broken("row.too-many-columns");
      const field = text.startsWith(quote, at)
        ? quotedField(text, at, quote)
        : plainField(text, at, this.#layout.delimiter, quote);
      if (field.type === "broken") return broken(field.code);
      // A return at the very end of what is known may be the first half of a line end.
      if (field.type === "cut" && !isEnd) return MORE;
      if (field.type === "cut") return broken("row.bare-carriage-return");
      const end = field.type === "field" ? field.end : text.length;
      if (end - start > recordCharactersMax) return broken("row.too-long");
      if (field.type === "open") return isEnd ? broken("row.quote-not-closed") : MORE;
      // What follows may go on with the cell, even after a quote.
      if (end >= text.length && !isEnd) return MORE;
      if (field.value.length > fieldCharactersMax) return broken("row.field-too-long");
      cells.push(field.value);
      if (end >= text.length) return { type: "done", cells, end };
      if (text.startsWith(this.#layout.delimiter, end)) {
        at = end + 1;
        continue;
      }
      const feed = text.startsWith("\r\n", end) ? end + 1 : end;
      if (text[feed] === "\n") return { type: "done", cells, end: feed + 1 };
      if (text[end] === "\r" && end + 1 === text.length && !isEnd) return MORE;
      return broken(text[end] === "\r" ? "row.bare-carriage-return" : "row.text-after-quote");
    }
  }
}

type Field =
  | { readonly type: "field"; readonly value: string; readonly end: number }
  | { readonly type: "open" }
  /** Ends with a carriage return at the end of the known text. */
  | { readonly type: "cut" }
  | { readonly type: "broken"; readonly code: RecordProblem };

function quotedField(text: string, start: number, quote: string): Field {
  let value = "";
  let from = start + 1;
  for (;;) {
    const close = text.indexOf(quote, from);
    if (close < 0) return { type: "open" };
    value += text.slice(from, close);
    if (text[close + 1] !== quote) return { type: "field", value, end: close + 1 };
    value += quote;
    from = close + 2;
  }
}

function plainField(text: string, start: number, delimiter: string, quote: string): Field {
  let end = start;
  while (end < text.length && text[end] !== delimiter && text[end] !== "\n") {
    if (text[end] === quote) return { type: "broken", code: "row.quote-inside-field" };
    // The first thing wrong is what is reported, however much of the line is known.
    const isBareReturn = text[end] === "\r" && end + 1 < text.length && text[end + 1] !== "\n";
    if (isBareReturn) return { type: "broken", code: "row.bare-carriage-return" };
    end += 1;
  }
  const hasReturn = text[end] === "\n" && end > start && text[end - 1] === "\r";
  const value = text.slice(start, hasReturn ? end - 1 : end);
  const bare = value.indexOf("\r");
  if (bare < 0) return { type: "field", value, end: hasReturn ? end - 1 : end };
  const isLast = bare === value.length - 1 && end === text.length;
  return isLast ? { type: "cut" } : { type: "broken", code: "row.bare-carriage-return" };
}

function plainProblem(
  line: string,
  cells: readonly string[],
  columnsMax: number,
  fieldCharactersMax: number,
): Outcome | null {
  if (cells.length > columnsMax) {
    return { type: "broken", code: "row.too-many-columns", column: columnsMax + 1 };
  }
  const isReturn = (cell: string): boolean => cell.includes("\r");
  if (line.includes("\r")) {
    return {
      type: "broken",
      code: "row.bare-carriage-return",
      column: cells.findIndex(isReturn) + 1,
    };
  }
  if (line.length <= fieldCharactersMax) return null;
  const long = cells.findIndex((cell) => cell.length > fieldCharactersMax);
  return long < 0 ? null : { type: "broken", code: "row.field-too-long", column: long + 1 };
}

function isBlank(cells: readonly string[]): boolean {
  return cells.length === 1 && cells[0] === "";
}

function withoutLineEnd(raw: string): string {
  return raw.endsWith("\r\n") ? raw.slice(0, -2) : raw.endsWith("\n") ? raw.slice(0, -1) : raw;
}

function lineFeeds(raw: string): number {
  let count = 0;
  for (let at = raw.indexOf("\n"); at >= 0; at = raw.indexOf("\n", at + 1)) count += 1;
  return count;
}
