import { loadProcessConfig } from "@amc/platform/config/load-config";
import type { Variables } from "@amc/platform/config/variables";
import { isoUtc } from "@amc/streams/market/event-time";
import type { CommandSpec, CommandWords } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { existingDataDirectory } from "../operations/data-directory.ts";
import { isOnKafka, LOG_OPTIONS, withKafkaLog } from "../operations/named-log.ts";
import { statusText } from "../operations/status/status-text.ts";
import {
  type SystemStatus,
  statusOnKafka,
  systemStatus,
} from "../operations/status/system-status.ts";
import { runJson } from "../output/lines.ts";
import { Printer } from "../output/printer.ts";

export const STATUS: CommandSpec = {
  name: "status",
  summary: "Shows how a system stands: who runs it, how far it is, what lags, what was refused",
  examples: [
    "npm run amc -- status",
    "npm run --silent amc -- status --json",
    "npm run amc -- status --kafka",
  ],
  options: {
    ...LOG_OPTIONS,
    port: {
      type: "string",
      value: "<n>",
      doc: "port of the API, when it is not where its process says",
    },
  },
  run: status,
};

async function status(words: CommandWords): Promise<number> {
  const variables = loadProcessConfig();
  const found = await statusFound(words, variables);
  const printer = new Printer(words.flag("json"));
  if (printer.json) printJson(printer, found);
  else printer.line(null, statusText(found));
  return EXIT.ok;
}

async function statusFound(words: CommandWords, variables: Variables): Promise<SystemStatus> {
  if (isOnKafka(words)) return await withKafkaLog((log) => statusOnKafka(log, variables));
  const port = words.count("port", 1, 65_535);
  return await systemStatus(existingDataDirectory(words), variables, port);
}

function printJson(printer: Printer, status: SystemStatus): void {
  const { directory, owner, api, log, database, tables } = status;
  const { topics, lastTickMs, stages, recordings, lastRun } = log;
  const sum = (of: "records" | "deadLetters") =>
    topics.reduce((total, contents) => total + contents[of], 0);
  const lines = [
    {
      type: "status",
      dataDirectory: directory?.path ?? null,
      // Services on Kafka run where this command cannot see them.
      running: directory === null ? null : owner !== null,
      pid: owner?.pid ?? null,
      api,
      records: sum("records"),
      deadLetters: sum("deadLetters"),
      lastTick: timeOrNull(lastTickMs),
      // Null for a server that DATABASE_URL names, whose place is not ours to know.
      databaseHomes: database.kind === "own" ? database.homes : null,
      tables: typeof tables === "string" ? tables : "reachable",
    },
    ...recordings.map(({ lastTickMs: reached, ...recording }) => ({
      type: "recording",
      ...recording,
      lastTick: timeOrNull(reached),
    })),
    ...topics.map((contents) => ({ type: "topic", ...contents })),
    ...stages.map(({ waitingSinceMs, ...lag }) => ({
      type: "stage",
      ...lag,
      waitingSince: timeOrNull(waitingSinceMs),
    })),
    ...(typeof tables === "string" ? [] : tables.map((lag) => ({ type: "projection", ...lag }))),
    ...(lastRun === null ? [] : [runJson(lastRun)]),
  ];
  for (const line of lines) printer.line(line, null);
}

function timeOrNull(ms: number | null): string | null {
  return ms === null ? null : isoUtc(ms);
}
