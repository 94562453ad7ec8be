import type { MockAnswer } from "./mock-answer.ts";

/** An answer that never changes when it should would make a failure of nothing. */
class NothingToSpoil extends Error {
  readonly code = "mock.nothing-to-spoil";
}

/** The answer with what `pattern` finds replaced. Throws when it finds nothing. */
export function edited(
  good: MockAnswer,
  pattern: RegExp,
  replacement: string | ((found: string) => string),
): MockAnswer {
  const { body } = good;
  const changed =
    typeof replacement === "string"
      ? body.replace(pattern, replacement)
      : body.replace(pattern, (found: string) => replacement(found));
  if (changed === body) throw new NothingToSpoil(`${pattern.source} is not in the answer`);
  return { ...good, body: changed };
}
