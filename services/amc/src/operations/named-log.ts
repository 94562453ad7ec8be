import { loadProcessConfig } from "@amc/platform/config/load-config";
import type { Log } from "@amc/platform/log/port";
import type { CommandWords, OptionSpec } from "../command.ts";
import { CommandError, EXIT } from "../exit-codes.ts";
import { openServiceLog } from "../run/service-log.ts";
import { withTopicAdvice } from "../run/topic-advice.ts";
import {
  DATA_DIRECTORY_OPTIONS,
  existingDataDirectory,
  withInspectedLog,
  withOwnedLog,
} from "./data-directory.ts";

/** Options of a command that looks at a log or appends to it: a data directory's, or the one on Kafka. */
export const LOG_OPTIONS = {
  kafka: {
    type: "boolean",
    doc: "the log on Kafka that KAFKA_BROKERS and SCHEMA_REGISTRY_URL name",
  },
  ...DATA_DIRECTORY_OPTIONS,
} as const satisfies Record<string, OptionSpec>;

/** Whether the command is about the system on Kafka. A data directory beside it is a mistake. */
export function isOnKafka(words: CommandWords): boolean {
  if (!words.flag("kafka")) return false;
  if (words.text("data-dir") === undefined) return true;
  throw new CommandError(EXIT.usage, "--kafka and --data-dir exclude each other");
}

/** Looks at the log that the command names, also while services write to it. */
export async function inspectNamedLog<Result>(
  words: CommandWords,
  work: (log: Log) => Promise<Result>,
): Promise<Result> {
  if (isOnKafka(words)) return await withKafkaLog(work);
  return await withInspectedLog(existingDataDirectory(words), work);
}

/** The named log to append to: a data directory's has no other writer meanwhile, Kafka's may have. */
export async function withNamedLog<Result>(
  words: CommandWords,
  work: (log: Log) => Promise<Result>,
): Promise<Result> {
  if (isOnKafka(words)) return await withKafkaLog(work);
  return await withOwnedLog(existingDataDirectory(words), work);
}

/** The log on Kafka, opened as the operator. Throws ConfigError naming every variable that is missing. */
export async function withKafkaLog<Result>(work: (log: Log) => Promise<Result>): Promise<Result> {
  const variables = loadProcessConfig("operator");
  const opened = { role: "operator", instance: 0, onRestored: () => undefined } as const;
  const log = await withTopicAdvice(() => openServiceLog(variables, opened));
  try {
    return await work(log);
  } finally {
    await log.close();
  }
}
