import { execFile, spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { encodeEvent } from "../schemas/src/codec.ts";
import { eventHeaders } from "../schemas/src/headers.ts";
import { arbitraryEvent } from "../schemas/src/testing/arbitrary-event.ts";
import { CONFLUENT_KAFKA, FASTAVRO, findPython } from "../schemas/src/testing/python.ts";
import { loadProcessConfig } from "../services/platform/src/config/load-config.ts";
import { RegistryClient } from "../services/platform/src/registry/registry-client.ts";
import { registerReleases } from "../services/platform/src/registry/releases.ts";
import { WireIds } from "../services/platform/src/registry/wire-ids.ts";
import { readList } from "../services/stack/src/artefacts/lists.ts";
import { provideArtefacts } from "../services/stack/src/artefacts/provide.ts";
import { settingsFrom } from "../services/stack/src/settings.ts";
import { testPart } from "../services/stack/src/testing/test-part.ts";

/** The snippets of docs/consume.md as they stand there, against a real broker and a real registry. */

const TOPIC = "discovery.recommendation.v1";
/** The snippets' topic belongs to whoever plays a recording here; the bytes are the same. */
const OWN_TOPIC = `consume-test-${process.pid}`;
const PAGE = readFileSync(join(import.meta.dirname, "..", "docs", "consume.md"), "utf8");
const SNIPPET = join(import.meta.dirname, "..", "docs", "snippets", "consume.py");

const kafka = await testPart("kafka");
const registry = await testPart("registry");
const python = findPython([CONFLUENT_KAFKA, FASTAVRO]);
const hasKcat = spawnSync("kcat", ["-V"]).status === 0;
const noServers = kafka.skipped === "" ? registry.skipped : kafka.skipped;
const pathOfPython = "missing" in python ? "" : python.path;
const noPython = "missing" in python ? ` (skipped: ${python.missing})` : "";

/** Makes the topic and writes records: [key, headers, value in hex], all to one partition. */
const PRODUCE = `
import json, sys
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic
brokers, topic, records = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
admin = AdminClient({"bootstrap.servers": brokers})
for made in admin.create_topics([NewTopic(topic, 1, 1)]).values():
    made.result()
producer = Producer({"bootstrap.servers": brokers, "enable.idempotence": True})
for key, headers, value in records:
    producer.produce(topic, key=key, headers=headers, value=bytes.fromhex(value))
assert producer.flush(60) == 0
`;

const IDS = ["00000000-0000-8000-8000-000000000001", "00000000-0000-8000-8000-000000000002"];

describe.skipIf(noServers !== "" || noPython !== "")(
  `the snippets of docs/consume.md${noServers}${noPython}`,
  () => {
    const brokers = kafka.address ?? "";
    const url = registry.address ?? "";

    beforeAll(async () => {
      const ids = new WireIds(await registerReleases(new RegistryClient({ url })));
      const events = fc.sample(arbitraryEvent(TOPIC), { numRuns: 2, seed: 11 });
      const records = events.map((event, at) => {
        const value = Buffer.from(encodeEvent(TOPIC, event));
        ids.toWire(value);
        const happenedAt = Date.UTC(2021, 0, 13, 15, at);
        const headers = eventHeaders({
          id: IDS[at] ?? "",
          source: "/amc/test",
          topic: TOPIC,
          happenedAt,
        });
        return [`SYM${at}`, headers, value.toString("hex")];
      });
      const [first, second] = records;
      // The first one twice, as after a crash.
      const words = [brokers, OWN_TOPIC, JSON.stringify([first, first, second])];
      await promisify(execFile)(pathOfPython, ["-c", PRODUCE, ...words]);
    }, 180_000);

    it("in Python prints each event once, decoded by the schema that its id names", async () => {
      const consumer = spawn(pathOfPython, [SNIPPET, brokers, url, OWN_TOPIC], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      const lines: string[] = [];
      for await (const line of createInterface({ input: consumer.stdout })) {
        lines.push(line);
        if (lines.length === 2) break;
      }
      consumer.kill();
      expect(lines[0]).toMatch(/^2021-01-13T15:00:00.000Z SYM0 \{.*'symbol': /);
      expect(lines[1]).toMatch(/^2021-01-13T15:01:00.000Z SYM1 \{.*'symbol': /);
    });

    it("for the Java console consumer print key, headers and position", async () => {
      const shown = /^kafka-console-consumer\.sh ([^`]+?)\n```/m.exec(PAGE)?.[1] ?? "";
      const options = wordsOf(shown, brokers);
      expect(options).toContain("--from-beginning");
      const asked = { brokers: undefined, parts: [], home: undefined };
      const source = settingsFrom(loadProcessConfig(), asked);
      const teller = { note: () => undefined, progress: () => undefined };
      const jars = await provideArtefacts("Kafka", readList("kafka"), source, teller);
      const main = "org.apache.kafka.tools.consumer.ConsoleConsumer";
      const words = ["-cp", jars.join(delimiter), main, ...options, "--max-messages", "3"];
      const { stdout } = await promisify(execFile)("java", words, { encoding: "latin1" });
      expect(stdout).toContain(`ce_id:${IDS[0]}`);
      expect(stdout).toContain(`ce_id:${IDS[1]}`);
      expect(stdout).toMatch(/Offset:2\t.*ce_type:discovery\.recommendation\.v1.*\tSYM1\t/);
    });

    it.skipIf(!hasKcat)("for kcat print the same headers (needs kcat)", async () => {
      const shown = /^kcat (-C [^`]+?)\n```/m.exec(PAGE)?.[1] ?? "";
      const options = wordsOf(shown, brokers).map((word) =>
        word === "http://registry:8081/apis/ccompat/v7" ? url : word,
      );
      const { stdout } = await promisify(execFile)("kcat", withoutAvro(options));
      expect(stdout.match(/ce_id=/g)).toHaveLength(3);
      expect(stdout).toContain(`ce_id=${IDS[1]}`);
    });
  },
);

/** The words of a shown command line, for our broker and topic. */
function wordsOf(shown: string, brokers: string): string[] {
  return [...shown.replaceAll("\\\n", " ").matchAll(/'([^']*)'|(\S+)/g)].map(
    ([, quoted, plain = ""]) =>
      quoted ?? plain.replace("broker:9092", brokers).replace(TOPIC, OWN_TOPIC),
  );
}

/** As the page says of a kcat that was built without Avro. */
function withoutAvro(options: readonly string[]): string[] {
  const { stdout } = spawnSync("kcat", ["-V"], { encoding: "utf8" });
  if (/\bavro\b/i.test(stdout)) return [...options];
  return options.filter((word, at) => {
    const isOf = (flag: string) => word === flag || options[at - 1] === flag;
    return !isOf("-s") && !isOf("-r");
  });
}
