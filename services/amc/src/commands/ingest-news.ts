import { readFile, stat } from "node:fs/promises";
import { basename } from "node:path";
import { symbolLinker } from "@amc/ingest-news/linking/symbol-links";
import { readWatchList, type WatchedCompany } from "@amc/ingest-news/linking/watched-company";
import {
  checkItems,
  type FeedCapture,
  type FeedNews,
  feedNews,
  type ToldStory,
} from "@amc/ingest-news/providers/rss/feed-facts";
import { type Feed, readFeed } from "@amc/ingest-news/providers/rss/read-feed";
import { fetchFeed } from "@amc/ingest-news/providers/rss/rss";
import { REMEMBERED_MS, storiesInLog } from "@amc/ingest-news/stories/stories-in-log";
import { loadProcessConfig } from "@amc/platform/config/load-config";
import { isProviderError } from "@amc/platform/http/provider-error";
import { refuseMixed } from "@amc/platform/http/refuse-mixed";
import { appendFacts } from "@amc/platform/log/append-facts";
import type { Log } from "@amc/platform/log/port";
import { errorCode } from "@amc/platform/postgres/errors";
import type { StalenessLimits } from "@amc/streams/market/shelf-life";
import type { CommandSpec, CommandWords } from "../command.ts";
import { CommandError, EXIT } from "../exit-codes.ts";
import { LOG_OPTIONS, withNamedLog } from "../operations/named-log.ts";
import { accessProvider } from "../operations/provider-access.ts";
import { formatCount } from "../output/format.ts";
import { Printer } from "../output/printer.ts";

export const INGEST_NEWS: CommandSpec = {
  name: "ingest news",
  summary: "Appends the news of an RSS or Atom feed, with sentiment, to the log",
  examples: [
    "npm run amc -- ingest news --feed https://feeds.finance.yahoo.com/rss/2.0/headline?s=GME --symbols GME=GameStop",
    "npm run amc -- ingest news --feed feed.xml",
  ],
  options: {
    feed: { type: "string", value: "<address or file>", doc: "feed to read, RSS 2.0 or Atom" },
    symbols: {
      type: "string",
      value: "<list>",
      doc: "companies wanted, such as GME=GameStop,AMC; without it, whichever has a $TAG or (NASDAQ: TAG)",
    },
    private: { type: "boolean", doc: "the address of the feed itself may be a private one" },
    ...LOG_OPTIONS,
  },
  run,
};

const PRODUCER = "/amc/ingest-news";
const FILE_BYTES_MAX = 5_000_000;

/** A feed with who told it and when. */
interface ReadFeed {
  readonly feed: Feed;
  readonly name: string;
  /** Null for a file. */
  readonly address: URL | null;
  readonly captured: FeedCapture;
  readonly simulated: boolean;
  /** Left out for a file. */
  readonly staleness?: StalenessLimits | undefined;
}

async function run(words: CommandWords): Promise<number> {
  const place = words.text("feed");
  if (place === undefined) throw new CommandError(EXIT.usage, "give --feed <address or file>");
  const watched = watchListOf(words.text("symbols"));
  const linksOf = symbolLinker(watched);
  const printer = new Printer(words.flag("json"));
  const { news, items } = await withNamedLog(words, async (log) => {
    const { feed, ...told } = /^[a-z]+:\/\//i.test(place)
      ? await fetched(log, addressOf(place), words.flag("private"), watched)
      : await fromFile(log, place);
    const known = await storiesInLog(log, told.captured.at - REMEMBERED_MS, told.simulated);
    const context = { ...told, feed: told.name, linksOf, known };
    const found = feedNews(feed, context);
    await appendFacts(log, found.facts, PRODUCER);
    return { news: found, items: feed.items.length };
  });
  const { facts, refused, told, ...counts } = news;
  const byCode = countBy(refused, ({ code }) => code);
  printer.line(
    {
      ...{ type: "ingest", provider: "rss", items, facts: facts.length, ...counts },
      ...{ refused: byCode, events: countBy(told, ({ event }) => event ?? "none"), told },
    },
    textOf(news, items, byCode),
  );
  return EXIT.ok;
}

function watchListOf(text: string | undefined) {
  const watched = readWatchList(text ?? "");
  if (watched !== null) return watched;
  const message = `--symbols takes a list such as GME=GameStop,AMC, was ${text}`;
  throw new CommandError(EXIT.usage, message);
}

function addressOf(text: string): URL {
  if (URL.canParse(text)) return new URL(text);
  // It may hold a key.
  throw new CommandError(EXIT.usage, "--feed is no address: give https://host/path");
}

async function fetched(
  log: Log,
  url: URL,
  mayBePrivate: boolean,
  watched: readonly WatchedCompany[],
): Promise<ReadFeed> {
  const access = await accessProvider({
    ...{ provider: "rss", variables: loadProcessConfig(), log, source: PRODUCER },
    baseUrls: ({ NEWS_FEED_URL }) => [NEWS_FEED_URL, ...(mayBePrivate ? [url.href] : [])],
    symbols: watched.map(({ symbol }) => symbol),
  });
  const { client, variables } = access;
  const { pathname, search } = url;
  const asked = client.simulated ? new URL(pathname + search, variables.NEWS_FEED_URL) : url;
  try {
    const { answer, captured } = await fetchFeed(client, asked, undefined, {
      watched,
      address: url,
    });
    const { simulated, staleness } = client;
    return { feed: answer, name: url.host, address: url, captured, simulated, staleness };
  } catch (error) {
    if (!isProviderError(error)) throw error;
    throw new CommandError(EXIT.unavailable, error.message, { cause: error });
  } finally {
    await access.close();
  }
}

async function fromFile(log: Log, path: string): Promise<ReadFeed> {
  await refuseMixed(log, "rss", false);
  const captured = { at: Date.now(), latencyMs: null };
  const name = basename(path);
  try {
    const { size } = await stat(path);
    if (size > FILE_BYTES_MAX) throw new RangeError(`it has ${formatCount(size)} bytes`);
    const feed = readFeed({ body: await readFile(path) });
    checkItems(feed, name, captured);
    return { feed, name, address: null, captured, simulated: false };
  } catch (error) {
    // Node repeats the path in its message, and an address without its scheme may hold a key.
    const reason = errorCode(error) ?? "unreadable";
    const isAbout = isProviderError(error) || error instanceof RangeError;
    const message = `${shownPath(path)} cannot be read: ${isAbout ? error.message : reason}`;
    throw new CommandError(EXIT.noInput, message, { cause: error });
  }
}

/** A path without what would be the user and the parameters of an address. */
function shownPath(path: string): string {
  return path.replace(/^[^/]*@/, "…@").replace(/[?#].*$/s, "?…");
}

function countBy<Row>(rows: readonly Row[], nameOf: (row: Row) => string) {
  const groups = Map.groupBy(rows, nameOf);
  return Object.fromEntries([...groups].map(([name, all]) => [name, all.length]));
}

function textOf(news: FeedNews, items: number, byCode: Readonly<Record<string, number>>): string {
  const { facts, told, repeated, unlinked } = news;
  return [
    `news of ${formatCount(items)} items: ${formatCount(facts.length)} facts appended, ` +
      `${formatCount(repeated)} known, ${formatCount(unlinked)} about nobody wanted`,
    ...told.map(lineOf),
    ...Object.entries(byCode).map(([code, count]) => `  ${formatCount(count)} refused (${code})`),
  ].join("\n");
}

function lineOf({ symbol, publishedAt, polarity, event, headline }: ToldStory): string {
  const sentiment = polarity === null ? "  null" : polarity.toFixed(2).padStart(6);
  const at = new Date(publishedAt).toISOString().slice(0, 16);
  return `  ${at}Z ${symbol.padEnd(5)} ${sentiment} ${(event ?? "-").padEnd(16)} ${headline}`;
}
