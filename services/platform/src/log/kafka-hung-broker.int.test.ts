import { testPart } from "@amc/stack/testing/test-part";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { KafkaMembership } from "../assignment/kafka/kafka-membership.ts";
import type { Unit } from "../assignment/unit.ts";
import { FACTS } from "./contract/fixture.ts";
import type { KafkaConnection } from "./kafka/client-options.ts";
import { Cluster } from "./kafka/cluster.ts";
import { checkTopics } from "./kafka/topics/topic-admin.ts";
import { openKafkaLog } from "./kafka.ts";
import { createTestTopics, type TestTopics } from "./testing/kafka-topics.ts";
import { KAFKA_WAYS } from "./testing/kafka-ways.ts";
import { type SilentBroker, silentBroker } from "./testing/silent-broker.ts";

const LAYOUT = [{ topic: FACTS, partitions: 1 }];
const REQUEST_TIMEOUT_MS = 1_000;

const kafka = await testPart("kafka");

describe.skipIf(kafka.address === null)(
  `a cluster whose first address is that of a stopped process${kafka.skipped}`,
  () => {
    async function reached(): Promise<TestTopics & { readonly hung: SilentBroker }> {
      const hung = await silentBroker();
      onTestFinished(hung.close);
      const topics = await createTestTopics(kafka.address, LAYOUT, ["signals"]);
      onTestFinished(topics.remove);
      const brokers = [hung.address, ...topics.connection.brokers];
      const requestTimeoutMs = REQUEST_TIMEOUT_MS;
      const connection: KafkaConnection = { ...topics.connection, brokers, requestTimeoutMs };
      return { ...topics, connection, hung };
    }

    it("is asked through its other brokers, by many at once", async () => {
      const { connection, prefix, hung } = await reached();
      const cluster = new Cluster(connection);
      onTestFinished(() => cluster.close());
      const ends = Array.from({ length: 10 }, () => cluster.endOffset(prefix + FACTS, 0));
      expect(await Promise.all(ends)).toEqual(Array.from({ length: 10 }, () => 0));
      expect(hung.sockets).toHaveLength(1);
    });

    for (const { name, ...way } of KAFKA_WAYS) {
      it(`is opened as a log which takes commits of a unit, ${name}`, async () => {
        const log = await openKafkaLog({ ...(await reached()), layout: LAYOUT, ...way });
        onTestFinished(() => log.close());
        const lease = await log.acquire("signals", 0);
        const append = { topic: FACTS, key: "GME", value: Buffer.from("1"), headers: {} };
        await log.commit({ lease, appends: [append] });
        expect(await log.endOffset(FACTS, 0)).toBeGreaterThan(0);
      });
    }

    it("has its groups joined", async () => {
      const { connection, prefix } = await reached();
      const units = [{ group: "signals", partition: 0 }];
      const membership = new KafkaMembership({ connection, prefix, group: prefix, units });
      let held: readonly Unit[] = [];
      const worker = {
        held: () => held,
        take: async (own: readonly Unit[]) => {
          held = own;
        },
      };
      const stop = new AbortController();
      const running = membership.run(worker, stop.signal);
      await vi.waitFor(() => expect(held).toEqual(units), 30_000);
      stop.abort();
      await running;
    });

    it("has its topics compared", async () => {
      const { connection, prefix } = await reached();
      const state = await checkTopics(connection, { prefix, layout: LAYOUT, groups: [] });
      expect(state.absent).toEqual([]);
    });
  },
);
