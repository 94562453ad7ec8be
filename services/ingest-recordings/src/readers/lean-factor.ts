import { corporateActionFact } from "@amc/streams/facts/security";
import { nextTradingDay } from "@amc/streams/market/calendar";
import { sessionBounds } from "@amc/streams/market/sessions";
import { RecordingError } from "../errors.ts";
import { RowError } from "../facts/row-error.ts";
import type { SourceOf } from "../manifest.ts";
import { calendarAnswer } from "../time/publication.ts";
import { type RowMapper, readDelimited } from "./delimited.ts";
import { type SourceContext, type SourceFile, type SourceItems, symbolInName } from "./reader.ts";
import { dateReader } from "./row-basics.ts";
import type { TextMember } from "./text-members.ts";

const LAYOUT = { delimiter: ",", quote: null, comment: null, skipRows: 0 };
/** Factors have eight digits, so their quotient says 7:1 to about one in 100,000. */
const RATIO_TOLERANCE = 1e-4;
const DENOMINATORS = [1, 2, 3, 4, 5, 8, 10, 20] as const;

/**
 * Splits of a LEAN factor file (date, price factor, split factor, reference price). A row's factor
 * holds up to its date, so where it changes a split takes effect on the next trading day. The file
 * does not say when the split was announced: it counts as public with that day's premarket.
 */
export function readLeanFactor(
  _source: SourceOf<"lean-factor">,
  file: SourceFile,
  context: SourceContext,
): SourceItems {
  return readDelimited(file, LAYOUT, false, () => ({
    columns: { date: 0, splitFactor: 2 },
    nullValues: [""],
    thousands: null,
    decimal: ".",
    topic: "market.corporate-action.v1",
    mapper: (member) => splitRows(context, symbolOf(member)),
  }));
}

function splitRows(context: SourceContext, symbol: string): RowMapper {
  const readDate = dateReader("yyyyMMdd");
  let previous: { readonly date: string; readonly factor: number } | null = null;
  return (row) => {
    const current = { date: readDate(row, "date"), factor: row.number("splitFactor") };
    if (!(current.factor > 0)) {
      throw new RowError(
        "domain.factor",
        "split factor must be above 0",
        row.columnOf("splitFactor"),
      );
    }
    const last = previous;
    previous = current;
    if (last === null || last.factor === current.factor || !context.wants(symbol)) return null;
    const { fromMs, toMs } = context.range;
    const effectiveAt = calendarAnswer(
      () => sessionBounds(nextTradingDay(last.date)).premarketOpenMs,
    );
    if (effectiveAt < fromMs || effectiveAt > toMs) return null;
    const ratio = splitRatio(last.factor, current.factor);
    return corporateActionFact(
      { symbol, action: "SPLIT", effectiveAt, publishedAt: effectiveAt, ratio, newSymbol: null },
      context.provenance,
    );
  };
}

/** New shares per old share: 7 from 0.0357143 and 0.25, although their quotient is 6.9999972. */
export function splitRatio(factorBefore: number, factorAfter: number): number {
  const quotient = factorAfter / factorBefore;
  for (const denominator of DENOMINATORS) {
    const numerator = Math.round(quotient * denominator);
    const ratio = numerator / denominator;
    if (numerator > 0 && Math.abs(ratio - quotient) <= RATIO_TOLERANCE * quotient) return ratio;
  }
  const inverse = Math.round(1 / quotient);
  if (inverse > 0 && Math.abs(1 / inverse - quotient) <= RATIO_TOLERANCE * quotient)
    return 1 / inverse;
  // A stock dividend such as 1.002700: as exact as the factors are.
  return Number(quotient.toPrecision(6));
}

function symbolOf(member: TextMember): string {
  const symbol = symbolInName(member.name.replace(/_factor\.csv$|\.csv$/i, ""));
  if (symbol !== null) return symbol;
  const message = `${member.label} is not named as LEAN names factor files, for example aapl_factor.csv`;
  throw new RecordingError("recording.source-unreadable", message, { path: member.label });
}
