import { withoutMarkup } from "@amc/platform/text/without-markup";

/** Of a longer one the rest is not read: whom it is about stands at its head. */
const CHARACTERS_MAX = 20_000;

/** What nobody reads on a page. Each ends at the first end of its kind, or with the text. */
const UNREAD = /<!--.*?(?:-->|$)|<(script|style|template|noscript)\b.*?(?:<\/\1\s*>|$)/gis;

/** What an article says, out of the HTML in which a feed carries it; empty where it says nothing. */
export function articleText(html: string): string {
  return withoutMarkup(html.slice(0, 4 * CHARACTERS_MAX).replace(UNREAD, " ")).slice(
    0,
    CHARACTERS_MAX,
  );
}
