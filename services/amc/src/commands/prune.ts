import { loadProcessConfig } from "@amc/platform/config/load-config";
import type { Variables } from "@amc/platform/config/variables";
import type { Log } from "@amc/platform/log/port";
import { isCalendarDate } from "@amc/streams/market/calendar-date";
import { isoUtc, newYorkToUtc } from "@amc/streams/market/event-time";
import type { CommandSpec, CommandWords } from "../command.ts";
import { CommandError, EXIT } from "../exit-codes.ts";
import {
  type DataDirectory,
  existingDataDirectory,
  withInspectedLog,
  withOwnedLog,
} from "../operations/data-directory.ts";
import { hasDatabase, withDatabase, withNamedTables } from "../operations/database-access.ts";
import { isOnKafka, LOG_OPTIONS } from "../operations/named-log.ts";
import { projectionPositions } from "../operations/projection-positions.ts";
import { applyCuts, logCuts, type PartitionCut } from "../operations/prune/log-retention.ts";
import { cutTables, type TableCut } from "../operations/prune/table-retention.ts";
import { textTable } from "../operations/text-table.ts";
import { formatCount, formatEasternTime } from "../output/format.ts";
import { Printer } from "../output/printer.ts";

export const PRUNE: CommandSpec = {
  name: "prune",
  summary: "Deletes what had outlived its retention before a date, from tables and log",
  examples: [
    "npm run amc -- prune --before 2026-01-01 --dry-run",
    "npm run amc -- prune --before 2026-01-01",
  ],
  options: {
    before: {
      type: "string",
      value: "<date>",
      doc: "retention counts back from the beginning of this day in New York",
    },
    "dry-run": { type: "boolean", doc: "count, delete nothing; works beside npm start" },
    ...LOG_OPTIONS,
  },
  run,
};

interface Pruned {
  readonly log: readonly PartitionCut[];
  /** Empty when the directory has no database yet. */
  readonly tables: readonly TableCut[];
}

async function run(words: CommandWords): Promise<number> {
  const asOfMs = beforeOf(words);
  const variables = loadProcessConfig();
  const isDryRun = words.flag("dry-run");
  const printer = new Printer(words.flag("json"));
  if (isOnKafka(words)) {
    const tables = await withNamedTables(words, variables, ({ projector }) =>
      cutTables(projector, asOfMs, {
        isDryRun,
        shortInterestDays: variables.SHORT_INTEREST_HISTORICAL_DEPTH,
      }),
    );
    print(printer, { log: [], tables }, asOfMs, isDryRun);
    printer.note("Records on Kafka are deleted by its brokers, each topic as it is configured.");
    return EXIT.ok;
  }
  const directory = existingDataDirectory(words);
  const withLog = isDryRun ? withInspectedLog : withOwnedLog;
  const pruned = await withLog(directory, (log) =>
    prune(log, { directory, variables, asOfMs, isDryRun }),
  );
  print(printer, pruned, asOfMs, isDryRun);
  return EXIT.ok;
}

interface PruneOptions {
  readonly directory: DataDirectory;
  readonly variables: Variables;
  readonly asOfMs: number;
  readonly isDryRun: boolean;
}

async function prune(log: Log, options: PruneOptions): Promise<Pruned> {
  const { directory, variables, asOfMs, isDryRun } = options;
  const cutLog = async (positions: Parameters<typeof logCuts>[2]): Promise<PartitionCut[]> => {
    const cuts = await logCuts(log, asOfMs, positions);
    if (!isDryRun) await applyCuts(log, cuts);
    return cuts;
  };
  if (!hasDatabase(directory, variables)) return { log: await cutLog([]), tables: [] };
  return withDatabase(directory, variables, async ({ projector }) => ({
    log: await cutLog(await projectionPositions(projector)),
    tables: await cutTables(projector, asOfMs, {
      ...{ isDryRun, shortInterestDays: variables.SHORT_INTEREST_HISTORICAL_DEPTH },
    }),
  }));
}

function beforeOf(words: CommandWords): number {
  const date = words.text("before") ?? "";
  if (!isCalendarDate(date)) {
    throw new CommandError(EXIT.usage, `--before takes a date such as 2026-01-01, was "${date}"`);
  }
  const ms = newYorkToUtc(date, "00:00");
  if (ms <= Date.now()) return ms;
  throw new CommandError(EXIT.usage, `--before ${date} is still to come: nothing is deleted early`);
}

function print(printer: Printer, { log, tables }: Pruned, asOfMs: number, dryRun: boolean): void {
  const before = isoUtc(asOfMs);
  for (const { topic, partition, retentionDays, start, keep } of log) {
    const removed = keep - start;
    printer.line(
      { type: "prune", topic, partition, retentionDays, before, removed, firstKept: keep, dryRun },
      null,
    );
  }
  for (const { table, retentionDays, rows } of tables) {
    printer.line({ type: "prune", table, retentionDays, before, removed: rows, dryRun }, null);
  }
  const verb = dryRun ? "would go" : "deleted";
  const rows = [
    ...log.map(({ topic, partition, retentionDays, start, keep }) => [
      `${topic}/${partition}`,
      `kept ${retentionDays} days`,
      `${formatCount(keep - start)} records ${verb}`,
    ]),
    ...tables.map(({ table, retentionDays, rows: count }) => [
      `table ${table}`,
      `kept ${retentionDays} days`,
      `${formatCount(count)} rows ${verb}`,
    ]),
  ];
  printer.line(null, textTable([...rows, ["all other topics", "kept for ever", ""]]).join("\n"));
  printer.note(`Retention counted back from ${formatEasternTime(asOfMs)}.`);
  if (tables.length === 0) printer.note("There is no database yet.");
}
