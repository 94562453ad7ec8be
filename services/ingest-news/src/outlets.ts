/** Credibility of outlets, 0 to 1: the two that are given (domain-facts §4.4); others are unknown. */
const CREDIBILITY: Readonly<Record<string, number>> = {
  "reuters.com": 0.9,
  "twitter.com": 0.4,
  "x.com": 0.4,
};

/**
 * By the address that a feed was fetched from, and never by what is written in it: there a feed can name
 * whatever outlet it likes. Null for a file, for what anybody on the way could have written, and when nobody has
 * said how far an outlet is to be believed.
 */
export function feedCredibility(address: URL | null): number | null {
  if (address?.protocol !== "https:") return null;
  const { hostname } = address;
  const known = Object.entries(CREDIBILITY).find(
    ([host]) => hostname === host || hostname.endsWith(`.${host}`),
  );
  return known?.[1] ?? null;
}
