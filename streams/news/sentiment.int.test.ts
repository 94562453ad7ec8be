import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { EVIDENCE } from "./headline-evidence.ts";
import { EVIDENCE_WEIGHTS, headlineSentiment, NO_EVIDENCE, type Sentiment } from "./sentiment.ts";
import { fitSentiment } from "./testing/fit-sentiment.ts";
import {
  isForTuning,
  type LabelledHeadline,
  PHRASEBANK,
  readPhrasebank,
  readSemeval,
} from "./testing/labelled-headlines.ts";
import {
  type Judged,
  type Measured,
  measure,
  textOfMeasured,
} from "./testing/measure-sentiment.ts";

const DATA = process.env.AMC_DATA ?? "../shared/data";
const absent = !existsSync(path.join(DATA, PHRASEBANK));

/** Counts words of two categories and no more, as a reader without grammar does. */
function plainLexicon(data: string): (text: string) => Sentiment {
  const file = path.join(data, "sentiment/loughran-mcdonald-category-words.csv");
  const rows = readFileSync(file, "utf8")
    .split("\n")
    .map((line) => line.split(","));
  // A category holds the year in which a word entered it, 0 for never, negative once it was removed.
  const listed = (column: number) =>
    new Set(rows.flatMap((cells) => (Number(cells[column]) > 0 ? [cells[0]] : [])));
  const [negative, positive] = [listed(1), listed(2)];
  return (text) => {
    const words = text.toUpperCase().match(/[A-Z]+/g) ?? [];
    const score =
      words.filter((word) => positive.has(word)).length -
      words.filter((word) => negative.has(word)).length;
    if (score === 0) return "neutral";
    return score > 0 ? "positive" : "negative";
  };
}

describe.skipIf(absent)("sentiment of headlines that nobody looked at (needs AMC_DATA)", () => {
  let tuning: readonly LabelledHeadline[] = [];
  let heldOut: readonly LabelledHeadline[] = [];
  const measureOf = (judge: (text: string) => Omit<Judged, "sentiment">): Measured =>
    measure(heldOut.map(({ text, sentiment }) => ({ sentiment, ...judge(text) })));

  beforeAll(() => {
    const all = readPhrasebank(DATA);
    tuning = all.filter(({ text }) => isForTuning(text));
    heldOut = all.filter(({ text }) => !isForTuning(text));
  });

  it("is told better than by the majority and by counting words, with probabilities that hold", () => {
    const ours = measureOf((text) => {
      const sentiment = headlineSentiment(text);
      if (sentiment === null) return { said: "neutral", probabilities: null };
      return { said: sentiment.sentiment, probabilities: sentiment.probabilities };
    });
    const count = plainLexicon(DATA);
    const lexicon = measureOf((text) => ({ said: count(text), probabilities: null }));
    const majority = measureOf(() => ({ said: "neutral", probabilities: null }));
    console.info(
      [
        `PhraseBank, ${heldOut.length} sentences held out of ${heldOut.length + tuning.length}`,
        `  ours      ${textOfMeasured(ours)}`,
        `  word list ${textOfMeasured(lexicon)}`,
        `  majority  ${textOfMeasured(majority)}`,
      ].join("\n"),
    );
    expect(ours.macroF1).toBeGreaterThan(0.65);
    expect(ours.macroF1).toBeGreaterThan(lexicon.macroF1 + 0.1);
    expect(ours.accuracy).toBeGreaterThan(majority.accuracy + 0.1);
    expect(ours.calibrationError).toBeLessThan(0.08);
  });

  it("agrees in direction with the readers of SemEval's headlines", () => {
    const rows = readSemeval(DATA)
      .filter(({ text }) => !isForTuning(text))
      .map(({ text, score }) => ({ score, polarity: headlineSentiment(text)?.polarity ?? 0 }));
    const sum = (of: (row: (typeof rows)[number]) => number) =>
      rows.reduce((total, row) => total + of(row), 0);
    // The task's own measure: the cosine of the two vectors.
    const cosine =
      sum(({ score, polarity }) => score * polarity) /
      Math.sqrt(sum(({ score }) => score ** 2) * sum(({ polarity }) => polarity ** 2));
    console.info(`SemEval 2017 task 5, ${rows.length} held out: cosine ${cosine.toFixed(3)}`);
    expect(cosine).toBeGreaterThan(0.5);
  });

  it("rests on weights that a fit on the tuning half gives", () => {
    const { none, byEvidence } = fitSentiment(tuning);
    const weights = EVIDENCE.map((name) => ({ name, ...byEvidence.get(name) }));
    for (const { name, positive, negative } of weights) {
      const stated = EVIDENCE_WEIGHTS[name];
      expect.soft(positive, name).toBeCloseTo(stated.positive, 1);
      expect.soft(negative, name).toBeCloseTo(stated.negative, 1);
    }
    expect(none.positive).toBeCloseTo(NO_EVIDENCE.positive, 1);
    expect(none.negative).toBeCloseTo(NO_EVIDENCE.negative, 1);
  });
});
