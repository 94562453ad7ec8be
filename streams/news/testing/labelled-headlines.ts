import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import type { Sentiment } from "../sentiment.ts";

export interface LabelledHeadline {
  readonly text: string;
  readonly sentiment: Sentiment;
}

/** Of a headline about a company, -1 to 1. */
export interface ScoredHeadline {
  readonly text: string;
  readonly score: number;
}

/** Where they are below AMC_DATA. */
export const PHRASEBANK = "sentiment/financial-phrasebank.csv";
const SEMEVAL = "sentiment/semeval2017-task5-headlines.json";

/** Sentences of the Financial PhraseBank (Malo et al. 2014, at least half of its readers agree). */
export function readPhrasebank(data: string): readonly LabelledHeadline[] {
  const [, ...lines] = readFileSync(path.join(data, PHRASEBANK), "utf8").trim().split("\n");
  return lines.map((line) => {
    const comma = line.indexOf(",");
    return { sentiment: sentimentOf(line.slice(0, comma)), text: cellOf(line.slice(comma + 1)) };
  });
}

/** Headlines of SemEval 2017, task 5. */
export function readSemeval(data: string): readonly ScoredHeadline[] {
  const rows: unknown = JSON.parse(readFileSync(path.join(data, SEMEVAL), "utf8"));
  if (!Array.isArray(rows)) throw new TypeError(`${SEMEVAL} is no list`);
  return rows.map(({ title, sentiment }) => ({ text: String(title), score: Number(sentiment) }));
}

/**
 * Whether a text may be looked at while words are chosen. Decided by its letters before anything was
 * tuned, so that a sentence that stands there twice is on one side.
 */
export function isForTuning(text: string): boolean {
  const letters = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, " ")
    .trim();
  return createHash("sha256").update(letters).digest().readUInt8(0) % 2 === 0;
}

function sentimentOf(label: string): Sentiment {
  if (label === "negative" || label === "neutral" || label === "positive") return label;
  throw new TypeError(`${label} is no label`);
}

/** A CSV cell, quoted where it has a comma. */
function cellOf(text: string): string {
  const line = text.replace(/\r$/, "");
  return line.startsWith('"') ? line.slice(1, -1).replaceAll('""', '"') : line;
}
