import { headlineWords } from "./headline-words.ts";
import { isNegation } from "./sentiment-words.ts";

/** What a headline announces. A closed list: whatever else there is has none. */
export const HEADLINE_EVENTS = [
  "bankruptcy",
  "delisting",
  "approval-refused",
  "approval",
  "halt",
  "reverse-split",
  "split",
  "offering",
  "buyback",
  "squeeze-talk",
  "merger",
  "lawsuit",
  "guidance",
  "earnings",
  "dividend",
  "analyst-rating",
  "management",
  "layoffs",
  "contract",
] as const;
export type HeadlineEvent = (typeof HEADLINE_EVENTS)[number];

/**
 * How each is said, in the words of `headlineWords` with a blank between any two. Marks are words
 * too, so that nothing is said across a comma.
 */
const SAID: Readonly<Record<HeadlineEvent, RegExp>> = {
  bankruptcy:
    /\b(?:bankruptcy|bankrupt|chapter (?:11|7|15)|insolvency|insolvent|going concern|receivership|files? for (?:creditor )?protection)\b/,
  delisting:
    /\b(?:delist(?:s|ed|ing)?|delisting notice|non-?compliance (?:notice|letter)|(?:minimum bid|listing) (?:price )?(?:requirement|deficiency|rule)s?|removed from (?:the )?(?:nasdaq|nyse))\b/,
  halt: /\b(?:(?:trading|shares?|stock) (?:is |are |was |were |remains? )?(?:briefly |temporarily )?(?:halted|suspended|paused)|(?:trading|volatility|circuit breaker) (?:halts?|pauses?|suspension)|(?:halts?|halted|suspends?|suspended|pauses?) (?:in )?trading|luld|halted (?:for|on|pending|after))\b/,
  "approval-refused":
    /\b(?:complete response letter|crl|refuse to file|clinical hold|(?:fda|regulators?|ema|doj|ftc|cma|judge|court) (?:\w+ )?(?:rejects?|rejected|blocks?|blocked|declines?|declined|refuses?|refused)|(?:rejected|blocked|refused|turned down) by (?:the )?(?:fda|ema|regulators?|doj|ftc|cma|court))\b/,
  approval:
    /\b(?:(?:fda|ema|ec|regulators?|regulatory|european commission|marketing|emergency use|antitrust|government) (?:\w+ ){0,2}?(?:approval|approves?|approved|authori[sz]ation|authori[sz]es?|authori[sz]ed|clearance|clears?|cleared|okays|greenlights?)|(?:approved|cleared|authori[sz]ed) by (?:the )?(?:us |u\.s )?(?:fda|ema|ec|regulators?|european commission)|510 ?\(? ?k ?\)? clearance|breakthrough (?:therapy|device) designation|fast track designation|orphan drug designation|(?:wins?|won|gets?|got|receives?|received|secures?) (?:\w+ ){0,2}?approval)\b/,
  "reverse-split": /\breverse (?:stock |share )?splits?\b/,
  split: /\b(?:stock|share|forward|for-\d+|\d+-for-1|for-one) splits?\b/,
  offering:
    /\b(?:(?:public|direct|secondary|registered|stock|share|equity|common stock|underwritten|at-the-market|follow-on|rights|notes|private|atm) (?:\w+ ){0,2}?(?:offerings?|placement|issue|program)|prices? (?:\w+ ){0,4}?offering|offering of (?:\w+ ){0,4}?(?:shares|stock|notes|warrants)|(?:raise|raises|raised|raising) (?:up )?(?:to )?\$ \S+ (?:million|billion|m|mn|bn)(?: \w+){0,3}? (?:offering|placement|shares?|stock|equity)|sells? (?:\S+ ){0,2}?(?:million|mn|m) (?:new )?shares|at-the-market|dilutive|shelf registration|convertible (?:senior )?notes)\b/,
  buyback:
    /\b(?:buy-?backs?|(?:share|stock) repurchases?|repurchases? (?:\S+ ){0,4}?(?:shares|stock)|buy back)\b/,
  "squeeze-talk":
    /\b(?:short squeezes?|squeezes?(?! on\b)|squeezed|short sellers?|short-sellers?|short interest|shorts|meme stocks?|wallstreetbets|reddit|gamma squeeze|roaring kitty|heavily shorted|most shorted)\b/,
  merger:
    /\b(?:mergers?|merges?|merging|acquires?|acquired|acquiring|acquisitions?|takeovers?|take over|buyouts?|tender offer|to buy|to be acquired|to be bought|go private|going private|take private|spac|agrees to buy|bid for)\b/,
  lawsuit:
    /\b(?:lawsuits?|sues?|sued|suing|class action|litigation|subpoenas?|(?:sec|doj|ftc|criminal|fraud|antitrust|federal|insider trading) (?:\w+ )?(?:probe|investigation|charges|charged|inquiry|lawsuit)|investigat(?:es?|ed|ing|ion|ions)|probes?|settle(?:s|d|ment)|fraud|patent (?:suit|infringement|case)|fined|jury|verdict|shareholder alert)\b/,
  guidance:
    /\b(?:guidance|outlook|profit warnings?|(?:raises?|raised|cuts?|cut|lowers?|lowered|lifts?|lifted|reaffirms?|reiterates?|withdraws?|trims?|slashes?|boosts?|hikes?|updates?|narrows?) (?:its |full-year |fy\S* |annual |quarterly |earnings |profit |revenue |sales |\d+ )*(?:forecasts?|view|estimates?|targets?|expectations)|(?:sees|expects|forecasts|projects) (?:\S+ ){0,3}?(?:revenue|sales|profit|earnings|eps|results?|growth)|warns? (?:on|of) (?:\S+ ){0,3}?(?:profit|earnings|sales|revenue|full year))\b/,
  earnings:
    /\b(?:earnings|eps|(?:quarterly|quarter|annual|full-year|half-year|first-half|q [1-4]|first-quarter|second-quarter|third-quarter|fourth-quarter) (?:\w+ ){0,3}?(?:results?|profits?|loss|losses|revenues?|sales|net)|(?:operating|net|pretax|pre-tax|gross) (?:profit|loss|income|sales|result)|(?:profits?|loss|losses|revenues?|sales) (?:\w+ ){0,2}?(?:rises?|rose|falls?|fell|jumps?|jumped|drops?|dropped|grew|declined?|increased|decreased|beats?|misses|widens?|narrows?|up|down|totall?ed)|(?:beats?|misses|tops?|exceeds?) (?:\w+ ){0,3}?(?:estimates?|expectations|forecasts?|consensus)|(?:reports|posts|reported|posted) (?:\S+ ){0,4}?(?:results?|profit|loss|revenue|sales))\b/,
  dividend: /\b(?:dividends?|distribution per share)\b/,
  "analyst-rating":
    /\b(?:upgrades?|upgraded|downgrades?|downgraded|price targets?|target price|initiat(?:es?|ed|ing) (?:\w+ )?(?:coverage|at)|rated (?:buy|sell|hold|neutral|overweight|underweight|outperform)|(?:buy|sell|hold|overweight|underweight|outperform|underperform) rating)\b/,
  management:
    /\b(?:(?:ceo|cfo|coo|chief executive|chief financial officer|chairman|chairwoman|president|managing director|director|board) (?:\S+ ){0,3}?(?:resigns?|resigned|steps? down|stepping down|to leave|leaves|quits?|departs?|retires?|fired|ousted|out|appointed|named|steps aside)|(?:names?|named|appoints?|appointed|hires?|hired) (?:\S+ ){0,5}?(?:ceo|cfo|coo|chief|chairman|chairwoman|president|director|head)|new (?:ceo|cfo|chief|chairman))\b/,
  layoffs:
    /\b(?:lay-?offs?|lays? off|laid off|laying off|job cuts?|cuts? (?:\S+ ){0,3}?jobs|redundanc(?:y|ies)|redundant|(?:workforce|staff|headcount) (?:reductions?|cuts?)|cuts? (?:\S+ ){0,2}?(?:workforce|staff|headcount)|restructuring|to close (?:\S+ ){0,2}?(?:plant|factory|stores?))\b/,
  contract:
    /\b(?:contracts?|orders? (?:from|for|worth|valued)|wins? (?:\S+ ){0,3}?(?:order|deal)|awarded|purchase order|supply agreement|partnership|partners with|joint venture|collaboration|(?:signs?|signed|inks) (?:\S+ ){0,3}?(?:agreement|deal|contract))\b/,
};

/** Words before an event within which it is denied: "rules out a merger". */
const DENIAL_WORDS = 4;

/**
 * The event that a headline announces, the most consequential when it names several; null when it
 * names none, and when what it names is denied.
 */
export function headlineEvent(headline: string): HeadlineEvent | null {
  const text = headlineWords(headline)
    .map((word) => word.text)
    .join(" ");
  return HEADLINE_EVENTS.find((event) => isSaid(SAID[event], text)) ?? null;
}

function isSaid(said: RegExp, text: string): boolean {
  const match = said.exec(text);
  if (match === null) return false;
  const before = text.slice(0, match.index).trimEnd();
  if (/\brul(?:es?|ed|ing) out(?: \w+){0,3}$/.test(before)) return false;
  const words = before.split(" ").slice(-DENIAL_WORDS);
  const clause = words.slice(words.findLastIndex((word) => /^[;:,.?!]$/.test(word)) + 1);
  return !clause.some(isNegation);
}
