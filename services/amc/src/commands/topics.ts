import { TOPIC_NAMES, TOPICS, type TopicName, type TopicSpec } from "@amc/schemas/topics";
import type { CommandSpec, CommandWords } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { hasLog, namedDataDirectory } from "../operations/data-directory.ts";
import { inspectNamedLog, isOnKafka, LOG_OPTIONS } from "../operations/named-log.ts";
import { textTable } from "../operations/text-table.ts";
import { type TopicContents, topicContents } from "../operations/topic-contents.ts";
import { formatCount } from "../output/format.ts";
import { Printer } from "../output/printer.ts";

export const TOPICS_COMMAND: CommandSpec = {
  name: "topics",
  summary: "Lists every topic with key, writer and retention, and what the log holds of it",
  examples: ["npm run amc -- topics", "npm run --silent amc -- topics --json"],
  options: LOG_OPTIONS,
  run: topics,
};

async function topics(words: CommandWords): Promise<number> {
  const printer = new Printer(words.flag("json"));
  const directory = namedDataDirectory(words);
  // The table of topics is worth reading without a log; a directory asked for by name must have one.
  const contents =
    !isOnKafka(words) && words.text("data-dir") === undefined && !hasLog(directory)
      ? null
      : await inspectNamedLog(words, topicContents);
  const byTopic = new Map(contents?.map((one) => [one.topic, one]));
  for (const topic of TOPIC_NAMES) {
    printer.line(
      { type: "topic", topic, ...specJson(topic), ...logJson(byTopic.get(topic)) },
      null,
    );
  }
  const table =
    contents === null
      ? textTable(
          [SPEC_HEADING, ...TOPIC_NAMES.map((topic) => specRow(topic, TOPICS[topic].partitions))],
          new Set([2]),
        )
      : textTable(
          [
            [...SPEC_HEADING, ...LOG_HEADING],
            ...TOPIC_NAMES.map((topic) => fullRow(topic, byTopic.get(topic))),
          ],
          new Set([2, 6, 7]),
        );
  printer.line(null, table.join("\n"));
  if (contents === null) printer.note(`\nno log in ${directory.path} yet: npm start makes one`);
  return EXIT.ok;
}

const SPEC_HEADING = ["topic", "key", "partitions", "kind", "writer", "kept"];
const LOG_HEADING = ["records", "dead letters", "offsets by partition"];

function fullRow(topic: TopicName, contents: TopicContents | undefined): string[] {
  const partitions = contents?.partitions.length ?? TOPICS[topic].partitions;
  return [...specRow(topic, partitions), ...logRow(contents)];
}

function specRow(topic: TopicName, partitions: number): string[] {
  const spec: TopicSpec = TOPICS[topic];
  return [
    topic,
    spec.broadcast ? `${spec.key} (to all)` : spec.key,
    String(partitions),
    spec.kind,
    spec.writer,
    keptText(spec),
  ];
}

/** Of a compacted topic the newest record of each key stays for ever. */
function keptText({ compacted, retentionDays }: TopicSpec): string {
  if (compacted) return "compacted";
  return retentionDays === null ? "for ever" : `${retentionDays} days`;
}

function logRow(contents: TopicContents | undefined): string[] {
  if (contents === undefined) return ["-", "-", "not in this log"];
  const offsets = contents.partitions.map(({ start, end }) =>
    end === start ? "-" : `${start}..${end - 1}`,
  );
  return [formatCount(contents.records), formatCount(contents.deadLetters), offsets.join(" ")];
}

function specJson(topic: TopicName): Readonly<Record<string, unknown>> {
  const { schema, key, partitions, kind, writer, retentionDays, broadcast, compacted }: TopicSpec =
    TOPICS[topic];
  return { schema, key, partitions, kind, writer, retentionDays, broadcast, compacted };
}

function logJson(contents: TopicContents | undefined): Readonly<Record<string, unknown>> {
  if (contents === undefined) return { log: null };
  const { records, deadLetters, partitions } = contents;
  return { log: { records, deadLetters, partitions } };
}
