import { testPart } from "@amc/stack/testing/test-part";
import { describe, expect, it, onTestFinished } from "vitest";
import { FACTS } from "./contract/fixture.ts";
import { openKafkaLog } from "./kafka.ts";
import { nextOffset } from "./next-offset.ts";
import { createTestTopics } from "./testing/kafka-topics.ts";
import { KAFKA_WAYS } from "./testing/kafka-ways.ts";

const GROUP = "signals";
const LAYOUT = [{ topic: FACTS, partitions: 1 }];
const LIMITS = { maxRecords: 100, maxBytes: 1_000_000 };
const COMMITS = 3;

const kafka = await testPart("kafka");

describe.skipIf(kafka.address === null)(`topics that change delivery${kafka.skipped}`, () => {
  for (const before of KAFKA_WAYS) {
    for (const after of KAFKA_WAYS) {
      it(`end behind their last record, ${before.name} before and ${after.name} now`, async () => {
        const topics = await createTestTopics(kafka.address, LAYOUT, [GROUP]);
        onTestFinished(topics.remove);
        const append = { topic: FACTS, key: "GME", value: Buffer.from("output"), headers: {} };
        const offsets: number[] = [];
        for (const { delivery, transactionsBy } of [before, after]) {
          const log = await openKafkaLog({ ...topics, layout: LAYOUT, delivery, transactionsBy });
          try {
            // What was there before this process is what a tick's cut is made of.
            expect(await log.endOffset(FACTS, 0)).toBe((offsets.at(-1) ?? -1) + 1);
            const lease = await log.acquire(GROUP, 0);
            for (let round = 0; round < COMMITS; round += 1) {
              const committed = await log.commit({ lease, appends: [append] });
              offsets.push(...committed.offsets);
              expect(await log.endOffset(FACTS, 0)).toBe((offsets.at(-1) ?? -1) + 1);
            }
          } finally {
            await log.close();
          }
        }
        const log = await openKafkaLog({ ...topics, layout: LAYOUT, ...after });
        onTestFinished(() => log.close());
        const records = await log.read(FACTS, 0, 0, LIMITS);
        expect(records.map(({ offset }) => offset)).toEqual(offsets);
        expect(await log.endOffset(FACTS, 0)).toBe(nextOffset(records, 0));
        // A marker has a time as well, and nobody can read it.
        for (const { appendedAtMs } of records) {
          expect(offsets).toContain(await log.offsetAtTime(FACTS, 0, appendedAtMs));
        }
      }, 60_000);
    }
  }
});
