import { SHORT_INTEREST_PRODUCER } from "@amc/ingest-short-interest/collection/finra-jobs";
import { withoutKnownVintages } from "@amc/ingest-short-interest/collection/new-vintages";
import { scheduleInForce } from "@amc/ingest-short-interest/collection/schedule-by-hand";
import { Finra } from "@amc/ingest-short-interest/providers/finra/finra";
import { SYSTEM_CLOCK } from "@amc/platform/clock";
import { loadProcessConfig } from "@amc/platform/config/load-config";
import { bytesOf } from "@amc/platform/config/variable-kinds";
import type { Collected } from "@amc/platform/http/collected";
import { isProviderError } from "@amc/platform/http/provider-error";
import { type AppendedFacts, appendNewFacts } from "@amc/platform/log/append-new-facts";
import type { Log } from "@amc/platform/log/port";
import type { ScheduleInForce } from "@amc/streams/short-interest/schedule-in-force";
import type { CommandSpec, CommandWords } from "../command.ts";
import { CommandError, EXIT } from "../exit-codes.ts";
import { countByCode } from "../operations/ingest-facts.ts";
import { dateOf } from "../operations/ingest-words.ts";
import { LOG_OPTIONS, withNamedLog } from "../operations/named-log.ts";
import { accessProvider } from "../operations/provider-access.ts";
import { formatCount } from "../output/format.ts";
import { Printer } from "../output/printer.ts";

export const INGEST_FINRA: CommandSpec = {
  name: "ingest finra",
  summary: "Appends short interest or short volume of one date, asked from FINRA, to the log",
  examples: [
    "npm run amc -- ingest finra --settlement 2025-08-29",
    "npm run amc -- ingest finra --day 2025-09-05",
  ],
  options: {
    settlement: { type: "string", value: "<date>", doc: "short interest of a settlement date" },
    day: { type: "string", value: "<date>", doc: "short volume of a trading day" },
    ...LOG_OPTIONS,
  },
  run,
};

/** What is asked for: one data set about one date. */
interface Wanted {
  readonly dataset: "short interest" | "short volume";
  readonly date: string;
  readonly collect: (finra: Finra, schedule: ScheduleInForce) => Promise<Collected>;
}

async function run(words: CommandWords): Promise<number> {
  const wanted = wantedOf(words);
  const printer = new Printer(words.flag("json"));
  const ingested = await withNamedLog(words, (log) => ingest(log, wanted));
  const { facts, refused, appended, known, restated } = ingested;
  const { dataset, date } = wanted;
  const byCode = countByCode(refused);
  printer.line(
    {
      type: "ingest",
      provider: "finra_short",
      dataset,
      date,
      ...{ facts: appended, known, restated },
      refused: byCode,
    },
    [
      facts.length === 0 && refused.length === 0
        ? `FINRA has no ${dataset} of ${date} (yet)`
        : `${dataset} of ${date}: ${formatCount(appended)} facts appended`,
      ...(known === 0 ? [] : [`  ${formatCount(known)} known already`]),
      ...(restated === 0 ? [] : [`  ${formatCount(restated)} stated otherwise before`]),
      ...Object.entries(byCode).map(([code, count]) => `  ${formatCount(count)} refused (${code})`),
    ].join("\n"),
  );
  return EXIT.ok;
}

function wantedOf(words: CommandWords): Wanted {
  const settlement = words.text("settlement");
  const day = words.text("day");
  if (settlement !== undefined && day === undefined) {
    const date = dateOf(settlement);
    const collect: Wanted["collect"] = (finra, schedule) =>
      finra.shortInterest(date, undefined, schedule);
    return { dataset: "short interest", date, collect };
  }
  if (day !== undefined && settlement === undefined) {
    const date = dateOf(day);
    return { dataset: "short volume", date, collect: (finra) => finra.shortVolume(date) };
  }
  throw new CommandError(EXIT.usage, "give either --settlement <date> or --day <date>");
}

/** The facts are in the log when this resolves; the calls are, whether it resolves or not. */
async function ingest(log: Log, { collect }: Wanted): Promise<Collected & AppendedFacts> {
  const configured = loadProcessConfig("ingest-short-interest");
  const memoryBytes = bytesOf(configured.SHORT_INTEREST_MEMORY_LIMIT);
  const opened = await accessProvider({
    ...{ provider: "finra_short", log, source: SHORT_INTEREST_PRODUCER },
    variables: configured,
    baseUrls: ({ FINRA_API_BASE_URL: api, FINRA_CDN_BASE_URL: files }) => [api, files],
  });
  const { FINRA_API_BASE_URL: apiUrl, FINRA_CDN_BASE_URL: filesUrl } = opened.variables;
  try {
    const finra = new Finra({ client: opened.client, apiUrl, filesUrl, memoryBytes });
    // As the jobs do: public since the day that a person has decided, where one has.
    const collected = await collect(finra, await scheduleInForce(log, SYSTEM_CLOCK.nowMs()));
    const vintages = await withoutKnownVintages(log, collected.facts);
    const appended = await appendNewFacts(log, vintages, SHORT_INTEREST_PRODUCER);
    const known = appended.known + collected.facts.length - vintages.length;
    return { ...collected, ...appended, known };
  } catch (error) {
    if (!isProviderError(error)) throw error;
    throw new CommandError(EXIT.unavailable, error.message, { cause: error });
  } finally {
    await opened.close();
  }
}
