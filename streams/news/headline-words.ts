/** One word, number or mark of a headline. */
export interface HeadlineWord {
  /** Lower case, apostrophes straight; a number keeps its digits. */
  readonly text: string;
  /** The number that `8.7`, `1,200` or `-3` is; null for words and marks. */
  readonly number: number | null;
}

/** More of one text is no headline; what reads one shall not cost more than its length. */
const CHARACTERS_MAX = 1_000;

const WORD = /[a-z]+(?:['.&-][a-z]+)*|-?\d[\d,]*(?:\.\d+)?|[%;:,.?!()$€£]/g;

/** Splits a headline into lower-case words, numbers and marks; what is none of them is left out. */
export function headlineWords(headline: string): readonly HeadlineWord[] {
  const text = headline
    .slice(0, CHARACTERS_MAX)
    .toLowerCase()
    .replace(/[\u2018\u2019]/g, "'")
    // Wire text that was cut into tokens has "7 .4 m".
    .replace(/(\d) (?=[.,]\d)/g, "$1");
  return (text.match(WORD) ?? []).map((word) => ({ text: word, number: numberOf(word) }));
}

function numberOf(word: string): number | null {
  const number = Number.parseFloat(word.replaceAll(",", ""));
  return Number.isNaN(number) ? null : number;
}
