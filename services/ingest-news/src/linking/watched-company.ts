import { canonicalSymbol } from "@amc/streams/facts/symbol";

/** A company whose news is wanted. */
export interface WatchedCompany {
  /** In canonical form. */
  readonly symbol: string;
  /** What headlines call it, such as `GameStop`; null when only its symbol is looked for. */
  readonly name: string | null;
}

/** A shorter name stands in too many headlines. */
const NAME_CHARACTERS_MIN = 3;

/** As `readWatchList` reads it. */
export function watchListText(companies: readonly WatchedCompany[]): string {
  return companies
    .map(({ symbol, name }) => (name === null ? symbol : `${symbol}=${name}`))
    .join(",");
}

/**
 * Companies of a list such as `GME=GameStop,AMC=AMC Entertainment,BB`; a symbol may stand there with
 * several names. Null when a part of it is none.
 */
export function readWatchList(text: string): readonly WatchedCompany[] | null {
  const companies: WatchedCompany[] = [];
  for (const part of text.split(",").filter((each) => each.trim() !== "")) {
    const [symbolText = "", name = null, ...rest] = part.split("=").map((each) => each.trim());
    const symbol = canonicalSymbol(symbolText.toUpperCase());
    const isName = name === null || name.length >= NAME_CHARACTERS_MIN;
    if (symbol === null || !isName || rest.length > 0) return null;
    companies.push({ symbol, name });
  }
  return companies;
}
