import { isoUtc } from "@amc/streams/market/event-time";
import type { AppendedDifferences } from "../operations/rederive/append-differences.ts";
import type { DerivedAgain, Failing } from "../operations/rederive/derive-again.ts";
import type { Compared, FactDifference } from "../operations/rederive/fact-differences.ts";
import { formatCount } from "./format.ts";

/** For people; `--json` has all of them. */
const DIFFERENCES_SHOWN = 50;

/** What was read, what was not, and why. */
export function derivedText(answers: number, derived: DerivedAgain): string {
  if (answers === 0) {
    return "no answers are kept of that time: KEEP_RAW_ANSWERS=true keeps what providers answer from then on";
  }
  const { answersRead, facts, rowsRefused, failing, uncovered } = derived;
  return [
    `${formatCount(answers)} answers kept, ${formatCount(answersRead)} read: ${formatCount(facts.size)} facts, ${formatCount(rowsRefused)} rows refused`,
    ...failingText(failing),
    ...[...uncovered].map(([what, count]) => `  ${formatCount(count)} not covered: ${what}`),
  ].join("\n");
}

function failingText(failing: readonly Failing[]): readonly string[] {
  const texts = failing.map(({ provider, endpoint, code, codeThen }) => {
    const then = codeThen === null ? "was read when it came" : `then ${codeThen}`;
    return `${provider} ${endpoint}: ${code}, ${then}`;
  });
  const groups = Map.groupBy(texts, (text) => text);
  return [...groups].map(([text, all]) => `  ${formatCount(all.length)} without facts: ${text}`);
}

/** Each difference, and counts by topic; null without facts. */
export function comparedText({ differences, counts }: Compared): string | null {
  if (counts.size === 0) return null;
  const shown = differences.slice(0, DIFFERENCES_SHOWN).map(differenceText);
  const left = differences.length - shown.length;
  return [
    ...shown,
    ...(left === 0 ? [] : [`  and ${formatCount(left)} more, which --json shows`]),
    ...[...counts].map(
      ([topic, { same, changed, new: added, gone }]) =>
        `${topic}: ${formatCount(same)} the same, ${formatCount(changed)} changed, ${formatCount(added)} new, ${formatCount(gone)} not made any more`,
    ),
  ].join("\n");
}

function differenceText({ change, topic, value, fields }: FactDifference): string {
  const what = fields
    .map(({ field, was, now }) => `${field} ${JSON.stringify(was)} -> ${JSON.stringify(now)}`)
    .join(", ");
  const head = `  ${change.padEnd(7)} ${topic} ${value.symbol} ${isoUtc(value.happenedAt)}`;
  return what === "" ? head : `${head}: ${what}`;
}

export function appendedText(appended: AppendedDifferences): string {
  const { added, corrected, restated, superseded } = appended;
  return [
    `appended: ${formatCount(added)} new, ${formatCount(corrected)} corrected and public since now`,
    ...(restated === 0
      ? []
      : [
          `  ${formatCount(restated)} under the id of what the log has: the first one holds, the other becomes a dead letter (amc dlq list)`,
        ]),
    ...(superseded === 0
      ? []
      : [`  ${formatCount(superseded)} left out: a later figure stands already`]),
  ].join("\n");
}
