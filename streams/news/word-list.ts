/** Whether a word is in a list. */
export type WordList = (word: string) => boolean;

/** The list of the words of a text; `rise*` stands for all that begins with `rise`. */
export function wordList(text: string): WordList {
  const entries = text.split(/\s+/).filter((entry) => entry !== "");
  const whole = new Set(entries.filter((entry) => !entry.endsWith("*")));
  const stems = new Set(
    entries.filter((entry) => entry.endsWith("*")).map((entry) => entry.slice(0, -1)),
  );
  const lengths = [...new Set([...stems].map(({ length }) => length))];
  return (word) =>
    whole.has(word) ||
    lengths.some((length) => word.length >= length && stems.has(word.slice(0, length)));
}
