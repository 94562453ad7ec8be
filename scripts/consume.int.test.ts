import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { encodeEvent } from "../schemas/src/codec.ts";
import { writeEnvelope } from "../schemas/src/envelope.ts";
import { SCHEMAS } from "../schemas/src/generated/schemas.ts";
import { MESSAGE_BYTES_MAX } from "../schemas/src/limits.ts";
import { releasedSchema } from "../schemas/src/released-schema.ts";
import { releasesOf } from "../schemas/src/schema-ids.ts";
import { arbitraryEvent } from "../schemas/src/testing/arbitrary-event.ts";
import { FASTAVRO, findPython } from "../schemas/src/testing/python.ts";
import { TOPIC_NAMES, TOPICS, type TopicSpec } from "../schemas/src/topics.ts";
import { FaultyRegistry, json } from "../services/platform/src/registry/testing/faulty-registry.ts";
import { readList } from "../services/stack/src/artefacts/lists.ts";
import { VERSIONS } from "../services/stack/src/versions.ts";

const DOCS = join(import.meta.dirname, "..", "docs");
const PAGE = readFileSync(join(DOCS, "consume.md"), "utf8");

/** Calls the snippet's own decoder as its loop would, from a process that has no Kafka. */
const CALL = `
import json, sys
sys.path.insert(0, sys.argv[1])
from consume import decode
value = decode(sys.argv[2], bytes.fromhex(sys.argv[3]))
print(json.dumps(value, default=lambda instant: round(instant.timestamp() * 1000)))
`;

describe("docs/consume.md", () => {
  it("lists every topic with its key, partitions, retention and meaning", () => {
    const [, section = ""] = PAGE.split("\n## Topics\n");
    const rows = (section.split("\n## ")[0] ?? "").matchAll(/^\| `(.+?)` \| (.+) \|$/gm);
    const listed = [...rows].map(([, topic = "", rest = ""]) => [topic, ...rest.split(" | ")]);
    expect(listed).toEqual(
      TOPIC_NAMES.map((topic) => {
        const { key, broadcast, partitions, retentionDays, compacted, schema }: TopicSpec =
          TOPICS[topic];
        const aged = retentionDays === null ? "for ever" : `${retentionDays} days`;
        const kept = compacted ? "newest of a key" : aged;
        return [topic, key, broadcast ? "every" : `${partitions}`, kept, SCHEMAS[schema].doc];
      }),
    );
  });

  it("states the size limit that holds", () => {
    expect(PAGE).toContain(`at most ${MESSAGE_BYTES_MAX / 1024} KB`);
  });

  it.each([
    ["python", "consume.py"],
    ["java", "Consume.java"],
  ])("shows the program in %s as it is", (language, name) => {
    const program = readFileSync(join(DOCS, "snippets", name), "utf8");
    expect(PAGE).toContain(`\`\`\`${language}\n${program}\`\`\`\n`);
  });

  it("lets every program join the group that its ACL grants, and no other", () => {
    const granted = /^ {2}--allow-principal User:\S+ .* --group (\S+)$/m.exec(PAGE)?.[1] ?? "";
    expect(granted).not.toBe("");
    const shown = PAGE.matchAll(
      /^(?:python consume|java -cp|kafka-(?:avro-)?console-consumer)[^`]+?(?=\n```)/gm,
    );
    const lines = [...shown].map(([line]) => line.split(/\s+/));
    expect(lines).toHaveLength(4);
    for (const words of lines) expect(words, words.join(" ")).toContain(granted);
    for (const name of ["consume.py", "Consume.java"]) {
      const program = readFileSync(join(DOCS, "snippets", name), "utf8");
      expect(program).toMatch(/"group\.id"[:,] (group|words\[2\]),/);
    }
  });

  it("names the libraries that the Java program is run with by its test", () => {
    const named = PAGE.match(/^[a-z.]+:[a-z-]+:[0-9.]+$/gm) ?? [];
    expect(named).toEqual([
      `org.apache.kafka:kafka-clients:${VERSIONS.kafka}`,
      `com.fasterxml.jackson.core:jackson-databind:${VERSIONS.jackson}`,
      `org.apache.avro:avro:${VERSIONS.avro}`,
    ]);
    const paths = named.map((coordinates) => {
      const [group = "", artifact = "", version = ""] = coordinates.split(":");
      return [...group.split("."), artifact, version, `${artifact}-${version}.jar`].join("/");
    });
    const { files } = readList("consumeJava");
    expect(files.map(({ path }) => path)).toEqual(expect.arrayContaining(paths));
  });
});

const python = findPython();
const skipped = "missing" in python ? ` (skipped: ${python.missing})` : "";

describe.skipIf("missing" in python)(`the Python snippet with ${FASTAVRO}${skipped}`, () => {
  const TOPIC = "discovery.recommendation.v1";
  /** Not one of our committed ids, as with a real registry. */
  const ID = 70_001;
  let registry: FaultyRegistry;
  beforeAll(async () => {
    const version = releasesOf(TOPIC).at(-1)?.version ?? 0;
    registry = await FaultyRegistry.open(
      json(200, { schema: releasedSchema({ topic: TOPIC, version }) }),
    );
  });
  afterAll(() => registry.close());

  it("reads our bytes by the schema that their id names", async () => {
    if ("missing" in python) throw new Error(python.missing);
    const [event] = fc.sample(arbitraryEvent(TOPIC), { numRuns: 1, seed: 11 });
    if (event === undefined) throw new Error("no event");
    const bytes = Buffer.from(encodeEvent(TOPIC, event));
    writeEnvelope(bytes, ID);
    const words = ["-c", CALL, join(DOCS, "snippets"), registry.url, bytes.toString("hex")];
    const { stdout } = await promisify(execFile)(python.path, words, {
      env: { ...process.env, PYTHONDONTWRITEBYTECODE: "1" },
    });
    expect(JSON.parse(stdout)).toEqual(event);
    expect(registry.asked).toEqual([`GET /schemas/ids/${ID}`]);
  });
});
