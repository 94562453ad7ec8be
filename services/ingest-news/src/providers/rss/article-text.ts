import { withoutMarkup } from "@amc/platform/text/without-markup";

/** Of its HTML the rest is not looked at. */
const HTML_CHARACTERS_MAX = 80_000;
/** A first paragraph: who is tagged further down is mentioned, such as a competitor or who else moved. */
const LEAD_CHARACTERS_MAX = 600;
/** At the cut, so that half of `NYSE: GME` is no tag of another company. */
const CUT_WORD = /[\w$:./-]+$/;

/** What nobody reads on a page. Each ends at the first end of its kind, or with the text. */
const UNREAD = /<!--.*?(?:-->|$)|<(script|style|template|noscript)\b.*?(?:<\/\1\s*>|$)/gis;

/**
 * What an article says first, where it stands whom it is about, out of the HTML in which a feed carries it;
 * empty where it says nothing.
 */
export function articleLead(html: string): string {
  const text = withoutMarkup(html.slice(0, HTML_CHARACTERS_MAX).replace(UNREAD, " "));
  if (text.length <= LEAD_CHARACTERS_MAX) return text;
  return text.slice(0, LEAD_CHARACTERS_MAX).replace(CUT_WORD, "");
}
