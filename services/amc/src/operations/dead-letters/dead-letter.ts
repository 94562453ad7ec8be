import type { Log, LogRecord } from "@amc/platform/log/port";
import { deadLetterTopic, TRUNCATED_HEADER } from "@amc/platform/runtime/dead-letter";
import { recordsOf } from "@amc/replay/log-digests";
import { TOPIC_NAMES } from "@amc/schemas/topics";

/** A record of a dead-letter topic with what its headers say. */
export interface DeadLetter {
  readonly record: LogRecord;
  /** Topic it was meant for. */
  readonly topic: string;
  /** Where it lies there; null for a row that was refused before it became a record. */
  readonly origin: { readonly partition: number; readonly offset: number } | null;
  /** Who refused it: a subtopology, `projector.<projection>` or `ingest-recordings`. */
  readonly stage: string;
  readonly code: string;
  readonly reason: string;
  /** How often it has been redriven already. */
  readonly attempt: number;
}

export const ATTEMPT_HEADER = "dlq-attempt";

function readDeadLetter(record: LogRecord): DeadLetter {
  const { headers } = record;
  return {
    record,
    topic: headers["dlq-topic"] ?? record.topic,
    origin: originOf(headers),
    stage: headers["dlq-stage"] ?? "unknown",
    code: headers["dlq-code"] ?? "unknown",
    reason: headers["dlq-reason"] ?? "",
    attempt: wholeNumber(headers[ATTEMPT_HEADER]) ?? 0,
  };
}

/** Dead letters of one topic in the order of their partitions and offsets. */
export async function* deadLettersOf(log: Log, topic: string): AsyncGenerator<DeadLetter> {
  for await (const record of recordsOf(log, deadLetterTopic(topic))) yield readDeadLetter(record);
}

/**
 * The letter with all of its record: one that was cut has it from where the record lies. Null when
 * retention or compaction has taken it from there.
 */
export async function wholeLetter(log: Log, letter: DeadLetter): Promise<DeadLetter | null> {
  const { topic, origin, record } = letter;
  if (origin === null || record.headers[TRUNCATED_HEADER] === undefined) return letter;
  const { partition, offset } = origin;
  if (offset < (await log.startOffset(topic, partition))) return null;
  const [found] = await log.read(topic, partition, offset, { maxRecords: 1, maxBytes: 1 });
  return found?.offset === offset ? { ...letter, record: found } : null;
}

/** Topics of the system whose dead letters this log can hold. */
export function topicsWithDeadLetters(log: Log): readonly string[] {
  const present = new Set(log.topics().map(({ topic }) => topic));
  return TOPIC_NAMES.filter((topic) => present.has(deadLetterTopic(topic)));
}

function originOf(headers: LogRecord["headers"]): DeadLetter["origin"] {
  const partition = wholeNumber(headers["dlq-partition"]);
  const offset = wholeNumber(headers["dlq-offset"]);
  return partition === null || offset === null ? null : { partition, offset };
}

function wholeNumber(text: string | undefined): number | null {
  const value = text === undefined || text === "" ? Number.NaN : Number(text);
  return Number.isSafeInteger(value) && value >= 0 ? value : null;
}
