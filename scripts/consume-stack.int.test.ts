import { execFile, spawn, spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, delimiter, join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { arbitraryEvent } from "../schemas/src/testing/arbitrary-event.ts";
import { CONFLUENT_KAFKA, FASTAVRO, findPython } from "../schemas/src/testing/python.ts";
import { TOPIC_NAMES } from "../schemas/src/topics.ts";
import { loadProcessConfig } from "../services/platform/src/config/load-config.ts";
import { RegistryClient } from "../services/platform/src/registry/registry-client.ts";
import { registerReleases } from "../services/platform/src/registry/releases.ts";
import { WireIds } from "../services/platform/src/registry/wire-ids.ts";
import { readList } from "../services/stack/src/artefacts/lists.ts";
import { provideArtefacts } from "../services/stack/src/artefacts/provide.ts";
import { findJavas } from "../services/stack/src/java.ts";
import { settingsFrom } from "../services/stack/src/settings.ts";
import { makeCertificate } from "../services/stack/src/testing/certificates.ts";
import { guardedCluster } from "../services/stack/src/testing/guarded-kafka.ts";
import { type OwnKafka, ownKafka } from "../services/stack/src/testing/own-kafka.ts";
import { testPart } from "../services/stack/src/testing/test-part.ts";
import { idOf, produce, recordOf, sampleOf, spoiled } from "./testing/wire-records.ts";

/** The snippets of docs/consume.md as they stand there, against a real broker and a real registry. */

const TOPIC = "discovery.recommendation.v1";
/** The snippets' topic belongs to whoever plays a recording here; the bytes are the same. */
const OWN_TOPIC = `consume-test-${process.pid}`;
const PAGE = readFileSync(join(import.meta.dirname, "..", "docs", "consume.md"), "utf8");
const SNIPPETS = join(import.meta.dirname, "..", "docs", "snippets");

const kafka = await testPart("kafka");
const registry = await testPart("registry");
const python = findPython([CONFLUENT_KAFKA, FASTAVRO]);
const hasKcat = spawnSync("kcat", ["-V"]).status === 0;
const noServers = kafka.skipped === "" ? registry.skipped : kafka.skipped;
const pathOfPython = "missing" in python ? "" : python.path;
const noPython = "missing" in python ? ` (skipped: ${python.missing})` : "";
const asked = { brokers: undefined, parts: [], home: undefined };
const settings = settingsFrom(loadProcessConfig(), asked);
const teller = { note: () => undefined, progress: () => undefined };
/** Runs a program from its source, which not every Java does; Debian's smallest one does. */
const sourceJava = findJavas(settings.javaHome).find(
  ({ command }) => spawnSync(command, ["--describe-module", "jdk.compiler"]).status === 0,
);
const noSourceJava =
  sourceJava === undefined ? " (needs Java 17 or later with the module jdk.compiler)" : "";

describe.skipIf(noServers !== "" || noPython !== "")(
  `the snippets of docs/consume.md${noServers}${noPython}`,
  () => {
    const brokers = kafka.address ?? "";
    const url = registry.address ?? "";
    const writer = { python: pathOfPython, brokers };
    let ids: WireIds;

    beforeAll(async () => {
      ids = new WireIds(await registerReleases(new RegistryClient({ url })));
      const events = fc.sample(arbitraryEvent(TOPIC), { numRuns: 2, seed: 11 });
      const [first, second] = events.map((event, at) => recordOf(ids, TOPIC, event, at));
      // The first one twice, as after a crash.
      await produce(writer, OWN_TOPIC, [first, first, second]);
    }, 180_000);

    describe.skipIf(sourceJava === undefined)(`in Java${noSourceJava}`, () => {
      const folder = join(tmpdir(), `amc-consume-${process.pid}`);
      beforeAll(() => layOut(folder), 180_000);
      afterAll(() => rmSync(folder, { recursive: true, force: true }));

      const runFor = (topic: string) => {
        const shown = /^java (-cp [^`]+?)\n```/m.exec(PAGE)?.[1] ?? "";
        return ended(
          sourceJava?.command ?? "",
          wordsOf(shown, { brokers, url, topic, group: "java" }),
          folder,
        );
      };

      it("print three events of every topic, each once, decoded by the schema that its id names, until one has no envelope", async () => {
        const topic = `${OWN_TOPIC}-java`;
        const names = [...TOPIC_NAMES, ...TOPIC_NAMES, ...TOPIC_NAMES];
        const samples = names.map((name, at) => sampleOf(ids, name, at));
        const records = samples.map(({ record }) => record);
        const [first] = records;
        const last = spoiled(records.at(-1), { at: records.length, start: "07" });
        await produce(writer, topic, [first, ...records, last]);
        const run = await runFor(topic);
        const reason = "no Confluent envelope: the first byte was 7";
        expect(run).toMatchObject({ exitCode: 1, stderr: expect.stringContaining(reason) });
        expect(run.stdout.trimEnd().split("\n").map(lineParts)).toEqual(
          samples.map(({ printed }) => printed),
        );
        // It goes on behind what it has printed, and no further.
        const again = await runFor(topic);
        expect(again).toMatchObject({ exitCode: 1, stderr: expect.stringContaining(reason) });
        expect(again.stdout).toBe("");
      }, 180_000);

      it("end at an id that the registry does not know, and say so", async () => {
        const topic = `${OWN_TOPIC}-unknown`;
        const { record, printed } = sampleOf(ids, TOPIC, 0);
        const unknown = spoiled(record, { at: 1, start: "00773593ff" });
        await produce(writer, topic, [record, unknown]);
        const run = await runFor(topic);
        expect(run.stderr).toContain(`schema ${0x773593ff}: HTTP 404`);
        expect(run.exitCode).toBe(1);
        expect(lineParts(run.stdout.trimEnd())).toEqual(printed);
      }, 180_000);
    });

    it("in Python prints each event once, decoded by the schema that its id names", async () => {
      const shown = /^python (consume\.py [^`]+?)\n```/m.exec(PAGE)?.[1] ?? "";
      const words = wordsOf(shown, { brokers, url, topic: OWN_TOPIC, group: "python" });
      const consumer = spawn(pathOfPython, words, {
        cwd: SNIPPETS,
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
      const options = wordsOf(shown, { brokers, url, topic: OWN_TOPIC, group: "tool" });
      expect(options).toContain("--from-beginning");
      const jars = await provideArtefacts("Kafka", readList("kafka"), settings, teller);
      const main = "org.apache.kafka.tools.consumer.ConsoleConsumer";
      const words = ["-cp", jars.join(delimiter), main, ...options, "--max-messages", "3"];
      const { stdout } = await promisify(execFile)("java", words, { encoding: "latin1" });
      expect(stdout).toContain(`ce_id:${idOf(0)}`);
      expect(stdout).toContain(`ce_id:${idOf(1)}`);
      expect(stdout).toMatch(/Offset:2\t.*ce_type:discovery\.recommendation\.v1.*\tSYM1\t/);
    });

    it.skipIf(!hasKcat)("for kcat print the same headers (needs kcat)", async () => {
      const shown = /^kcat (-C [^`]+?)\n```/m.exec(PAGE)?.[1] ?? "";
      const options = wordsOf(shown, { brokers, url, topic: OWN_TOPIC, group: "" });
      const { stdout } = await promisify(execFile)("kcat", withoutAvro(options));
      expect(stdout.match(/ce_id=/g)).toHaveLength(3);
      expect(stdout).toContain(`ce_id=${idOf(1)}`);
    });
  },
);

describe.skipIf(noServers !== "" || noPython !== "" || sourceJava === undefined)(
  `the same with the login of docs/consume.md, where a cluster asks for rights${noServers}${noPython}${noSourceJava}`,
  () => {
    const folder = join(tmpdir(), `amc-consume-login-${process.pid}`);
    let cluster: OwnKafka | null = null;
    let jars = "";

    const shownWords = (shown: RegExp): string[] =>
      wordsOf(shown.exec(PAGE)?.[1] ?? "", {
        ...{ brokers: cluster?.address ?? "", url: registry.address ?? "" },
        ...{ topic: TOPIC, group: null },
      });
    const runTool = (main: string, words: readonly string[]) =>
      ended("java", ["-cp", jars, `org.apache.kafka.tools.${main}`, ...words], folder);
    const consoleConsumer = (group: string) => {
      const shown = shownWords(/^kafka-console-consumer\.sh ([^`]+?)\n```/m);
      const words = shown.map((word) => (word === "risk" ? group : word));
      const login = ["--command-config", "java.properties"];
      return runTool("consumer.ConsoleConsumer", [...words, "--max-messages", "1", ...login]);
    };

    beforeAll(async () => {
      await layOut(folder);
      const certificate = makeCertificate(folder, "broker");
      writeFileSync(join(folder, "ca.pem"), certificate.pem);
      const guarded = guardedCluster(certificate, ["risk"]);
      cluster = await ownKafka(1, guarded);
      const tools = await provideArtefacts("Kafka", readList("kafka"), settings, teller);
      jars = tools.join(delimiter);
      const passwordOf = (name: string) => guarded.accessOf(name).sasl?.password ?? "";
      const shown = [...PAGE.matchAll(/^(security\.protocol=[^`]+)```/gm)];
      const [python = "", java = ""] = shown.map(([, block = ""]) =>
        block.replace("<password>", passwordOf("risk")),
      );
      writeFileSync(join(folder, "admin.properties"), guarded.adminProperties);
      writeFileSync(join(folder, "python.properties"), python);
      writeFileSync(join(folder, "java.properties"), java);
      const url = registry.address ?? "";
      const ids = new WireIds(await registerReleases(new RegistryClient({ url })));
      const [first, second] = [0, 1].map((at) => sampleOf(ids, TOPIC, at).record);
      const last = spoiled(second, { at: 2, start: "07" });
      const asAdmin = {
        ...Object.fromEntries(python.split("\n").map((line) => line.split("=", 2))),
        ...{ "sasl.username": "admin", "sasl.password": passwordOf("admin") },
        "ssl.ca.location": join(folder, "ca.pem"),
      };
      const brokers = cluster?.address ?? "";
      const writer = { python: pathOfPython, brokers, settings: asAdmin };
      await produce(writer, TOPIC, [first, second, last]);
    }, 240_000);
    afterAll(async () => {
      await cluster?.down();
      rmSync(folder, { recursive: true, force: true });
    });

    it("lets nobody read before the grant, and afterwards every program go on where the one before it ended, in the group that was granted", async () => {
      expect((await consoleConsumer("risk")).stdout).toContain("TopicAuthorizationException");
      const granted = await runTool("AclCommand", shownWords(/^kafka-acls\.sh ([^`]+?)\n```/m));
      expect(granted).toMatchObject({ exitCode: 0 });
      expect((await consoleConsumer("other")).stdout).toContain("GroupAuthorizationException");
      expect((await consoleConsumer("risk")).stdout).toContain(`ce_id:${idOf(0)}`);

      const javaWords = shownWords(/^java (-cp [^`]+?)\n```/m);
      const java = await ended(
        sourceJava?.command ?? "",
        [...javaWords, "java.properties"],
        folder,
      );
      expect(java.stdout).toMatch(/^2021-01-13T15:01:00.000Z SYM1 \{.*\n$/);
      expect(java.stderr).toContain("no Confluent envelope");

      const pythonWords = shownWords(/^python (consume\.py [^`]+?)\n```/m);
      const python = await ended(pathOfPython, [...pythonWords, "python.properties"], folder);
      expect(python).toMatchObject({ stdout: "", exitCode: 1 });
      expect(python.stderr).toContain("no Confluent envelope");
    }, 240_000);
  },
);

/** A folder as the page wants it: the programs, and beside them the jars. */
async function layOut(folder: string): Promise<void> {
  mkdirSync(join(folder, "jars"), { recursive: true });
  for (const name of ["Consume.java", "consume.py"]) {
    copyFileSync(join(SNIPPETS, name), join(folder, name));
  }
  const list = readList("consumeJava");
  for (const jar of await provideArtefacts("Avro for Java", list, settings, teller)) {
    symlinkSync(jar, join(folder, "jars", basename(jar)));
  }
}

interface Ended {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Longer than the place of a killed member in the group stays taken. */
const ENDS_WITHIN_MS = 80_000;

/** Runs a program until it ends, well or not. */
function ended(command: string, words: readonly string[], cwd: string): Promise<Ended> {
  const { promise, resolve } = Promise.withResolvers<Ended>();
  const options = { cwd, timeout: ENDS_WITHIN_MS };
  const child = execFile(command, words, options, (_error, stdout, stderr) =>
    resolve({ exitCode: child.exitCode, stdout, stderr }),
  );
  return promise;
}

/** Time, key and decoded event of a line that the Java program printed. */
function lineParts(line: string) {
  const [, time, key, json = ""] = /^(\S+) (\S*) (.*)$/.exec(line) ?? [];
  return { time, key, event: JSON.parse(json) };
}

interface Stood {
  readonly brokers: string;
  readonly url: string;
  readonly topic: string;
  /** A group of the test's own, so that nobody has read for it; null for the one that is shown. */
  readonly group: string | null;
}

/** The words of a shown command line, for our broker, registry and topic and a group of its own. */
function wordsOf(shown: string, { brokers, url, topic, group }: Stood): string[] {
  return [...shown.replaceAll("\\\n", " ").matchAll(/'([^']*)'|(\S+)/g)].map(
    ([, quoted, plain = ""]) =>
      quoted ??
      plain
        .replace(/^broker:909[23]$/, brokers)
        .replace("http://registry:8081/apis/ccompat/v7", url)
        .replace(TOPIC, topic)
        .replace(/^risk$/, group === null ? "risk" : `${OWN_TOPIC}-${group}`),
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
