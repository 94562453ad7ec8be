import { symbolLinker } from "@amc/ingest-news/linking/symbol-links";
import { REMEMBERED_MS, storiesInLog } from "@amc/ingest-news/stories/stories-in-log";
import { OPTIONS_PRODUCER } from "@amc/ingest-options/collection/options-jobs";
import { wantedUnderlyings } from "@amc/ingest-options/collection/wanted-underlyings";
import { newestOptionsDay } from "@amc/ingest-options/newest-options-day";
import { AlphaVantage } from "@amc/ingest-options/providers/alpha-vantage/alpha-vantage";
import { underlyingCloses } from "@amc/ingest-options/underlying-closes";
import { isTradingDay } from "@amc/streams/market/calendar";
import type { CommandSpec, CommandWords } from "../command.ts";
import { CommandError, EXIT } from "../exit-codes.ts";
import {
  type FactAsker,
  type FactQuestion,
  type FactSource,
  ingestFacts,
  tellIngested,
} from "../operations/ingest-facts.ts";
import { dateOf, symbolsOf } from "../operations/ingest-words.ts";
import { LOG_OPTIONS } from "../operations/named-log.ts";
import { alphaVantageNews } from "../operations/searched-news.ts";

export const INGEST_ALPHA_VANTAGE: CommandSpec = {
  name: "ingest alpha-vantage",
  summary: "Appends options at the close of a day, or news, asked from Alpha Vantage, to the log",
  examples: [
    "npm run amc -- ingest alpha-vantage --symbols GME,AMC",
    "npm run amc -- ingest alpha-vantage --symbols GME --day 2025-09-05",
    "npm run amc -- ingest alpha-vantage --news",
  ],
  options: {
    symbols: {
      type: "string",
      value: "<symbols>",
      doc: "separated by commas, the most wanted first: each takes a call; by default the candidates of a week, then what was recommended",
    },
    day: {
      type: "string",
      value: "<date>",
      doc: "trading day; by default the last one whose extended hours are over",
    },
    news: { type: "boolean", doc: "the newest stories about them, in place of options" },
    ...LOG_OPTIONS,
  },
  run,
};

const SOURCE: FactSource = {
  provider: "alpha_vantage",
  producer: OPTIONS_PRODUCER,
  role: "ingest-options",
  baseUrls: ({ ALPHA_VANTAGE_BASE_URL }) => [ALPHA_VANTAGE_BASE_URL],
};

/** The same budget; facts of another producer and kind. */
const NEWS_SOURCE: FactSource = {
  ...{ ...SOURCE, producer: "/amc/ingest-news" },
  states: ["market.news.v1"],
};
/** Where nobody says whose: a free plan's day has 25 calls, and options are worth more of them. */
const NEWS_CALLS_MAX = 5;

async function run(words: CommandWords): Promise<number> {
  const isNews = words.flag("news");
  if (isNews && words.text("day") !== undefined) {
    throw new CommandError(EXIT.usage, "--news is of the present: without --day");
  }
  const date = dayOf(words.text("day"));
  const source = isNews ? NEWS_SOURCE : SOURCE;
  let symbols = symbolsOf(words) ?? [];
  const ingested = await ingestFacts(words, source, async (asker) => {
    if (symbols.length === 0) {
      const wanted = await wantedUnderlyings(asker.log, Date.now());
      symbols = isNews ? wanted.slice(0, NEWS_CALLS_MAX) : wanted;
    }
    if (symbols.length === 0) {
      const message = "the log has no candidate of the last week: give --symbols <symbols>";
      throw new CommandError(EXIT.usage, message);
    }
    return isNews ? newsQuestions(asker, symbols) : optionQuestions(asker, symbols, date);
  });
  const dataset = isNews ? "news" : "options";
  const about = isNews ? symbols.join(", ") : `${symbols.join(", ")} on ${date}`;
  tellIngested(words, source, { dataset, about }, ingested);
  return EXIT.ok;
}

function openedFor({ client, variables }: FactAsker): AlphaVantage {
  const { ALPHA_VANTAGE_BASE_URL: baseUrl, ALPHA_VANTAGE_API_KEY: apiKey } = variables;
  // The role of the source needs it, so it is there.
  if (apiKey === undefined) throw new CommandError(EXIT.config, "ALPHA_VANTAGE_API_KEY is missing");
  return new AlphaVantage({ client, baseUrl, apiKey });
}

async function optionQuestions(
  asker: FactAsker,
  symbols: readonly string[],
  date: string,
): Promise<readonly FactQuestion[]> {
  const provider = openedFor(asker);
  const closes = await underlyingCloses(asker.log, symbols, date, asker.client.simulated);
  return symbols.map((symbol) => ({
    about: symbol,
    ask: () => {
      const underlyingClose = closes.get(symbol) ?? null;
      return provider.optionsAtClose({ symbol, date, underlyingClose });
    },
  }));
}

async function newsQuestions(
  asker: FactAsker,
  symbols: readonly string[],
): Promise<readonly FactQuestion[]> {
  const provider = openedFor(asker);
  const { simulated, staleness } = asker.client;
  const watched = symbols.map((symbol) => ({ symbol, name: null }));
  const linksOf = symbolLinker(watched);
  const known = await storiesInLog(asker.log, Date.now() - REMEMBERED_MS, simulated);
  const context = { watched, linksOf, known, simulated, staleness };
  return symbols.map((symbol) => ({
    about: symbol,
    ask: (signal) => alphaVantageNews(provider, symbol, context, signal),
  }));
}

function dayOf(text: string | undefined): string {
  if (text === undefined) return newestOptionsDay(Date.now());
  const date = dateOf(text);
  if (isTradingDay(date)) return date;
  throw new CommandError(EXIT.usage, `--day takes a trading day, and ${date} was none`);
}
