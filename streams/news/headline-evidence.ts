import { type HeadlineEvent, headlineEvent } from "./event-type.ts";
import { type HeadlineWord, headlineWords } from "./headline-words.ts";
import {
  isAsset,
  isBlame,
  isBurden,
  isComparison,
  isDealing,
  isFall,
  isIdleBeforeUp,
  isIntention,
  isLoss,
  isNegation,
  isPraise,
  isProfit,
  isRise,
  isSummit,
  isUnit,
  isWin,
} from "./sentiment-words.ts";
import type { WordList } from "./word-list.ts";

/** What a headline can say that bears on its sentiment. */
export const EVIDENCE = [
  /** Sales rise, costs fall, a loss narrows, a loss became a profit. */
  "goodMoves",
  /** Profit falls, a loss widens, a profit became a loss. */
  "badMoves",
  /** Something rises of which nobody can say whether that is good. */
  "otherRises",
  "otherFalls",
  /** Two figures and no verb: "profit 5.2 mn compared to 3.1 mn". */
  "betterFigures",
  "worseFigures",
  "praise",
  "blame",
  "wins",
  "dealings",
  /** Each of these three is there or not. */
  "intends",
  "hasAmount",
  "hasLoss",
] as const;

/** How often it says so: up to 2, of the last three up to 1. */
export type Evidence = Readonly<Record<(typeof EVIDENCE)[number], number>>;
type Counts = Record<(typeof EVIDENCE)[number], number>;

/** Bad for who holds the shares, and often said without a word of blame: "prices public offering". */
const ILL_EVENTS: ReadonlySet<HeadlineEvent> = new Set([
  "approval-refused",
  "bankruptcy",
  "delisting",
  "offering",
  "reverse-split",
]);

const COUNTED_MAX = 2;
/** How far, in words, a quantity may stand before what moves it: "profit for the quarter rose". */
const SUBJECT_REACH = 12;
/** "Operating profit of EUR 7.4 m for January to September 2008, up from": the subject is farther. */
const UP_FROM_REACH = 30;
/** "higher operating loss", "cut its costs". */
const OBJECT_REACH = 3;
/** "a drop in quarterly sales". */
const LATER_REACH = 5;
const NEGATION_REACH = 3;
const FIGURE_REACH = 9;

const isStop: WordList = (text) => /^[;:?!]$/.test(text);
const isMark: WordList = (text) => /^[;:,.?!]$/.test(text);
const endsObject: WordList = (text) => isMark(text) || /^(?:and|by|from|in|to)$/.test(text);

/** Counts what a headline says; linear in its length. */
export function headlineEvidence(headline: string): Evidence {
  const words = headlineWords(headline);
  const has = (list: WordList) => (words.some(({ text }) => list(text)) ? 1 : 0);
  const counts: Counts = {
    ...{ goodMoves: 0, badMoves: 0, otherRises: 0, otherFalls: 0 },
    ...{ betterFigures: 0, worseFigures: 0, praise: 0, blame: 0, wins: 0, dealings: 0 },
    ...{ intends: has(isIntention), hasAmount: has(isUnit), hasLoss: has(isLoss) },
  };
  for (const at of words.keys()) {
    if (!countMove(words, at, counts)) countWord(words, at, counts);
  }
  const event = headlineEvent(headline);
  if (event !== null && ILL_EVENTS.has(event)) counts.blame += COUNTED_MAX;
  countTurn(words, counts);
  for (const at of words.keys()) countFigures(words, at, counts);
  for (const name of EVIDENCE) counts[name] = Math.min(COUNTED_MAX, counts[name]);
  return counts;
}

/** Whether the word at a place is one by which something moves. */
function countMove(words: readonly HeadlineWord[], at: number, counts: Counts): boolean {
  const direction = directionOf(words, at);
  if (direction === 0) return false;
  const sign = isNegated(words, at) ? -direction : direction;
  const worth = sign * quantityOf(words, at);
  if (worth > 0) counts.goodMoves += 1;
  else if (worth < 0) counts.badMoves += 1;
  else if (sign > 0) counts.otherRises += 1;
  else counts.otherFalls += 1;
  return true;
}

function countWord(words: readonly HeadlineWord[], at: number, counts: Counts): void {
  const text = textAt(words, at);
  const negated = isNegated(words, at);
  if (isPraise(text)) counts[negated ? "blame" : "praise"] += 1;
  // "no delays" is not praise.
  else if (isBlame(text) && !negated) counts.blame += 1;
  if (isDealing(text)) counts.dealings += 1;
  if (isWin(text)) counts.wins += 1;
}

/** 1 for a rise, -1 for a fall, 0 where the word moves nothing. */
function directionOf(words: readonly HeadlineWord[], at: number): number {
  const text = textAt(words, at);
  if (text === "up" && (isIdleBeforeUp(textAt(words, at - 1)) || textAt(words, at + 1) === "to")) {
    return 0;
  }
  if (/^hits?$/.test(text) && within(words, at + 1, OBJECT_REACH, isSummit) !== null) return 1;
  if (isRise(text)) return 1;
  return isFall(text) ? -1 : 0;
}

/**
 * What moves: 1 where its rise is good, -1 where it is bad, 0 where that is unknown. An object that
 * follows at once goes before the subject, the subject before anything later.
 */
function quantityOf(words: readonly HeadlineWord[], at: number): number {
  for (let place = at + 1; place <= at + OBJECT_REACH; place += 1) {
    const text = textAt(words, place);
    if (text === "" || endsObject(text)) break;
    const worth = worthOf(text);
    if (worth === 0) continue;
    // "operating loss", "revenue shortage": the last word of the pair is what moves.
    return within(words, place + 1, 2, isBurden) === null ? worth : -1;
  }
  const reach = textAt(words, at + 1) === "from" ? UP_FROM_REACH : SUBJECT_REACH;
  for (let place = at - 1; place >= Math.max(0, at - reach); place -= 1) {
    const text = textAt(words, place);
    if (isStop(text)) break;
    if (worthOf(text) !== 0) return worthOf(text);
  }
  const later = within(words, at + 1, LATER_REACH, (text) => worthOf(text) !== 0);
  return later === null ? 0 : worthOf(later);
}

function worthOf(text: string): number {
  if (isBurden(text)) return -1;
  return isAsset(text) ? 1 : 0;
}

function isNegated(words: readonly HeadlineWord[], at: number): boolean {
  for (let place = at - 1; place >= Math.max(0, at - NEGATION_REACH); place -= 1) {
    const text = textAt(words, place);
    if (isMark(text)) return false;
    if (isNegation(text)) return true;
  }
  return false;
}

/** "A loss of 2 mn, compared to a profit of 3 mn", and the other way round. */
function countTurn(words: readonly HeadlineWord[], counts: Counts): void {
  const loss = words.findIndex(({ text }) => isLoss(text));
  const profit = words.findIndex(({ text }) => isProfit(text));
  const comparison = words.findIndex(({ text }) => isComparison(text));
  if (loss < 0 || profit < 0 || comparison < 0) return;
  if (loss < comparison && comparison < profit) counts.badMoves += 1;
  if (profit < comparison && comparison < loss) counts.goodMoves += 1;
}

/** The figure before a comparison against the one behind it. */
function countFigures(words: readonly HeadlineWord[], at: number, counts: Counts): void {
  if (!isComparison(textAt(words, at))) return;
  const now = figureFrom(words, at, -1);
  const before = figureFrom(words, at, 1);
  if (now === null || before === null || now === before) return;
  const rose = now > before ? 1 : -1;
  const isWorse = quantityOf(words, at) < 0 ? rose > 0 : rose < 0;
  counts[isWorse ? "worseFigures" : "betterFigures"] += 1;
}

function figureFrom(words: readonly HeadlineWord[], at: number, step: 1 | -1): number | null {
  for (let distance = 1; distance <= FIGURE_REACH; distance += 1) {
    const word = words[at + step * distance];
    if (word === undefined || word.text === ";") return null;
    if (word.number !== null && !isYear(word.number)) return word.number;
  }
  return null;
}

const isYear = (number: number) => Number.isInteger(number) && number >= 1990 && number <= 2050;

/** The first word of a list among the `count` ones from a place on; null when there is none. */
function within(
  words: readonly HeadlineWord[],
  from: number,
  count: number,
  list: WordList,
): string | null {
  return words.slice(from, from + count).find(({ text }) => list(text))?.text ?? null;
}

const textAt = (words: readonly HeadlineWord[], at: number) => words[at]?.text ?? "";
