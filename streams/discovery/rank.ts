/** What decides the place of a candidate in a run. */
interface Ranked {
  readonly symbol: string;
  readonly score: number;
  readonly confidence: number;
}

/** Best first: score, confidence, then the symbol, so that no two are ever equal. */
export function byRank(a: Ranked, b: Ranked): number {
  return b.score - a.score || b.confidence - a.confidence || (a.symbol < b.symbol ? -1 : 1);
}
