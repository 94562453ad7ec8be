import { EVIDENCE, type Evidence, headlineEvidence } from "./headline-evidence.ts";

export const SENTIMENTS = ["negative", "neutral", "positive"] as const;
export type Sentiment = (typeof SENTIMENTS)[number];

/** How a headline reads to a shareholder of the company that it is about. */
export interface HeadlineSentiment {
  /** The most probable one. */
  readonly sentiment: Sentiment;
  /** How often a headline of this evidence is of that sentiment, 0 to 1. */
  readonly probability: number;
  /** -1 to 1: probability of positive less that of negative. */
  readonly polarity: number;
  readonly probabilities: Readonly<Record<Sentiment, number>>;
}

/** What one count of a kind of evidence adds to the log odds against neutral. */
export interface EvidenceWeight {
  readonly positive: number;
  readonly negative: number;
}

/**
 * Multinomial logistic regression over the counts, L2 penalty 1, fitted on one half of the Financial
 * PhraseBank (Malo et al. 2014, half agreement). The fit and what it reaches on the other half are in
 * `sentiment.int.test.ts`, which holds these figures to it.
 */
export const EVIDENCE_WEIGHTS: Readonly<Record<keyof Evidence, EvidenceWeight>> = {
  goodMoves: { positive: 3.53, negative: 0.06 },
  badMoves: { positive: 0.03, negative: 4.43 },
  otherRises: { positive: 1.72, negative: -0.15 },
  otherFalls: { positive: -0.27, negative: 2.26 },
  betterFigures: { positive: 2.64, negative: 0.28 },
  worseFigures: { positive: 1.27, negative: 2.12 },
  praise: { positive: 1.56, negative: -0.22 },
  blame: { positive: 0.22, negative: 1.99 },
  wins: { positive: 1.05, negative: 0.02 },
  dealings: { positive: 0.37, negative: -1.36 },
  intends: { positive: 0.29, negative: -0.06 },
  hasAmount: { positive: 0.27, negative: 0.32 },
  hasLoss: { positive: 0.89, negative: 1.95 },
};

/** Log odds of a headline without any evidence. */
export const NO_EVIDENCE: EvidenceWeight = { positive: -2.4, negative: -2.8 };

const DECIMALS = 1e4;

/** Sentiment of a headline in English; null for one that has no word. */
export function headlineSentiment(headline: string): HeadlineSentiment | null {
  if (!/[a-z]/i.test(headline)) return null;
  const { positive, negative } = logOdds(headlineEvidence(headline));
  const odds = { negative: Math.exp(negative), neutral: 1, positive: Math.exp(positive) };
  const total = odds.negative + odds.neutral + odds.positive;
  const probabilities = {
    negative: odds.negative / total,
    neutral: odds.neutral / total,
    positive: odds.positive / total,
  };
  const sentiment = SENTIMENTS.reduce((best, each) =>
    probabilities[each] > probabilities[best] ? each : best,
  );
  const polarity = probabilities.positive - probabilities.negative;
  return {
    sentiment,
    probability: probabilities[sentiment],
    polarity: Math.round(polarity * DECIMALS) / DECIMALS,
    probabilities,
  };
}

function logOdds(evidence: Evidence): EvidenceWeight {
  let { positive, negative } = NO_EVIDENCE;
  for (const name of EVIDENCE) {
    positive += evidence[name] * EVIDENCE_WEIGHTS[name].positive;
    negative += evidence[name] * EVIDENCE_WEIGHTS[name].negative;
  }
  return { positive, negative };
}
