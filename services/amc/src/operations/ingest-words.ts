import { canonicalSymbol } from "@amc/streams/facts/symbol";
import { isCalendarDate } from "@amc/streams/market/calendar-date";
import type { CommandWords } from "../command.ts";
import { CommandError, EXIT } from "../exit-codes.ts";

/** A date `yyyy-mm-dd` of the command line. Throws a usage error for anything else. */
export function dateOf(text: string): string {
  if (isCalendarDate(text)) return text;
  throw new CommandError(EXIT.usage, `a date is yyyy-mm-dd, was ${text}`);
}

/** The symbols of `--symbols`, each once; null without the option. Throws a usage error naming a wrong one. */
export function symbolsOf(words: CommandWords): readonly string[] | null {
  const text = words.text("symbols");
  if (text === undefined) return null;
  const symbols = text.split(",").map((part) => {
    const symbol = canonicalSymbol(part.trim().toUpperCase());
    if (symbol !== null) return symbol;
    throw new CommandError(EXIT.usage, `--symbols takes symbols such as GME,BRK.B, was ${text}`);
  });
  return [...new Set(symbols)];
}
