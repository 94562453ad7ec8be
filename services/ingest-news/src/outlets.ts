/** Credibility of outlets, 0 to 1: the two that are given (domain-facts §4.4); others are unknown. */
const CREDIBILITY: Readonly<Record<string, number>> = {
  "reuters.com": 0.9,
  "twitter.com": 0.4,
  "x.com": 0.4,
};

/** Null when nobody has said how far an outlet is to be believed. */
export function outletCredibility(outlet: string): number | null {
  const known = Object.entries(CREDIBILITY).find(
    ([host]) => outlet === host || outlet.endsWith(`.${host}`),
  );
  return known?.[1] ?? null;
}
