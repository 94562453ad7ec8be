import { isoUtc } from "@amc/streams/market/event-time";
import type { CommandSpec, CommandWords } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { type Cause, deadLetterCauses } from "../operations/dead-letters/causes.ts";
import { inspectNamedLog, LOG_OPTIONS } from "../operations/named-log.ts";
import { textTable } from "../operations/text-table.ts";
import { formatCount } from "../output/format.ts";
import { Printer } from "../output/printer.ts";

export const DLQ_LIST: CommandSpec = {
  name: "dlq list",
  summary: "Groups the dead letters by cause",
  examples: [
    "npm run amc -- dlq list",
    "npm run --silent amc -- dlq list --json",
    "npm run amc -- dlq list --kafka",
  ],
  options: LOG_OPTIONS,
  run: list,
};

async function list(words: CommandWords): Promise<number> {
  const printer = new Printer(words.flag("json"));
  const causes = await inspectNamedLog(words, deadLetterCauses);
  for (const cause of causes) printer.line(causeJson(cause), null);
  printer.line(totalJson(causes), causes.length === 0 ? "No dead letters." : causesText(causes));
  return EXIT.ok;
}

function causeJson(cause: Cause) {
  const { topic, code, stage, count, redriven, firstAtMs, lastAtMs, latest, reason } = cause;
  return {
    type: "dead-letters",
    ...{ topic, code, stage, count, redriven },
    firstAt: isoUtc(firstAtMs),
    lastAt: isoUtc(lastAtMs),
    latest: { topic: latest.topic, partition: latest.partition, offset: latest.offset, reason },
  };
}

/** Last of its lines, so that an empty log is told from a command that said nothing. */
function totalJson(causes: readonly Cause[]) {
  const sum = (of: "count" | "redriven") => causes.reduce((total, cause) => total + cause[of], 0);
  return { type: "total", causes: causes.length, total: sum("count"), redriven: sum("redriven") };
}

function causesText(causes: readonly Cause[]): string {
  const heading = ["topic", "code", "refused by", "count", "redriven", "first", "last"];
  const rows = causes.map((cause) => [
    cause.topic,
    cause.code,
    cause.stage,
    formatCount(cause.count),
    formatCount(cause.redriven),
    isoUtc(cause.firstAtMs),
    isoUtc(cause.lastAtMs),
  ]);
  const latest = causes.map(
    ({ latest: { topic, partition, offset }, reason }) =>
      `  npm run amc -- dlq show ${topic} ${partition} ${offset}  # ${reason}`,
  );
  return [
    ...textTable([heading, ...rows], new Set([3, 4])),
    "",
    "The latest of each:",
    ...latest,
  ].join("\n");
}
