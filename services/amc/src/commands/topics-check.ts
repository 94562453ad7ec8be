import { loadProcessConfig } from "@amc/platform/config/load-config";
import { kafkaConnection } from "@amc/platform/log/kafka/connection";
import { describeDifference, mendOf } from "@amc/platform/log/kafka/topics/drift";
import {
  checkTopics,
  mendTopics,
  provideTopics,
  type TopicsState,
} from "@amc/platform/log/kafka/topics/topic-admin";
import type { CommandSpec, CommandWords } from "../command.ts";
import { CommandError, EXIT } from "../exit-codes.ts";
import {
  createAbsentTopics,
  type TopicsFound,
  type TopicsOfCluster,
} from "../operations/create-topics.ts";
import { configuredTopics, mendsOf } from "../operations/topic-drift.ts";
import { Printer } from "../output/printer.ts";

export const TOPICS_CHECK: CommandSpec = {
  name: "topics check",
  summary:
    "Compares the topics of KAFKA_BROKERS with the topic table, and mends what it is told to",
  examples: [
    "KAFKA_BROKERS=127.0.0.1:9092 npm run amc -- topics check",
    "npm run amc -- topics check --create",
    "npm run --silent amc -- topics check --mend --json",
  ],
  options: {
    create: {
      type: "boolean",
      doc: "create what is absent, unless anything differs that does not only make the cluster larger: then change nothing",
    },
    mend: {
      type: "boolean",
      doc: "create what is absent and set what differs; a shorter retention deletes records",
    },
    json: { type: "boolean", doc: "one JSON object per line on stdout" },
  },
  run,
};

async function run(words: CommandWords): Promise<number> {
  const variables = loadProcessConfig();
  const connection = kafkaConnection(variables, "amc-topics");
  if (connection === null) throw new CommandError(EXIT.config, "KAFKA_BROKERS is not set");
  const wanted = configuredTopics(variables);
  const { names, absent, differences, areFit } = await inspected(words, {
    check: () => checkTopics(connection, wanted),
    provide: () => provideTopics(connection, wanted),
    mend: () => mendTopics(connection, wanted),
  });
  const printer = new Printer(words.flag("json"));
  for (const topic of absent) printer.line({ type: "absent", topic }, `${topic}: does not exist`);
  for (const difference of differences) {
    printer.line(
      { type: "difference", ...difference, mend: mendOf(difference) },
      describeDifference(difference),
    );
  }
  const wrong = absent.length + differences.length;
  if (wrong === 0) printer.note(`All ${names.length} topics are as the topic table says.`);
  else for (const mend of mendsOf(absent, differences)) printer.note(`mend: ${mend}`);
  return areFit ? EXIT.ok : EXIT.failed;
}

async function inspected(words: CommandWords, topics: MendableTopics): Promise<TopicsFound> {
  const isMending = words.flag("mend");
  if (words.flag("create") && !isMending) return await createAbsentTopics(topics);
  const state = await (isMending ? topics.mend() : topics.check());
  return { ...state, areFit: state.absent.length + state.differences.length === 0 };
}

interface MendableTopics extends TopicsOfCluster {
  mend(): Promise<TopicsState>;
}
