import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { testPart } from "@amc/stack/testing/test-part";
import { describe, expect, it, onTestFinished } from "vitest";
import { readAll, stateOf, texts } from "./contract/fixture.ts";
import { openKafkaLog } from "./kafka.ts";
import { COPIED, COPIED_LAYOUT, COPIER_GROUP, expectedIn } from "./testing/copied-inputs.ts";
import { createTestTopics, type TestTopics } from "./testing/kafka-topics.ts";
import { DEDUPLICATED, KAFKA_WAYS, type KafkaWay } from "./testing/kafka-ways.ts";

const PROGRAM = join(import.meta.dirname, "testing", "kafka-copier.ts");
const KILLS = 10;
/** A control that lost its marks must show a copy after some of so many. */
const CONTROL_KILLS = 40;
/** Commits of one life, at most; only where in its next commit the kill meets it is chance. */
const COMMITS_MAX = 12;

const kafka = await testPart("kafka");

describe.skipIf(kafka.address === null)(`kill -9 in the middle of commits${kafka.skipped}`, () => {
  for (const way of KAFKA_WAYS) {
    it(`leaves every output once and in order, ${way.name}`, async () => {
      const topics = await topicsOfTest();
      for (let kill = 0; kill < KILLS; kill += 1) {
        await liveAndDie(topics, way, "sound", kill);
      }
      const { next, copies } = await copiesIn(topics, way);
      expect(next).toBeGreaterThan(KILLS);
      for (const [partition, found] of copies.entries()) {
        expect(found).toEqual(expectedIn(partition, found, next));
      }
    }, 180_000);
  }

  it("leaves outputs twice when they carry no marks: the check would notice", async () => {
    const topics = await topicsOfTest();
    let duplicates = 0;
    for (let kill = 0; kill < CONTROL_KILLS && duplicates === 0; kill += 1) {
      await liveAndDie(topics, DEDUPLICATED, "unmarked", kill);
      const { copies } = await copiesIn(topics, DEDUPLICATED);
      for (const found of copies) duplicates += found.length - new Set(found).size;
    }
    expect(duplicates).toBeGreaterThan(0);
  }, 180_000);
});

async function topicsOfTest(): Promise<TestTopics> {
  const topics = await createTestTopics(kafka.address, COPIED_LAYOUT, [COPIER_GROUP]);
  onTestFinished(topics.remove);
  return topics;
}

/** Runs the copier until it has acknowledged some commits, and kills it in the next one. */
async function liveAndDie(
  topics: TestTopics,
  { delivery, transactionsBy }: KafkaWay,
  mode: string,
  kill: number,
): Promise<void> {
  const { connection, prefix } = topics;
  const way = [delivery, transactionsBy];
  const args = [PROGRAM, connection.brokers.join(","), prefix, ...way, mode];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const closed = once(child, "close");
  // Twelve kills in a row come after every number of commits once: five and twelve share no factor.
  let left = 1 + ((5 * kill) % COMMITS_MAX);
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.startsWith("ack")) left -= 1;
    if (left === 0) child.kill("SIGKILL");
  }
  await closed;
}

/** Inputs that were committed, and all copies by partition. */
async function copiesIn(
  topics: TestTopics,
  { delivery, transactionsBy }: KafkaWay,
): Promise<{ next: number; copies: string[][] }> {
  const log = await openKafkaLog({ ...topics, layout: COPIED_LAYOUT, delivery, transactionsBy });
  try {
    // Taking over ends what the dead owner left open, or readers would wait for it.
    await log.acquire(COPIER_GROUP, 0);
    const next = (await log.positions(COPIER_GROUP, 0))[0]?.next ?? 0;
    expect(await stateOf(log, COPIER_GROUP, 0)).toEqual(
      next === 0 ? [] : [`copied/inputs=${next}`],
    );
    const copies = [];
    for (const partition of [0, 1]) copies.push(texts(await readAll(log, COPIED, partition)));
    return { next, copies };
  } finally {
    await log.close();
  }
}
