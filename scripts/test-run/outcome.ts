import { stripVTControlCharacters } from "node:util";

export interface SkippedTest {
  readonly name: string;
  /** What was missing, in the words of the test; null when it does not say. */
  readonly reason: string | null;
}

export interface Failure {
  /** File and test, or the file or suite whose hook threw. */
  readonly name: string;
  /** First line of what was thrown; null for a test that never ended. */
  readonly message: string | null;
}

export interface Outcome {
  readonly passed: number;
  /** Failed tests, files that could not be loaded, failed suite hooks and errors outside any test. */
  readonly failed: readonly Failure[];
  readonly skipped: readonly SkippedTest[];
}

/** `needs …` or `skipped: …` in the parentheses that end a test's or a suite's name. */
const REASON_IN_NAME = /\((?:skipped: )?([^()]*(?:\([^()]*\)[^()]*)*)\)$/;

/** The reason of a skip: its note, else the innermost name that ends with one. Names go outside in. */
export function skipReason(names: readonly string[], note: string | undefined): string | null {
  if (note !== undefined && note !== "") return note;
  for (const name of names.toReversed()) {
    const match = REASON_IN_NAME.exec(name);
    if (match?.[1] !== undefined && /^\((?:needs?|skipped:) /.test(match[0])) return match[1];
  }
  return null;
}

/** Reasons with their tests, the most frequent first. */
export function skipsByReason(skipped: readonly SkippedTest[]): [string, readonly string[]][] {
  const groups = Map.groupBy(skipped, ({ reason }) => reason ?? "no reason given");
  return [...groups]
    .map(([reason, tests]): [string, string[]] => [reason, tests.map(({ name }) => name)])
    .sort((a, b) => b[1].length - a[1].length);
}

/**
 * Skips that a machine which must run everything may still have. A process is either root or not, so of
 * a pair of tests that need one and the other, one is skipped; and the real providers can only be asked
 * where the internet is, which is nobody's to install. Nothing else is on the list, because everything
 * else can be installed.
 */
export function isImpossibleHere(reason: string | null, isRoot: boolean): boolean {
  return (
    reason === "needs the internet" || reason === (isRoot ? "needs a normal user" : "needs root")
  );
}

/** Longest message of a failure on its one line; the whole of it stands where it happened. */
const MESSAGE_CHARS_MAX = 300;

/** One line for each failure, so that the end of a long run says what to look for in it. */
export function failureLines(failed: readonly Failure[]): string[] {
  return failed.map(({ name, message }) => {
    const [first = ""] = stripVTControlCharacters(message ?? "never ended").split("\n");
    return `failed: ${name}: ${first.slice(0, MESSAGE_CHARS_MAX)}`;
  });
}

/** The last line of a run, in the form that CI reads: `N passed, N failed[, N skipped]`. */
export function closingLine({ passed, failed, skipped }: Outcome): string {
  const counts = `${passed} passed, ${failed.length} failed`;
  return skipped.length > 0 ? `${counts}, ${skipped.length} skipped` : counts;
}
