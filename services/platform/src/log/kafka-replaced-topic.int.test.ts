import { testPart } from "@amc/stack/testing/test-part";
import { describe, expect, it, onTestFinished } from "vitest";
import { append, expectLogError, FACTS, readAll, SIGNALS } from "./contract/fixture.ts";
import { createKafkaTopics, removeKafkaTopics } from "./kafka/topics.ts";
import { openKafkaLog } from "./kafka.ts";
import type { Log } from "./port.ts";
import { createTestTopics, type TestTopics } from "./testing/kafka-topics.ts";

const GROUP = "readers";
const LAYOUT = [FACTS, SIGNALS].map((topic) => ({ topic, partitions: 1 }));
const LIMITS = { maxRecords: 100, maxBytes: 1 << 20 };

const kafka = await testPart("kafka");

describe.skipIf(kafka.address === null)(`a topic that was replaced${kafka.skipped}`, () => {
  for (const delivery of ["deduplicated", "transactional"] as const) {
    /** Facts up to a position, and then another topic of that name with more of them. */
    async function replaced(): Promise<{ running: Log; open: () => Promise<Log> }> {
      const topics: TestTopics = await createTestTopics(kafka.address, LAYOUT, [GROUP]);
      onTestFinished(topics.remove);
      const open = async () => {
        const log = await openKafkaLog({ ...topics, layout: LAYOUT, delivery });
        onTestFinished(() => log.close());
        return log;
      };
      const running = await open();
      const texts = (count: number) => Array.from({ length: count }, (_, index) => `${index}`);
      await running.commit({ appends: texts(3).map((text) => append(FACTS, "GME", text, 0)) });
      const next = (await readAll(running, FACTS, 0)).length;
      const lease = await running.acquire(GROUP, 0);
      await running.commit({
        ...{ lease, positions: [{ topic: FACTS, partition: 0, next }] },
        appends: [append(SIGNALS, "GME", "derived", 0)],
      });
      const { connection, prefix } = topics;
      await removeKafkaTopics(connection, [prefix + FACTS]);
      const layout = [{ topic: FACTS, partitions: 1 }];
      await createKafkaTopics({ connection, prefix, layout, groups: [], replicas: 1 });
      const stranger = await openKafkaLog({ connection, prefix, layout });
      await stranger.commit({ appends: texts(9).map((text) => append(FACTS, "GME", text, 0)) });
      await stranger.close();
      return { running, open };
    }

    it(`stops a reader that runs, before it takes anything of the other one, ${delivery}`, async () => {
      const { running } = await replaced();
      await expectLogError(running.read(FACTS, 0, 3, LIMITS), "log.topic-replaced");
      await expectLogError(running.endOffset(FACTS, 0), "log.topic-replaced");
    });

    it(`stops the next owner of a position in it, ${delivery}`, async () => {
      const { open } = await replaced();
      const next = await open();
      await expectLogError(next.acquire(GROUP, 0), "log.topic-replaced");
      // By its offsets alone nobody would notice.
      expect(await next.read(FACTS, 0, 3, LIMITS)).not.toEqual([]);
    });
  }
});
