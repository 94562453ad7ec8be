import type { Log, LogRecord } from "@amc/platform/log/port";
import { deadLetterTopic } from "@amc/platform/runtime/dead-letter";
import { isTopicName } from "@amc/schemas/topics";
import { isoUtc } from "@amc/streams/market/event-time";
import type { CommandSpec, CommandWords } from "../command.ts";
import { CommandError, EXIT } from "../exit-codes.ts";
import { hexDump } from "../operations/dead-letters/hex-dump.ts";
import { inspectNamedLog, LOG_OPTIONS } from "../operations/named-log.ts";
import { textTable } from "../operations/text-table.ts";
import { Printer } from "../output/printer.ts";

/** A screen of hex; a record may be 256 KB. */
const BYTES_SHOWN = 1_024;

export const DLQ_SHOW: CommandSpec = {
  name: "dlq show",
  summary: "Shows one dead letter as it came: headers and raw bytes",
  examples: [
    "npm run amc -- dlq show market.price-tick.v1 0 0",
    "npm run --silent amc -- dlq show market.price-tick.v1 0 0 --json",
  ],
  options: LOG_OPTIONS,
  positionals: ["topic", "partition", "offset in the dead-letter topic"],
  run: (words) => inspectNamedLog(words, (log) => show(words, log)),
};

async function show(words: CommandWords, log: Log): Promise<number> {
  const record = await find(words, log);
  const { topic, partition, offset, key, headers, appendedAtMs } = record;
  const value = record.value === null ? null : Buffer.from(record.value);
  const printer = new Printer(words.flag("json"));
  printer.line(
    {
      type: "dead-letter",
      ...{ topic, partition, offset, key },
      appendedAt: isoUtc(appendedAtMs),
      headers,
      bytes: value?.length ?? null,
      valueHex: value?.toString("hex") ?? null,
    },
    [
      `${topic}/${partition}/${offset}, appended ${isoUtc(appendedAtMs)}`,
      `key  ${key === null ? "none" : JSON.stringify(key)}`,
      "",
      // Foreign text: as JSON, so that no control character reaches the terminal.
      ...textTable(Object.entries(headers).map(([name, text]) => [name, JSON.stringify(text)])),
      "",
      ...(value === null
        ? ["no value"]
        : [`value, ${value.length} bytes`, ...hexDump(value, BYTES_SHOWN)]),
    ].join("\n"),
  );
  return EXIT.ok;
}

async function find(words: CommandWords, log: Log): Promise<LogRecord> {
  const [name = "", ...place] = words.positionals;
  const [partition = Number.NaN, offset = Number.NaN] = place.map(Number);
  const topic = isTopicName(name) ? deadLetterTopic(name) : name;
  const layout = log.topics().find((one) => one.topic === topic && topic.endsWith(".dlq"));
  if (layout === undefined) {
    throw new CommandError(
      EXIT.usage,
      `${name} is no topic of this log; see: npm run amc -- topics`,
    );
  }
  if (!Number.isInteger(partition) || partition < 0 || partition >= layout.partitions) {
    throw new CommandError(EXIT.usage, `${topic} has the partitions 0 to ${layout.partitions - 1}`);
  }
  const start = await log.startOffset(topic, partition);
  const end = await log.endOffset(topic, partition);
  if (!Number.isInteger(offset) || offset < start || offset >= end) {
    const kept = end === start ? "holds nothing" : `holds offsets ${start} to ${end - 1}`;
    throw new CommandError(
      EXIT.failed,
      `${topic}/${partition} ${kept}; see: npm run amc -- dlq list`,
    );
  }
  const [record] = await log.read(topic, partition, offset, { maxRecords: 1, maxBytes: 1 });
  if (record !== undefined) return record;
  throw new CommandError(EXIT.failed, `${topic}/${partition} no longer holds offset ${offset}`);
}
