import { Yahoo } from "@amc/ingest-prices/providers/yahoo/yahoo";
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

export const INGEST_YAHOO: CommandSpec = {
  name: "ingest yahoo",
  summary:
    "Appends bars and splits, short interest and float, or options, asked from Yahoo, to the log",
  examples: [
    "npm run amc -- ingest yahoo --symbols GME,AMC --from 2025-06-02",
    "npm run amc -- ingest yahoo --symbols GME --from 2025-09-05 --interval minute",
    "npm run amc -- ingest yahoo --symbols GME,AMC --statistics",
    "npm run amc -- ingest yahoo --symbols GME,AMC --options",
  ],
  options: {
    symbols: { type: "string", value: "<symbols>", doc: "symbols, separated by commas" },
    from: { type: "string", value: "<date>", doc: "first day of bars, which reach to now" },
    interval: { type: "string", value: "<unit>", doc: "minute or day, the default" },
    statistics: { type: "boolean", doc: "short interest, float and shares outstanding" },
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
  readonly ask: (yahoo: Yahoo, symbol: string) => ReturnType<FactQuestion["ask"]>;
}

async function run(words: CommandWords): Promise<number> {
  const symbols = symbolsOf(words);
  if (symbols === null) throw new CommandError(EXIT.usage, "give --symbols <symbols>");
  const { dataset, ask } = wantedOf(words);
  const ingested = await ingestFacts(words, SOURCE, async (asker) => {
    const yahoo = yahooOf(asker);
    return symbols.map((symbol) => ({ about: symbol, ask: () => ask(yahoo, symbol) }));
  });
  tellIngested(words, SOURCE, { dataset, about: symbols.join(", ") }, ingested);
  return EXIT.ok;
}

function yahooOf({ client, variables }: FactAsker): Yahoo {
  const { YAHOO_FINANCE_BASE_URL: baseUrl, YAHOO_FINANCE_COOKIE_URL: cookieUrl } = variables;
  if (!variables.YAHOO_FINANCE_ENABLED)
    throw new CommandError(EXIT.config, "YAHOO_FINANCE_ENABLED is false");
  // Whoever asks by hand wants to hear that there is no answer: nothing of before stands in.
  return new Yahoo({ client, baseUrl, cookieUrl, clock: SYSTEM_CLOCK, cache: null });
}

function wantedOf(words: CommandWords): Wanted {
  const from = words.text("from");
  const [isAboutStatistics, isAboutOptions] = [words.flag("statistics"), words.flag("options")];
  const wanted = [from !== undefined, isAboutStatistics, isAboutOptions];
  if (wanted.filter(Boolean).length !== 1) {
    throw new CommandError(EXIT.usage, "give either --from <date>, --statistics or --options");
  }
  if (from === undefined) {
    return isAboutOptions
      ? { dataset: "options", ask: (yahoo, symbol) => yahoo.options(symbol) }
      : { dataset: "statistics", ask: (yahoo, symbol) => yahoo.keyStatistics(symbol) };
  }
  const fromMs = newYorkToUtc(dateOf(from), "00:00");
  const unit = words.text("interval") ?? "day";
  if (unit !== "minute" && unit !== "day") {
    throw new CommandError(EXIT.usage, `--interval takes minute or day, was ${unit}`);
  }
  const interval = unit === "day" ? "1d" : "1m";
  const ask: Wanted["ask"] = (yahoo, symbol) => yahoo.chart(symbol, interval, fromMs);
  return { dataset: `${unit} bars`, ask };
}
