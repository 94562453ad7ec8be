import { Polygon } from "@amc/ingest-prices/providers/polygon/polygon";
import { DAY_MS, MINUTE_MS } from "@amc/streams/market/calendar-date";
import { newYorkDateOf } from "@amc/streams/market/event-time";
import type { CommandSpec, CommandWords } from "../command.ts";
import { CommandError, EXIT } from "../exit-codes.ts";
import {
  type FactAsker,
  type FactSource,
  ingestFacts,
  type Question,
  tellIngested,
} from "../operations/ingest-facts.ts";
import { dateOf, symbolsOf } from "../operations/ingest-words.ts";
import { LOG_OPTIONS } from "../operations/named-log.ts";

export const INGEST_POLYGON: CommandSpec = {
  name: "ingest polygon",
  summary: "Appends bars and quotes, asked from Polygon, to the log",
  examples: [
    "npm run amc -- ingest polygon --symbols GME,AMC --from 2021-01-04 --to 2021-01-29 --interval minute",
    "npm run amc -- ingest polygon --day 2025-09-05",
    "npm run amc -- ingest polygon --snapshot",
  ],
  options: {
    symbols: { type: "string", value: "<symbols>", doc: "symbols, separated by commas" },
    from: { type: "string", value: "<date>", doc: "first day of the bars of --symbols" },
    to: { type: "string", value: "<date>", doc: "last day of them; today by default" },
    interval: { type: "string", value: "<unit>", doc: "minute or day, the default" },
    day: { type: "string", value: "<date>", doc: "daily bars of the whole market on one day" },
    snapshot: {
      type: "boolean",
      doc: "newest minute and quote of --symbols, or of the whole market",
    },
    ...LOG_OPTIONS,
  },
  run,
};

const SOURCE: FactSource = {
  provider: "polygon",
  producer: "/amc/ingest-prices",
  role: "ingest-prices",
  baseUrls: ({ POLYGON_BASE_URL }) => [POLYGON_BASE_URL],
};
const INTERVALS = new Map([
  ["minute", MINUTE_MS],
  ["day", DAY_MS],
] as const);

/** What is asked for, before there is anybody to ask. */
interface Wanted {
  readonly dataset: string;
  readonly about: string;
  readonly questions: (polygon: Polygon) => readonly Question[];
}

async function run(words: CommandWords): Promise<number> {
  const { dataset, about, questions } = wantedOf(words);
  const ingested = await ingestFacts(words, SOURCE, async (asker) => questions(polygonOf(asker)));
  tellIngested(words, SOURCE, { dataset, about }, ingested);
  return EXIT.ok;
}

function polygonOf({ client, variables }: FactAsker): Polygon {
  const { POLYGON_BASE_URL: baseUrl, POLYGON_API_KEY: apiKey } = variables;
  // The role of the source needs it, so it is there.
  if (apiKey === undefined) throw new CommandError(EXIT.config, "POLYGON_API_KEY is missing");
  return new Polygon({ client, baseUrl, apiKey });
}

function wantedOf(words: CommandWords): Wanted {
  const ways = [words.text("from"), words.text("day"), words.flag("snapshot") || undefined];
  if (ways.filter((way) => way !== undefined).length !== 1) {
    const message = "give --symbols <symbols> --from <date>, or --day <date>, or --snapshot";
    throw new CommandError(EXIT.usage, message);
  }
  const [from, day] = ways;
  const symbols = symbolsOf(words);
  if (typeof from === "string") return barsWanted(words, dateOf(from), symbols);
  if (typeof day === "string") {
    const date = dateOf(day);
    const ask = (polygon: Polygon) => () => polygon.marketDay(date);
    const questions = (polygon: Polygon) => [{ about: date, ask: ask(polygon) }];
    return { dataset: "day bars", about: `the market on ${date}`, questions };
  }
  const about = symbols?.join(", ") ?? "the market";
  const questions = (polygon: Polygon) => [{ about, ask: () => polygon.snapshot(symbols) }];
  return { dataset: "snapshot", about, questions };
}

function barsWanted(words: CommandWords, from: string, symbols: readonly string[] | null): Wanted {
  const to = dateOf(words.text("to") ?? newYorkDateOf(Date.now()));
  const unit = words.text("interval") ?? "day";
  const intervalMs = unit === "minute" || unit === "day" ? INTERVALS.get(unit) : undefined;
  if (intervalMs === undefined) {
    throw new CommandError(EXIT.usage, `--interval takes minute or day, was ${unit}`);
  }
  if (symbols === null || from > to) {
    const message = "bars need --symbols <symbols>, and --from no later than --to";
    throw new CommandError(EXIT.usage, message);
  }
  const questions = (polygon: Polygon) =>
    symbols.map((symbol) => ({
      about: symbol,
      ask: () => polygon.barPages({ symbol, intervalMs, from, to }),
    }));
  return { dataset: `${unit} bars`, about: symbols.join(", "), questions };
}
