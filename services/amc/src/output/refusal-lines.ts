import type { Refusal } from "@amc/ingest-recordings/facts/refusals";
import { formatCount } from "./format.ts";

/** One line for each reason, with where it was met first. */
export function refusalLines(refusals: readonly Refusal[]): string[] {
  return refusals.map(({ code, count, first }) => {
    const rows = count === 1 ? "1 row" : `${formatCount(count)} rows, the first`;
    return `  refused as ${code}: ${rows} ${printable(first)}`;
  });
}

/** The text quotes a foreign file: nothing in it may steer the terminal. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, "\u{FFFD}");
}
