import { unreadableFeed } from "./feed-text.ts";

/** A feed's items lie three deep; XHTML inside of an Atom entry adds some. */
const DEPTH_MAX = 32;
/** A parse of so many takes some 50 ms and 20 MB. */
const TAGS_MAX = 20_000;
const TAG_CHARACTERS_MAX = 8_192;
/** As `&amp;`; every one costs the parser a look-up. */
const REFERENCES_MAX = 50_000;

/** A tag with its attributes, whose values may hold `>`. The alternatives exclude each other. */
const TAG = /<(?:[^<>"']|"[^"<]*"|'[^'<]*')*>/y;

/** Where what begins so ends; markup inside of it is text. */
const SECTIONS = [
  { opens: "<!--", closes: "-->" },
  { opens: "<![CDATA[", closes: "]]>" },
  { opens: "<?", closes: "?>" },
] as const;

/**
 * Refuses, in one pass and before anything is parsed, what no feed has: a document type with its
 * entities, nesting without end, tags by the hundred thousand (reliability.md B13). Throws
 * `provider.unreadable`.
 */
export function checkMarkup(text: string): void {
  let depth = 0;
  let tags = 0;
  for (let at = text.indexOf("<"); at !== -1; at = text.indexOf("<", at)) {
    const section = SECTIONS.find(({ opens }) => text.startsWith(opens, at));
    if (section !== undefined) {
      at = endOf(text, at, section.closes);
      continue;
    }
    if (text.startsWith("<!", at)) throw unreadableFeed("it has a document type");
    const end = tagEnd(text, at);
    tags += 1;
    if (text.startsWith("</", at)) depth -= 1;
    else if (text[end - 2] !== "/") depth += 1;
    if (depth > DEPTH_MAX) throw unreadableFeed(`it is nested more than ${DEPTH_MAX} deep`);
    if (tags > TAGS_MAX) throw unreadableFeed(`it has more than ${TAGS_MAX} tags`);
    at = end;
  }
  if (text.split("&", REFERENCES_MAX + 2).length > REFERENCES_MAX + 1) {
    throw unreadableFeed(`it has more than ${REFERENCES_MAX} references`);
  }
}

/** Behind the next `closes`. */
function endOf(text: string, from: number, closes: string): number {
  const at = text.indexOf(closes, from);
  if (at === -1) throw unreadableFeed("it ends in the middle");
  return at + closes.length;
}

/** Behind the tag that begins there. */
function tagEnd(text: string, from: number): number {
  TAG.lastIndex = from;
  if (!TAG.test(text)) throw unreadableFeed("it has a tag without an end");
  if (TAG.lastIndex - from > TAG_CHARACTERS_MAX) throw unreadableFeed("it has an endless tag");
  return TAG.lastIndex;
}
