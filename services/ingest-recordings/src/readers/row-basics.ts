import { canonicalSymbol } from "@amc/streams/facts/symbol";
import { DAY_MS, dateOfDayNumber } from "@amc/streams/market/calendar-date";
import { RowError } from "../facts/row-error.ts";
import { checkInstant } from "../facts/values.ts";
import type { DelimitedSource } from "../manifest/delimited-source.ts";
import { type PublicationRule, publicationOfDate } from "../time/publication.ts";
import { type StampReader, stampReader } from "../time/stamp.ts";
import { wallClockParser } from "../time/wall-clock-pattern.ts";
import { zonedClock } from "../time/zoned-clock.ts";
import type { SourceContext, SourceFile } from "./reader.ts";
import type { Row } from "./row.ts";

/** What rows of every kind have in common: a symbol, a time, a publication. */
export class RowBasics {
  readonly context: SourceContext;
  readonly #fixedSymbol: string | null;
  readonly #readPublished: StampReader;
  readonly #toUtc: (wallMs: number) => number;

  constructor(source: DelimitedSource, context: SourceContext, file: SourceFile) {
    this.context = context;
    this.#fixedSymbol = source.symbol ?? file.symbol;
    this.#readPublished = stampReader({ unit: "iso" }, context.timeZone, null);
    this.#toUtc = zonedClock(context.timeZone).toUtc;
  }

  /** null when the symbol is not wanted. Throws RowError `symbol.invalid`. */
  symbolOf(row: Row): string | null {
    const text = this.#fixedSymbol ?? row.text("symbol");
    const symbol = this.#fixedSymbol ?? canonicalSymbol(text);
    if (!this.context.wants(symbol ?? text)) return null;
    if (symbol !== null) return symbol;
    const message = `"${text.slice(0, 40)}" is no symbol (capitals, digits and . ^ =, at most 10)`;
    throw new RowError("symbol.invalid", message, row.columnOf("symbol"));
  }

  isInRange(epochMs: number): boolean {
    const { fromMs, toMs } = this.context.range;
    return epochMs >= fromMs && epochMs <= toMs;
  }

  isDateInRange(date: string): boolean {
    return this.isInRange(this.#toUtc(Date.parse(`${date}T00:00:00Z`)));
  }

  /**
   * When a row became public: by its own column, or by what the kind implies. Throws RowError
   * `time.published-before-happening`: such a row would be seen before it was true.
   */
  publishedAt(row: Row, happenedAt: number, implied: number): number {
    const text = row.optional("publishedAt");
    if (text === null) return checkInstant(implied, "publication");
    const column = row.columnOf("publishedAt");
    const { epochMs, hasTime } = this.#readPublished(text, column);
    if (!hasTime) {
      const message = `publishedAt must be an instant and not a date, was "${text}"`;
      throw new RowError("stamp.invalid", message, column);
    }
    if (epochMs >= happenedAt) return checkInstant(epochMs, "publishedAt", column);
    const message = `publishedAt ${text} lies before the row itself happened`;
    throw new RowError("time.published-before-happening", message, column);
  }

  publishedByRule(row: Row, rule: PublicationRule, date: string): number {
    return this.publishedAt(row, Number.NEGATIVE_INFINITY, publicationOfDate(rule, date));
  }
}

/** Reads a date column by the manifest's pattern into yyyy-mm-dd. */
export function dateReader(pattern: string): (row: Row, field: string) => string {
  const parse = wallClockParser(pattern);
  return (row, field) => {
    const text = row.text(field);
    const wallMs = parse(text);
    if (wallMs !== null) return dateOfDayNumber(Math.floor(wallMs / DAY_MS));
    const message = `${field} must be a date written ${pattern}, was "${text.slice(0, 40)}"`;
    throw new RowError("stamp.invalid", message, row.columnOf(field));
  };
}

/** Numbers what a vendor states several times about one symbol and instant: 0, 1, 2. */
export class Ordinals {
  readonly #last = new Map<string, { at: number; count: number }>();

  next(symbol: string, epochMs: number): number {
    const last = this.#last.get(symbol);
    if (last === undefined) {
      this.#last.set(symbol, { at: epochMs, count: 0 });
      return 0;
    }
    last.count = last.at === epochMs ? last.count + 1 : 0;
    last.at = epochMs;
    return last.count;
  }
}
