import { appendFacts } from "@amc/platform/log/append-facts";
import type { Log } from "@amc/platform/log/port";
import type { Fact } from "@amc/streams/kernel/fact";
import { type FactDifference, REDERIVE_PRODUCER } from "./fact-differences.ts";
import { correction, vintageOf } from "./vintages.ts";

/** What became of the differences. */
export interface AppendedDifferences {
  /** Facts that the log had not. */
  readonly added: number;
  /** Figures that were stated again, public since now. */
  readonly corrected: number;
  /** Under the id of what the log has: the first one holds, and stages dead-letter the other. */
  readonly restated: number;
  /** Left out: a later figure stands already. */
  readonly superseded: number;
}

/**
 * Appends what is new and what is otherwise, as `ingest` appends what a vendor states otherwise: nothing that was
 * decided on changes under anybody. What is not made any more stays; a log takes nothing back.
 */
export async function appendDifferences(
  log: Log,
  differences: readonly FactDifference[],
  atMs: number,
): Promise<AppendedDifferences> {
  const facts: Fact[] = [];
  const counts = { added: 0, corrected: 0, restated: 0, superseded: 0 };
  for (const { change, fact, stands } of differences) {
    if (fact === null) continue;
    const isVintage = vintageOf(fact.value) !== null;
    if (change === "new") {
      facts.push(fact);
      counts.added += 1;
    } else if (!isVintage) {
      facts.push(fact);
      counts.restated += 1;
    } else if (stands) {
      facts.push(correction(fact, atMs) ?? fact);
      counts.corrected += 1;
    } else counts.superseded += 1;
  }
  await appendFacts(log, facts, REDERIVE_PRODUCER);
  return counts;
}
