import { isTopicName, TOPIC_NAMES } from "@amc/schemas/topics";
import type { CommandSpec, CommandWords } from "../command.ts";
import { CommandError, EXIT } from "../exit-codes.ts";
import {
  planRedrive,
  type RedriveCounts,
  type RedriveFilter,
  redrive,
} from "../operations/dead-letters/redrive.ts";
import { inspectNamedLog, LOG_OPTIONS, withNamedLog } from "../operations/named-log.ts";
import { formatCount } from "../output/format.ts";
import { Printer } from "../output/printer.ts";

export const DLQ_REDRIVE: CommandSpec = {
  name: "dlq redrive",
  summary: "Appends dead letters that can be read now to their topic again, each at most once",
  examples: [
    "npm run amc -- dlq redrive --topic market.price-tick.v1 --dry-run",
    "npm run amc -- dlq redrive --topic market.price-tick.v1 --code envelope.unknown-schema --yes",
    "npm run amc -- dlq redrive --kafka --topic market.price-tick.v1 --yes",
  ],
  options: {
    topic: { type: "string", value: "<topic>", doc: "topic they were refused from" },
    code: { type: "string", value: "<code>", doc: "only those refused with this code" },
    "dry-run": { type: "boolean", doc: "count, change nothing; works beside npm start" },
    yes: { type: "boolean", doc: "do it; npm start must not be running, services on Kafka may" },
    ...LOG_OPTIONS,
  },
  run,
};

async function run(words: CommandWords): Promise<number> {
  const filter = filterOf(words);
  const printer = new Printer(words.flag("json"));
  const plan = await inspectNamedLog(words, (log) => planRedrive(log, filter));
  const isDryRun = words.flag("dry-run");
  if (isDryRun || !words.flag("yes")) {
    print(printer, filter, plan, false);
    if (isDryRun || plan.redrivable === 0) return EXIT.ok;
    throw new CommandError(
      EXIT.usage,
      `nothing was changed: give --yes to append ${plan.redrivable} records, or --dry-run to count only`,
    );
  }
  print(printer, filter, await withNamedLog(words, (log) => redrive(log, filter)), true);
  return EXIT.ok;
}

function filterOf(words: CommandWords): RedriveFilter {
  const topic = words.text("topic") ?? "";
  if (isTopicName(topic)) return { topic, code: words.text("code") };
  throw new CommandError(
    EXIT.usage,
    `--topic takes one of the topics that dlq list shows: ${TOPIC_NAMES.join(", ")}`,
  );
}

function print(
  printer: Printer,
  { topic, code }: RedriveFilter,
  counts: RedriveCounts,
  done: boolean,
): void {
  const { redrivable, alreadyRedriven, ofProjections, rowsOfFiles, total } = counts;
  const { stillRefused, decided } = counts;
  printer.line(
    {
      type: "redrive",
      ...{
        topic,
        code: code ?? null,
        done,
        total,
        redrivable,
        alreadyRedriven,
        ofProjections,
        rowsOfFiles,
      },
      ...{ stillRefused, decided },
    },
    [
      `${topic}${code === undefined ? "" : ` with ${code}`}: ${formatCount(total)} dead letters`,
      ...clause(
        redrivable,
        done ? "appended again" : "can be read now and would be appended again",
      ),
      ...clause(alreadyRedriven, "were redriven before"),
      ...byCode(stillRefused, "cannot be read still"),
      ...byCode(decided, "a stage decided against; name the --code to try them again"),
      ...clause(ofProjections, "are of projections: npm run amc -- rebuild applies them"),
      ...clause(rowsOfFiles, "are rows of files: mend the file and play it again"),
    ].join("\n"),
  );
  if (done && redrivable > 0) printer.note("They are taken with the next tick that covers them.");
}

function clause(count: number, text: string): string[] {
  return count === 0 ? [] : [`  ${formatCount(count)} ${text}`];
}

function byCode(counts: Readonly<Record<string, number>>, text: string): string[] {
  return Object.entries(counts)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([code, count]) => `  ${formatCount(count)} ${text} (${code})`);
}
