import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { loadProcessConfig } from "@amc/platform/config/load-config";
import { isLogError } from "@amc/platform/log/errors";
import { openFileLog } from "@amc/platform/log/file";
import { STORE_FILE } from "@amc/platform/log/file/format";
import type { Log, TopicLayout } from "@amc/platform/log/port";
import { systemLayout } from "@amc/platform/runtime/layout";
import type { CommandWords, OptionSpec } from "../command.ts";
import { CommandError, EXIT } from "../exit-codes.ts";

/** Options that every command about a data directory has. */
export const DATA_DIRECTORY_OPTIONS = {
  "data-dir": {
    type: "string",
    value: "<dir>",
    doc: "data directory to look at; AMC_DATA_DIR by default",
  },
  json: { type: "boolean", doc: "one JSON object per line on stdout" },
} as const satisfies Record<string, OptionSpec>;

/** Where one system keeps what it has: the layout that `npm start` makes. */
export interface DataDirectory {
  readonly path: string;
  readonly log: string;
  /** Home of the embedded Postgres. */
  readonly postgres: string;
}

export function dataDirectoryAt(path: string): DataDirectory {
  const whole = resolve(path);
  return { path: whole, log: join(whole, "log"), postgres: join(whole, "postgres") };
}

/** The directory that the command line or else the environment names; it need not exist. */
export function namedDataDirectory(words: CommandWords): DataDirectory {
  return dataDirectoryAt(words.text("data-dir") ?? loadProcessConfig().AMC_DATA_DIR);
}

export function hasLog({ log }: DataDirectory): boolean {
  return existsSync(join(log, STORE_FILE));
}

/** As `namedDataDirectory`; a directory without a log ends the command with what to do. */
export function existingDataDirectory(words: CommandWords): DataDirectory {
  const directory = namedDataDirectory(words);
  if (hasLog(directory)) return directory;
  throw new CommandError(
    EXIT.noInput,
    `there is no log in ${directory.path}: run "npm start" to make one, or name another with --data-dir`,
  );
}

/** Opens the log to be looked at, also while its owner writes, and closes it afterwards. */
export async function withInspectedLog<Result>(
  { log: directory }: DataDirectory,
  work: (log: Log) => Promise<Result>,
): Promise<Result> {
  const log = await inspected(directory);
  try {
    return await work(log);
  } finally {
    await log.close();
  }
}

/** A log of another version, or of another user, is no log to look at; damage is told as damage. */
async function inspected(directory: string): Promise<Log> {
  try {
    return await openFileLog({ readOnly: true, directory });
  } catch (error) {
    if (!isLogError(error, "log.format") && !isLogError(error, "log.cannot-open")) throw error;
    throw new CommandError(EXIT.noInput, error.message, { cause: error });
  }
}

/** Opens the log as its only writer; while another process writes, the command ends with what to do. */
export async function withOwnedLog<Result>(
  directory: DataDirectory,
  work: (log: Log) => Promise<Result>,
): Promise<Result> {
  const layout = await withInspectedLog(directory, async (log) => wholeLayout(log));
  const log = await owned(directory, layout);
  try {
    return await work(log);
  } finally {
    await log.close();
  }
}

/** What a directory has, and the topics that came after it was made. */
function wholeLayout(log: Log): readonly TopicLayout[] {
  const topics = log.topics();
  const present = new Set(topics.map(({ topic }) => topic));
  const later = systemLayout(log.partitions("ops.clock.v1"));
  return [...topics, ...later.filter(({ topic }) => !present.has(topic))];
}

async function owned(directory: DataDirectory, layout: readonly TopicLayout[]): Promise<Log> {
  try {
    return await openFileLog({ directory: directory.log, layout, clock: () => Date.now() });
  } catch (error) {
    if (!isLogError(error, "log.locked")) throw error;
    const holder = error.facts.pid === undefined ? "another process" : `process ${error.facts.pid}`;
    throw new CommandError(
      EXIT.unavailable,
      `${holder} writes to ${directory.path}: stop it (Ctrl-C at npm start), then run this again`,
      { cause: error },
    );
  }
}
