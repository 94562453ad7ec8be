import { headlineWords } from "@amc/streams/news/headline-words";

/** A story about one symbol, in a feed or in the log. */
export interface Story {
  readonly symbol: string;
  /** UTC ms. */
  readonly publishedAt: number;
  readonly headline: string;
  /** As `storyAddress` has it. */
  readonly url: string | null;
  readonly itemId: string;
}

/** The same headline after longer than this is another story, such as of the next quarter. */
export const SAME_HEADLINE_MS = 72 * 3_600_000;

/**
 * Stories that are known, so that one which several feeds carry, or one feed carries for days, is told
 * once: by its identity, by its address, or by its words within 72 hours.
 */
export class KnownStories {
  readonly #ids = new Set<string>();
  /** When a headline was published. */
  readonly #headlines = new Map<string, number[]>();

  has(story: Story): boolean {
    if (idsOf(story).some((id) => this.#ids.has(id))) return true;
    const times = this.#headlines.get(wordsOf(story)) ?? [];
    return times.some((at) => Math.abs(at - story.publishedAt) <= SAME_HEADLINE_MS);
  }

  add(story: Story): void {
    for (const id of idsOf(story)) this.#ids.add(id);
    const words = wordsOf(story);
    this.#headlines.set(words, [...(this.#headlines.get(words) ?? []), story.publishedAt]);
  }
}

function idsOf({ symbol, url, itemId }: Story): readonly string[] {
  return [`${symbol} id ${itemId}`, ...(url === null ? [] : [`${symbol} at ${schemeless(url)}`])];
}

const schemeless = (url: string) => url.replace(/^https?:\/\/(?:www\.)?/, "").replace(/\/$/, "");

function wordsOf({ symbol, headline }: Story): string {
  const words = headlineWords(headline).filter((word) => /[a-z0-9]/.test(word.text));
  // Of another script nothing is left, and then the headline stands for itself.
  const text = words.length === 0 ? headline : words.map((word) => word.text).join(" ");
  return `${symbol} ${text}`;
}
