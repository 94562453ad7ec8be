import { execFile, spawnSync } from "node:child_process";
import { delimiter } from "node:path";
import { promisify } from "node:util";
import { readList } from "@amc/stack/artefacts/lists";
import { provideArtefacts } from "@amc/stack/artefacts/provide";
import { settingsFrom } from "@amc/stack/settings";
import { withoutOwnKafka } from "@amc/stack/testing/own-kafka";
import { testPart } from "@amc/stack/testing/test-part";
import { describe, expect, it, onTestFinished } from "vitest";
import { loadProcessConfig } from "../config/load-config.ts";
import { FACTS } from "./contract/fixture.ts";
import { openKafkaLog } from "./kafka.ts";
import type { Append } from "./port.ts";
import { createTestTopics, type TestTopics } from "./testing/kafka-topics.ts";
import { KAFKA_WAYS, type KafkaWay } from "./testing/kafka-ways.ts";

const LAYOUT = [{ topic: FACTS, partitions: 1 }];
const RECORDS = 3_000;
const ANSWER = { maxBuffer: 64 * 1_048_576, encoding: "utf8" } as const;

const kafka = await testPart("kafka");
/** Its programs are those of the broker. */
const noJava = await withoutOwnKafka();
const hasKcat = spawnSync("kcat", ["-V"]).status === 0;

/** Of all sizes of a length, with text of one to four bytes a character. */
const APPENDS = Array.from(
  { length: RECORDS },
  (_, index): Append => ({
    ...{ topic: FACTS, partition: 0 },
    key: index % 7 === 0 ? null : `SYM${index % 11}`,
    value: Buffer.from(`${index} ${"é価😀x"[index % 4]}${"x".repeat((index * 37) % 300)}`),
    headers: index % 5 === 0 ? {} : { ce_id: `id-${index}`, "ünï-cödé": "日本" },
  }),
);

describe.skipIf(kafka.address === null)(`records of ours${kafka.skipped}`, () => {
  for (const way of KAFKA_WAYS) {
    it.skipIf(!hasKcat)(
      `read the same to librdkafka, ${way.name} (needs kcat)`,
      async () => {
        const { connection, topic } = await written(way);
        const options = ["-X", "check.crcs=true", "-X", "isolation.level=read_committed"];
        const words = ["-C", "-q", "-e", "-J", "-o", "beginning", "-t", topic, ...options];
        const brokers = connection.brokers.join(",");
        const { stdout } = await promisify(execFile)("kcat", ["-b", brokers, ...words], ANSWER);
        const read = stdout.trimEnd().split("\n").map(asAppend);
        expect(read).toEqual(APPENDS.map(textOf));
      },
      60_000,
    );

    it.skipIf(noJava !== "")(
      `read the same to the Java console consumer, ${way.name}${noJava}`,
      async () => {
        const { connection, topic } = await written(way);
        const options = [
          ...["--bootstrap-server", connection.brokers.join(","), "--topic", topic],
          ...["--from-beginning", "--isolation-level", "read_committed"],
          ...["--max-messages", String(RECORDS), "--formatter-property", "print.key=true"],
          ...["--formatter-property", "print.headers=true"],
        ];
        const asked = { brokers: undefined, parts: [], home: undefined };
        const teller = { note: () => undefined, progress: () => undefined };
        const settings = settingsFrom(loadProcessConfig(), asked);
        const jars = await provideArtefacts("Kafka", readList("kafka"), settings, teller);
        const main = "org.apache.kafka.tools.consumer.ConsoleConsumer";
        const utf8 = ["-Dfile.encoding=UTF-8", "-Dstdout.encoding=UTF-8"];
        const words = [...utf8, "-cp", jars.join(delimiter), main, ...options];
        const { stdout } = await promisify(execFile)("java", words, ANSWER);
        expect(stdout.trimEnd().split("\n")).toEqual(APPENDS.map(printed));
      },
      60_000,
    );
  }
});

/** A topic with all records on it, written in two commits. */
async function written({
  delivery,
  transactionsBy,
}: KafkaWay): Promise<TestTopics & { readonly topic: string }> {
  const topics = await createTestTopics(kafka.address, LAYOUT, []);
  onTestFinished(topics.remove);
  const log = await openKafkaLog({ ...topics, layout: LAYOUT, delivery, transactionsBy });
  await log.commit({ appends: APPENDS.slice(0, 1) });
  await log.commit({ appends: APPENDS.slice(1) });
  await log.close();
  return { ...topics, topic: topics.prefix + FACTS };
}

interface Text {
  readonly key: string | null;
  readonly value: string;
  readonly headers: readonly string[];
}

function textOf({ key, value, headers }: Append): Text {
  return { key, value: String(value), headers: Object.entries(headers).flat() };
}

/** kcat prints headers as a list of names and values by turns. */
function asAppend(line: string): Text {
  const { key, payload, headers = [] } = JSON.parse(line);
  return { key, value: payload, headers };
}

/** As the console consumer prints a record. */
function printed({ key, value, headers }: Append): string {
  const pairs = Object.entries(headers).map(([name, text]) => `${name}:${text}`);
  return [pairs.join(",") || "NO_HEADERS", key ?? "null", String(value)].join("\t");
}
