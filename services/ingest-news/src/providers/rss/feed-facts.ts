import {
  type Collected,
  collectEach,
  collectRows,
  type Refused,
  RowRefusal,
  validFact,
} from "@amc/platform/http/collected";
import { withoutMarkup } from "@amc/platform/text/without-markup";
import { checkHeard } from "@amc/schemas/domain-checks";
import { newsFact } from "@amc/streams/facts/news";
import type { Fact } from "@amc/streams/kernel/fact";
import { uuidOf } from "@amc/streams/kernel/ids";
import { providerWeight } from "@amc/streams/market/provider-weights";
import type { StalenessLimits } from "@amc/streams/market/shelf-life";
import { type HeadlineEvent, headlineEvent } from "@amc/streams/news/event-type";
import { headlineSentiment } from "@amc/streams/news/sentiment";
import type { SymbolLinker } from "../../linking/symbol-links.ts";
import { feedCredibility } from "../../outlets.ts";
import type { KnownStories, Story } from "../../stories/known-stories.ts";
import { storyAddress } from "../../stories/story-address.ts";
import { articleLead } from "./article-text.ts";
import { feedTime } from "./feed-time.ts";
import type { Feed, FeedItem } from "./read-feed.ts";

/** When and after which round trip a feed came; a file took none. */
export interface FeedCapture {
  /** UTC ms. */
  readonly at: number;
  readonly latencyMs: number | null;
}

/** What a feed's items are held to. */
export interface FeedContext {
  /** Host or file: the source of all that it says, whoever an item names. */
  readonly feed: string;
  /** What was asked for it; null for a file. */
  readonly address: URL | null;
  readonly captured: FeedCapture;
  readonly simulated: boolean;
  /** Left out for the age of the planning documents. */
  readonly staleness?: StalenessLimits | undefined;
  readonly linksOf: SymbolLinker;
  /** Gets what the feed tells anew. */
  readonly known: KnownStories;
}

/** A story about a symbol that was not known. */
export interface ToldStory extends Story {
  readonly event: HeadlineEvent | null;
  /** -1 to 1; null in another language than English. */
  readonly polarity: number | null;
}

/** What a feed came to. */
export interface FeedNews {
  readonly facts: readonly Fact[];
  readonly refused: readonly Refused[];
  readonly told: readonly ToldStory[];
  /** Items about no symbol that is wanted. */
  readonly unlinked: number;
  /** Stories that were known. */
  readonly repeated: number;
}

/** An item that says what and when. */
interface DatedItem {
  readonly headline: string;
  readonly summary: string;
  readonly publishedAt: number;
  readonly url: string | null;
  readonly itemId: string;
}

/** A shorter `guid` is a number that another outlet may have as well. */
const UNIQUE_GUID_CHARACTERS_MIN = 16;
const ITEM_ID_CHARACTERS_MAX = 200;
const URL_CHARACTERS_MAX = 2_048;

/**
 * Throws `provider.unreadable` for a feed most of whose items have no headline or no time at which
 * they can have been published.
 */
export function checkItems({ items }: Feed, feed: string, captured: FeedCapture): void {
  collectRows(
    items,
    () => null,
    (item) => {
      datedItem(item, feed, captured);
      return [];
    },
  );
}

/** News of the items that are about somebody, were not known, and say when they were published. */
export function feedNews({ items, language }: Feed, context: FeedContext): FeedNews {
  const told: ToldStory[] = [];
  let unlinked = 0;
  let repeated = 0;
  const isEnglish = language === null || /^en\b/i.test(language);
  const { facts, refused }: Collected = collectEach(
    items,
    () => null,
    (item) => {
      const dated = datedItem(item, context.feed, context.captured);
      const symbols = context.linksOf({ title: dated.headline, summary: dated.summary });
      if (symbols.length === 0) unlinked += 1;
      const stories = symbols.map((symbol) => ({
        ...storyOf(dated, symbol),
        ...reading(dated, isEnglish),
      }));
      const fresh = stories.filter((story) => !context.known.has(story));
      repeated += stories.length - fresh.length;
      // What is refused has not been told, and a good copy further down is not a repetition of it.
      const factsOfItem = fresh.map((story) => validFact(factOf(story, context)));
      for (const story of fresh) context.known.add(story);
      told.push(...fresh);
      return factsOfItem;
    },
  );
  return { facts, refused, told, unlinked, repeated };
}

/** Throws RowRefusal for an item that says nothing, or not when. */
function datedItem(item: FeedItem, feed: string, captured: FeedCapture): DatedItem {
  const address = storyAddress(item.link);
  const named = storyAddress(item.outlet?.url ?? null);
  const outlet = named?.outlet ?? address?.outlet ?? feed;
  const headline = headlineOf(item);
  if (headline === "") throw new RowRefusal("rss.no-title", "an item without a title");
  const url = address === null || address.url.length > URL_CHARACTERS_MAX ? null : address.url;
  return {
    ...{ headline, url },
    // Companies are linked by tags in it, and press releases have theirs in the first sentence.
    summary: `${withoutMarkup(item.summary)} ${articleLead(item.article)}`,
    publishedAt: publishedAtOf(item, captured),
    itemId: itemIdOf(item.guid ?? url ?? headline, outlet),
  };
}

/** Aggregators put the outlet behind the title. */
function headlineOf({ title, outlet }: FeedItem): string {
  const plain = withoutMarkup(title);
  const suffix = ` - ${outlet?.name ?? ""}`;
  return outlet !== null && outlet.name !== "" && plain.endsWith(suffix)
    ? plain.slice(0, -suffix.length)
    : plain;
}

function publishedAtOf({ published }: FeedItem, captured: FeedCapture): number {
  if (published === null) throw new RowRefusal("rss.no-date", "an item without a date");
  const publishedAt = feedTime(published);
  if (publishedAt === null) {
    const message = `${JSON.stringify(published.slice(0, 60))} is no instant`;
    throw new RowRefusal("rss.date", message);
  }
  const found = checkHeard(publishedAt, captured.at, "published");
  if (found !== null) throw new RowRefusal(found.code, found.message);
  return publishedAt;
}

function itemIdOf(text: string, outlet: string): string {
  if (text.length < UNIQUE_GUID_CHARACTERS_MIN) return `${outlet}/${text}`;
  return text.length > ITEM_ID_CHARACTERS_MAX ? uuidOf(text) : text;
}

function storyOf({ headline, publishedAt, url, itemId }: DatedItem, symbol: string): Story {
  return { symbol, publishedAt, headline, url, itemId };
}

function reading({ headline }: DatedItem, isEnglish: boolean) {
  return {
    event: isEnglish ? headlineEvent(headline) : null,
    polarity: isEnglish ? (headlineSentiment(headline)?.polarity ?? null) : null,
  };
}

/** Of feeds; none of them is a provider that the table names, whatever its host or file is called. */
const FEED_WEIGHT = providerWeight("rss", "market.news.v1");

function factOf(story: ToldStory, context: FeedContext): Fact {
  const { feed, address, captured, simulated, staleness } = context;
  const { symbol, publishedAt, headline, itemId, url, polarity } = story;
  return newsFact(
    {
      ...{ symbol, publishedAt, headline, itemId, url, polarity },
      // An item speaks of the moment at which it comes out; what it announces it says in words.
      ...{ happenedAt: publishedAt, isDateOnly: false, eventAt: null },
      credibility: feedCredibility(address),
    },
    {
      ...{ source: feed, confidence: FEED_WEIGHT, simulated, staleness, captured },
    },
  );
}
