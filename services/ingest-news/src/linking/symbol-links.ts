import { canonicalSymbol } from "@amc/streams/facts/symbol";
import type { WatchedCompany } from "./watched-company.ts";

/** `$GME`, and not `$10` nor `US$GME`. */
const CASHTAG = /(?<![\w$])\$([A-Z]{1,5}(?:\.[A-Z])?)(?![\w$])/g;
/** `(NASDAQ: GME)`, `NYSE American: XYZ`; a symbol on another continent's exchange is another one. */
const EXCHANGE_TAG =
  /\b(?:NASDAQ|Nasdaq|NasdaqGS|NasdaqGM|NasdaqCM|NYSE|NYSE American|NYSE Arca|NYSEAMERICAN|NYSEARCA|AMEX)\s?:\s?([A-Z]{1,5}(?:[./-][A-Z]{1,2})?)\b/g;
/** Behind these the same letters are another company. */
const OTHER_EXCHANGES =
  "ASX|BIT|BSE|CSE|CVE|EPA|ETR|FRA|HEL|HKG|HKEX|JSE|LON|LSE|NSE|OMX|OSL|TSE|TSX|TSXV|TYO";
/** Shorter symbols are words. */
const BARE_SYMBOL_CHARACTERS_MIN = 3;
/** Of more companies it is a list and speaks of none of them. */
const LINKS_MAX = 10;

/** Says which companies a text is about. */
export type SymbolLinker = (text: {
  readonly title: string;
  readonly summary: string;
}) => readonly string[];

/**
 * Links texts to symbols: by cashtags and exchange tags anywhere, and of watched companies by name or
 * bare symbol in the title. With `watched`, other companies are left out.
 */
export function symbolLinker(watched: readonly WatchedCompany[]): SymbolLinker {
  const patterns = watched.map(({ symbol, name }) => ({
    symbol,
    inTitle: titlePattern(symbol, name),
  }));
  const wanted = new Set(watched.map(({ symbol }) => symbol));
  return ({ title, summary }) => {
    const tagged = [...taggedSymbols(title), ...taggedSymbols(summary)];
    const about = new Set(tagged);
    // In capitals throughout, every word looks like a symbol.
    const shouts = title === title.toUpperCase();
    for (const { symbol, inTitle } of patterns) {
      if (!shouts && inTitle.test(title)) about.add(symbol);
    }
    // Counted with those that nobody watches: they make it a list as well.
    if (about.size > LINKS_MAX) return [];
    return [...about].filter((each) => wanted.size === 0 || wanted.has(each)).sort();
  };
}

function taggedSymbols(text: string): readonly string[] {
  return [...text.matchAll(CASHTAG), ...text.matchAll(EXCHANGE_TAG)].flatMap(([, tag = ""]) => {
    const symbol = canonicalSymbol(tag);
    return symbol === null ? [] : [symbol];
  });
}

function titlePattern(symbol: string, name: string | null): RegExp {
  const words = [
    ...(symbol.length < BARE_SYMBOL_CHARACTERS_MIN ? [] : [symbol]),
    ...(name === null ? [] : [name]),
  ].map((word) => word.replace(/[$()*+.?[\\\]^{|}]/g, "\\$&"));
  // Matches nothing: a symbol of two letters without a name is linked by tags alone.
  return words.length === 0
    ? /(?!)/
    : new RegExp(
        `(?<![\\p{L}\\p{N}$.]|\\b(?:${OTHER_EXCHANGES})\\s?:\\s?)(?:${words.join("|")})(?![\\p{L}\\p{N}])`,
        "u",
      );
}
