import { OPTIONS_PRODUCER } from "@amc/ingest-options/collection/options-jobs";
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

export const INGEST_ALPHA_VANTAGE: CommandSpec = {
  name: "ingest alpha-vantage",
  summary: "Appends options at the close of a day, asked from Alpha Vantage, to the log",
  examples: [
    "npm run amc -- ingest alpha-vantage --symbols GME,AMC",
    "npm run amc -- ingest alpha-vantage --symbols GME --day 2025-09-05",
  ],
  options: {
    symbols: {
      type: "string",
      value: "<symbols>",
      doc: "underlyings, separated by commas, the most wanted first: each takes a call",
    },
    day: {
      type: "string",
      value: "<date>",
      doc: "trading day; by default the last one whose extended hours are over",
    },
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

async function run(words: CommandWords): Promise<number> {
  const symbols = symbolsOf(words);
  if (symbols === null) throw new CommandError(EXIT.usage, "give --symbols <symbols>");
  const date = dayOf(words.text("day"));
  const ingested = await ingestFacts(words, SOURCE, (asker) => questionsOf(asker, symbols, date));
  const about = `${symbols.join(", ")} on ${date}`;
  tellIngested(words, SOURCE, { dataset: "options", about }, ingested);
  return EXIT.ok;
}

async function questionsOf(
  { client, variables, log }: FactAsker,
  symbols: readonly string[],
  date: string,
): Promise<readonly FactQuestion[]> {
  const { ALPHA_VANTAGE_BASE_URL: baseUrl, ALPHA_VANTAGE_API_KEY: apiKey } = variables;
  // The role of the source needs it, so it is there.
  if (apiKey === undefined) throw new CommandError(EXIT.config, "ALPHA_VANTAGE_API_KEY is missing");
  const provider = new AlphaVantage({ client, baseUrl, apiKey });
  const closes = await underlyingCloses(log, symbols, date, client.simulated);
  return symbols.map((symbol) => ({
    about: symbol,
    ask: () => {
      const underlyingClose = closes.get(symbol) ?? null;
      return provider.optionsAtClose({ symbol, date, underlyingClose });
    },
  }));
}

function dayOf(text: string | undefined): string {
  if (text === undefined) return newestOptionsDay(Date.now());
  const date = dateOf(text);
  if (isTradingDay(date)) return date;
  throw new CommandError(EXIT.usage, `--day takes a trading day, and ${date} was none`);
}
