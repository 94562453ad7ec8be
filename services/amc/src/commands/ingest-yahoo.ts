import { symbolLinker } from "@amc/ingest-news/linking/symbol-links";
import { REMEMBERED_MS, storiesInLog } from "@amc/ingest-news/stories/stories-in-log";
import { Yahoo } from "@amc/ingest-prices/providers/yahoo/yahoo";
import { scheduleInForce } from "@amc/ingest-short-interest/collection/schedule-by-hand";
import { SYSTEM_CLOCK } from "@amc/platform/clock";
import { newYorkToUtc } from "@amc/streams/market/event-time";
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
import { searchedNews } from "../operations/searched-news.ts";
import { ToldStatistics } from "../operations/told-statistics.ts";

export const INGEST_YAHOO: CommandSpec = {
  name: "ingest yahoo",
  summary:
    "Appends bars and splits, short interest and float, options or news, asked from Yahoo, to the log",
  examples: [
    "npm run amc -- ingest yahoo --symbols GME,AMC --from 2025-06-02",
    "npm run amc -- ingest yahoo --symbols GME --from 2025-09-05 --interval minute",
    "npm run amc -- ingest yahoo --symbols GME,AMC --statistics",
    "npm run amc -- ingest yahoo --symbols GME,AMC --options",
    "npm run amc -- ingest yahoo --symbols GME,AMC --news",
  ],
  options: {
    symbols: { type: "string", value: "<symbols>", doc: "symbols, separated by commas" },
    from: { type: "string", value: "<date>", doc: "first day of bars, which reach to now" },
    interval: { type: "string", value: "<unit>", doc: "minute or day, the default" },
    statistics: { type: "boolean", doc: "short interest, float and shares outstanding" },
    news: { type: "boolean", doc: "what its search lists for each symbol" },
    options: { type: "boolean", doc: "the nearest options as quoted now, or at the last close" },
    ...LOG_OPTIONS,
  },
  run,
};

const SOURCE: FactSource = {
  provider: "yahoo",
  producer: "/amc/ingest-prices",
  baseUrls: ({ YAHOO_FINANCE_BASE_URL: url, YAHOO_FINANCE_COOKIE_URL: cookieUrl }) => [
    url,
    cookieUrl,
  ],
};

/** What is asked for of each symbol. */
interface Wanted {
  readonly dataset: string;
  readonly questions: (
    yahoo: Yahoo,
    symbols: readonly string[],
    asker: FactAsker,
  ) => Promise<readonly FactQuestion[]>;
}

async function run(words: CommandWords): Promise<number> {
  const symbols = symbolsOf(words);
  if (symbols === null) throw new CommandError(EXIT.usage, "give --symbols <symbols>");
  const { dataset, questions } = wantedOf(words);
  const ingested = await ingestFacts(words, SOURCE, (asker) =>
    questions(yahooOf(asker), symbols, asker),
  );
  tellIngested(words, SOURCE, { dataset, about: symbols.join(", ") }, ingested);
  return EXIT.ok;
}

function yahooOf({ client, variables, log }: FactAsker): Yahoo {
  const { YAHOO_FINANCE_BASE_URL: baseUrl, YAHOO_FINANCE_COOKIE_URL: cookieUrl } = variables;
  if (!variables.YAHOO_FINANCE_ENABLED)
    throw new CommandError(EXIT.config, "YAHOO_FINANCE_ENABLED is false");
  // Whoever asks by hand wants to hear that there is no answer: nothing of before stands in.
  const schedule = () => scheduleInForce(log, SYSTEM_CLOCK.nowMs());
  return new Yahoo({ client, baseUrl, cookieUrl, clock: SYSTEM_CLOCK, cache: null, schedule });
}

function wantedOf(words: CommandWords): Wanted {
  const from = words.text("from");
  const others = ["statistics", "options", "news"] as const;
  const [other, ...rest] = others.filter((name) => words.flag(name));
  if (rest.length > 0 || (from === undefined) === (other === undefined)) {
    const message = "give either --from <date>, --statistics, --options or --news";
    throw new CommandError(EXIT.usage, message);
  }
  if (other === "news") return { dataset: "news", questions: newsQuestions };
  if (other === "options") {
    return { dataset: "options", questions: bySymbol((yahoo, symbol) => yahoo.options(symbol)) };
  }
  if (from === undefined) return { dataset: "statistics", questions: statisticsQuestions };
  const fromMs = newYorkToUtc(dateOf(from), "00:00");
  const unit = words.text("interval") ?? "day";
  if (unit !== "minute" && unit !== "day") {
    throw new CommandError(EXIT.usage, `--interval takes minute or day, was ${unit}`);
  }
  const interval = unit === "day" ? "1d" : "1m";
  const questions = bySymbol((yahoo, symbol) => yahoo.chart(symbol, interval, fromMs));
  return { dataset: `${unit} bars`, questions };
}

function bySymbol(
  ask: (yahoo: Yahoo, symbol: string) => ReturnType<FactQuestion["ask"]>,
): Wanted["questions"] {
  return async (yahoo, symbols) =>
    symbols.map((symbol) => ({ about: symbol, ask: () => ask(yahoo, symbol) }));
}

/** As live does: a vintage of the same figures is none, whenever a decision says that they were published. */
async function statisticsQuestions(
  yahoo: Yahoo,
  symbols: readonly string[],
  { log }: FactAsker,
): Promise<readonly FactQuestion[]> {
  const told = new ToldStatistics(log, symbols, SYSTEM_CLOCK.nowMs());
  return symbols.map((about) => ({
    about,
    ask: async () => {
      const said = await yahoo.keyStatistics(about);
      const facts = await told.newOf(about, said);
      return { facts, refused: said.refused, known: said.facts.length - facts.length };
    },
  }));
}

/** What the log has from any feed is not told again. */
async function newsQuestions(
  yahoo: Yahoo,
  symbols: readonly string[],
  { log, client }: FactAsker,
): Promise<readonly FactQuestion[]> {
  const watched = symbols.map((symbol) => ({ symbol, name: null }));
  const linksOf = symbolLinker(watched);
  const { simulated, staleness } = client;
  const known = await storiesInLog(log, SYSTEM_CLOCK.nowMs() - REMEMBERED_MS, simulated);
  const context = { watched, linksOf, known, simulated, staleness };
  return symbols.map((symbol) => ({
    about: symbol,
    ask: () => searchedNews(yahoo, symbol, context),
  }));
}
