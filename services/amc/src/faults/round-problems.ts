import type { Examination } from "./examine-system.ts";
import type { KillRound } from "./kill-rounds.ts";

/** R-RBK-12: from a start after a failure until everything is caught up. */
export const RETURN_MS_MAX = 300_000;

/** What is wrong with a data directory, next to one that nobody disturbed. */
export function problemsOf({ examination, returnMs }: KillRound, reference: Examination): string[] {
  const problems: string[] = [];
  if (examination.differences > 0) {
    problems.push(`${examination.differences} rows differ from a rebuild`);
  }
  if (examination.duplicates > 0) problems.push(`${examination.duplicates} records twice`);
  if (JSON.stringify(examination.digests) !== JSON.stringify(reference.digests)) {
    problems.push("derived topics differ from the undisturbed run");
  }
  if (examination.tables === 0) problems.push("no table was compared");
  if (returnMs > RETURN_MS_MAX) {
    problems.push(`came back after ${returnMs} ms, at most ${RETURN_MS_MAX} ms are allowed`);
  }
  return problems;
}
