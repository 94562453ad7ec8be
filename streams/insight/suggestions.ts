import { type Check, isNumber, isText, listOf, oneOf, recordOf } from "../kernel/json-shape.ts";
import { SUGGESTION_AREAS } from "./question.ts";

export interface Suggestion {
  readonly title: string;
  readonly rationale: string;
  readonly area: (typeof SUGGESTION_AREAS)[number];
  /** 0 to 1, as the model states it. */
  readonly confidence: number;
  /** Names of figures that were sent. */
  readonly evidence: readonly string[];
}

export interface Insight {
  readonly summary: string;
  readonly suggestions: readonly Suggestion[];
}

export type ReadInsight =
  | { readonly ok: true; readonly insight: Insight }
  | { readonly ok: false; readonly reason: string };

/** Longer than any answer within the limits below is, every character of it escaped. */
const ANSWER_CHARACTERS_MAX = 50_000;
const SUMMARY_CHARACTERS_MAX = 600;
const TITLE_CHARACTERS_MAX = 120;
const RATIONALE_CHARACTERS_MAX = 600;
const SUGGESTIONS_MAX = 8;
const EVIDENCE_MAX = 6;

const isSuggestion = recordOf<Suggestion>({
  ...{ title: isText, rationale: isText, area: oneOf(...SUGGESTION_AREAS) },
  ...{ confidence: isNumber, evidence: listOf(isText) },
});
const isInsight: Check<Insight> = recordOf<Insight>({
  summary: isText,
  suggestions: listOf(isSuggestion),
});

/**
 * What a model wrote, if it is an answer to these figures; otherwise why not, without a word of it. All
 * or nothing: who invents one figure is not believed in the others.
 */
export function readInsight(text: string, figures: Aggregated): ReadInsight {
  if (text.length > ANSWER_CHARACTERS_MAX) return refused("it is longer than any answer is");
  const json = parsed(text);
  if (json === undefined) return refused("it is no JSON");
  if (!isInsight(json)) return refused("it has not the fields of an insight");
  const { summary, suggestions } = json;
  if (!isLine(summary, SUMMARY_CHARACTERS_MAX)) return refused("its summary is no line of text");
  if (suggestions.length > SUGGESTIONS_MAX) return refused("it has too many suggestions");
  const titles = new Set(suggestions.map(({ title }) => title.toLowerCase()));
  if (titles.size < suggestions.length) return refused("it suggests something twice");
  for (const suggestion of suggestions) {
    const reason = whyNot(suggestion, figures);
    if (reason !== null) return refused(reason);
  }
  return { ok: true, insight: { summary, suggestions: suggestions.map(onlyKnown) } };
}

type Aggregated = Readonly<Record<string, number | null>>;

function refused(reason: string): ReadInsight {
  return { ok: false, reason };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function whyNot(suggestion: Suggestion, figures: Aggregated): string | null {
  const { title, rationale, confidence, evidence } = suggestion;
  if (!isLine(title, TITLE_CHARACTERS_MAX)) return "a title is no line of text";
  if (!isLine(rationale, RATIONALE_CHARACTERS_MAX)) return "a rationale is no line of text";
  if (confidence < 0 || confidence > 1) return "a confidence is not from 0 to 1";
  const isCounted = evidence.length > 0 && evidence.length <= EVIDENCE_MAX;
  if (!isCounted) return `a suggestion has not 1 to ${EVIDENCE_MAX} figures as evidence`;
  if (new Set(evidence).size < evidence.length) return "a suggestion names a figure twice";
  const isKnown = evidence.every((name) => Object.hasOwn(figures, name) && figures[name] !== null);
  return isKnown ? null : "a suggestion rests on a figure that nobody stated";
}

/** Fields that nobody asked for stay where they are. */
function onlyKnown({ title, rationale, area, confidence, evidence }: Suggestion): Suggestion {
  return { title, rationale, area, confidence, evidence };
}

/**
 * One line without control and format characters: nothing that moves a cursor or orders a terminal to turn letters
 * around. It may be in any script, one that runs from right to left or stacks its marks as well, and have
 * the joiner (U+200D) that emoji are made with.
 */
function isLine(text: string, charactersMax: number): boolean {
  const isShown = !/[\p{Cc}[\p{Cf}--\u{200d}]\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/v.test(text);
  return text.trim() !== "" && text.length <= charactersMax && isShown;
}
