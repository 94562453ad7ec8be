/** Widths of the columns and of a text message (domain-facts §7, §18). */
export const TITLE_CHARACTERS_MAX = 200;
export const MESSAGE_CHARACTERS_MAX = 1600;

/** A title that says at once when nothing of it is real. */
export function markedSimulated(title: string, simulated: boolean): string {
  return `${simulated ? "[SIMULATED] " : ""}${title}`;
}

/** What every message ends with. */
export function closingLines(simulated: boolean): readonly string[] {
  return [
    ...(simulated ? ["Computed from simulated data: not a real event."] : []),
    "Not investment advice.",
  ];
}

/** Cut between characters, never inside a surrogate pair. */
export function atMost(text: string, characters: number): string {
  if (text.length <= characters) return text;
  return `${text.slice(0, characters - 1).replace(/[\uD800-\uDBFF]$/u, "")}…`;
}
