/**
 * Parameters that say from where somebody came and not what they read. Names such as `cid`, `ref`,
 * `src`, `mod` and `partner` do so at one outlet and name the story at another: they stay, for a story
 * told twice costs less than one that is taken for another.
 */
const TRACKING = /^(?:utm_.*|\.?tsrc|cmpid|guc.*|fbclid|gclid|mc_[ce]id|ncid|soc_(?:src|trk))$/i;

/** Longer than any address that somebody reads; taking tracking out takes time with its square. */
const ADDRESS_CHARACTERS_MAX = 2_048;

/** Where a story stands, the same whoever links to it. */
export interface StoryAddress {
  readonly url: string;
  /** Host without `www.`. */
  readonly outlet: string;
}

/**
 * The address of a story without what feeds add to it; null for none and for what is not the address
 * of a page, such as `javascript:`.
 */
export function storyAddress(text: string | null): StoryAddress | null {
  if (text === null || text.length > ADDRESS_CHARACTERS_MAX || !URL.canParse(text)) return null;
  const url = new URL(text);
  if (url.protocol !== "https:" && url.protocol !== "http:") return null;
  if (url.username !== "" || url.password !== "") return null;
  url.hash = "";
  for (const name of [...url.searchParams.keys()]) {
    if (TRACKING.test(name)) url.searchParams.delete(name);
  }
  url.searchParams.sort();
  return { url: url.href, outlet: url.hostname.replace(/^www\./, "") };
}
