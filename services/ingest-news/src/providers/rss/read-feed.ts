import type { HttpAnswer } from "@amc/platform/http/exchange";
import { parseXml, XmlElement } from "@rgrove/parse-xml";
import { feedText, unreadableFeed } from "./feed-text.ts";
import { checkMarkup } from "./markup-limits.ts";

/** An item or entry as the feed has it: nothing is checked but that it is there. */
export interface FeedItem {
  readonly title: string;
  /** Summary or description; empty without one. It may hold markup. */
  readonly summary: string;
  /** The whole article, HTML, where the feed carries it (`content:encoded`, `content` of Atom); empty without one. */
  readonly article: string;
  readonly link: string | null;
  /** `guid` of RSS, `id` of Atom. */
  readonly guid: string | null;
  /** When it was published, as stated. */
  readonly published: string | null;
  /** Whom an aggregator has it from: a name and an address. */
  readonly outlet: { readonly name: string; readonly url: string | null } | null;
}

export interface Feed {
  /** As stated, such as `en-US`; null where it is not. */
  readonly language: string | null;
  readonly items: readonly FeedItem[];
}

/** A feed of more is none; real ones have 20 to 200. */
const ITEMS_MAX = 2_000;

/** Reads RSS 2.0 or Atom 1.0. Throws `provider.unreadable` for anything else and for half a feed. */
export function readFeed(answer: Pick<HttpAnswer, "body">): Feed {
  const text = feedText(answer);
  checkMarkup(text);
  const root = rootOf(text);
  const feed = root.name === "feed" ? atomFeed(root) : rssFeed(root);
  if (feed.items.length > ITEMS_MAX) throw unreadableFeed(`it has more than ${ITEMS_MAX} items`);
  return feed;
}

function rootOf(text: string): XmlElement {
  try {
    const { root } = parseXml(text.trimStart());
    if (root !== null) return root;
  } catch (error) {
    throw unreadableFeed("it is not well-formed", error);
  }
  throw unreadableFeed("it is empty");
}

function rssFeed(root: XmlElement): Feed {
  const channel = root.name === "rss" ? childOf(root, "channel") : null;
  if (channel === null) throw unreadableFeed(`its root is <${root.name.slice(0, 40)}>`);
  return {
    language: textOf(channel, "language"),
    items: childrenOf(channel, "item").map((item) => {
      const source = childOf(item, "source");
      return {
        title: textOf(item, "title") ?? "",
        summary: textOf(item, "description") ?? "",
        article: textOf(item, "content:encoded") ?? "",
        link: textOf(item, "link"),
        guid: textOf(item, "guid"),
        published: textOf(item, "pubDate") ?? textOf(item, "dc:date"),
        outlet:
          source === null ? null : { name: source.text.trim(), url: source.attributes.url ?? null },
      };
    }),
  };
}

function atomFeed(root: XmlElement): Feed {
  return {
    language: root.attributes["xml:lang"] ?? null,
    items: childrenOf(root, "entry").map((entry) => {
      const links = childrenOf(entry, "link");
      const link = links.find(({ attributes }) => (attributes.rel ?? "alternate") === "alternate");
      const source = childOf(entry, "source");
      return {
        title: textOf(entry, "title") ?? "",
        summary: textOf(entry, "summary") ?? "",
        article: textOf(entry, "content") ?? "",
        link: link?.attributes.href ?? null,
        guid: textOf(entry, "id"),
        // An entry that was edited says what it says since then: `updated` may not be missing, and is never
        // before `published` (RFC 4287 §4.2).
        published: textOf(entry, "updated") ?? textOf(entry, "published"),
        outlet:
          source === null
            ? null
            : { name: textOf(source, "title") ?? "", url: textOf(source, "id") },
      };
    }),
  };
}

function childrenOf(parent: XmlElement, name: string): readonly XmlElement[] {
  return parent.children.filter(
    (child): child is XmlElement => child instanceof XmlElement && child.name === name,
  );
}

const childOf = (parent: XmlElement, name: string) => childrenOf(parent, name)[0] ?? null;

/** Null where there is no such child or nothing in it. */
function textOf(parent: XmlElement, name: string): string | null {
  const text = childOf(parent, name)?.text.trim() ?? "";
  return text === "" ? null : text;
}
