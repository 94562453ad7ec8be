import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeEvent, encodeEvent } from "./codec.ts";
import { currentSchemaId, releasesOf } from "./schema-ids.ts";
import { arbitraryEncodable, arbitraryEvent } from "./testing/arbitrary-event.ts";
import { FASTAVRO, findPython } from "./testing/python.ts";
import { TOPIC_NAMES, TOPICS, type TopicName } from "./topics.ts";

/**
 * A stock decoder of another language reads our bytes and we read its: Python with fastavro, from
 * the frozen schemas alone. Without Python, or without a way to install fastavro, it is skipped by
 * name.
 */

const BRIDGE = fileURLToPath(new URL("./testing/fastavro_bridge.py", import.meta.url));
const HISTORY = fileURLToPath(new URL("../avro/history/", import.meta.url));
const EVENTS_PER_TOPIC = 20;

const python = findPython();
const skipped = "missing" in python ? ` (skipped: ${python.missing})` : "";

function schemaPath(topic: TopicName): string {
  const version = releasesOf(topic).at(-1)?.version;
  return join(HISTORY, `${TOPICS[topic].schema}.v${version}.avsc`);
}

/** Answers of the bridge, one per request. */
function ask(requests: readonly object[]): Record<string, unknown>[] {
  if ("missing" in python) throw new Error(python.missing);
  const input = requests.map((request) => `${JSON.stringify(request)}\n`).join("");
  const { status, stdout, stderr } = spawnSync(python.path, [BRIDGE], { input, encoding: "utf8" });
  if (status !== 0) throw new Error(`fastavro refused: ${stderr}`);
  return stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
}

describe.skipIf("missing" in python)(`Python with ${FASTAVRO}${skipped}`, () => {
  it.each(TOPIC_NAMES)("reads our bytes of %s and writes the same", (topic) => {
    const arbitrary = fc.oneof(arbitraryEvent(topic), arbitraryEncodable(topic));
    const events = fc.sample(arbitrary, { numRuns: EVENTS_PER_TOPIC, seed: 7 });
    const about = { schema: schemaPath(topic), id: currentSchemaId(topic) };
    const ours = events.map((event) => Buffer.from(encodeEvent(topic, event)).toString("hex"));

    const read = ask(ours.map((hex) => ({ ...about, hex })));
    expect(read).toEqual(events.map((value) => ({ value })));

    const written = ask(events.map((value) => ({ ...about, value })));
    expect(written).toEqual(ours.map((hex) => ({ hex })));
    written.forEach(({ hex }, index) => {
      const decoded = decodeEvent(topic, Buffer.from(String(hex), "hex"));
      expect(decoded).toEqual({ ok: true, value: events[index] });
    });
  });
});
