import { randomUUID } from "node:crypto";
import { openKafkaLog } from "@amc/platform/log/kafka";
import { provideTopics } from "@amc/platform/log/kafka/topics/topic-admin";
import {
  compareSends,
  type SendOutcome,
  sendThrough,
} from "@amc/platform/log/testing/acknowledged-sends";
import { bareKafkajs } from "@amc/platform/log/testing/bare-kafkajs";
import { DEDUPLICATED, KAFKA_WAYS, type KafkaWay } from "@amc/platform/log/testing/kafka-ways";
import { recordsOf } from "@amc/replay/log-digests";
import type { OwnKafka } from "@amc/stack/testing/own-kafka";
import type { FaultOutcome, FaultScope } from "./fault.ts";
import { withOwnCluster } from "./servers.ts";

const TOPIC = "market.price-tick.v1";
const LAYOUT = [{ topic: TOPIC, partitions: 1 }];
/** Every request under way has to be repeated when a broker is away for longer than this. */
const REQUEST_TIMEOUT_MS = 2_000;
/** Sends between two strikes. */
const BETWEEN = 500;
/** One at a time, and so many that they overlap. */
const CONCURRENCIES = [20, 1];

export interface BrokerFault {
  readonly brokers: number;
  readonly strike: (cluster: OwnKafka, random: () => number) => Promise<void>;
}

/** Sends through faults of brokers that nobody else uses, in every way of writing to Kafka; then reads the log. */
export function strikeBrokers(
  { brokers, strike }: BrokerFault,
  scope: FaultScope,
  random: () => number,
): Promise<FaultOutcome> {
  return withOwnCluster(brokers, (cluster) =>
    sendThroughStrikes(cluster, scope, () => strike(cluster, random)),
  );
}

async function sendThroughStrikes(
  cluster: OwnKafka,
  { build, strikes, onStrike }: FaultScope,
  strike: () => Promise<void>,
): Promise<FaultOutcome> {
  const rounds = build === "sound" ? CONCURRENCIES.length * KAFKA_WAYS.length : 1;
  const sum = { acknowledged: 0, lost: 0, duplicated: 0 };
  const violations: string[] = [];
  let struck = 0;
  for (let round = 0; round < rounds; round += 1) {
    const concurrency = CONCURRENCIES[Math.floor(round / KAFKA_WAYS.length)] ?? 1;
    const way = KAFKA_WAYS[round % KAFKA_WAYS.length] ?? DEDUPLICATED;
    const share = Math.floor((strikes * (round + 1)) / rounds) - struck;
    if (share === 0) continue;
    const outcome = await sendRound(cluster, {
      ...{ build, way, concurrency, strikes: share },
      strike: async () => {
        await strike();
        struck += 1;
        onStrike(struck);
      },
    });
    const { lost, duplicated } = outcome;
    if (lost + duplicated > 0) {
      const who = build === "sound" ? way.name : "kafkajs";
      violations.push(`${who}, ${concurrency} at once: ${lost} lost, ${duplicated} twice`);
    }
    sum.acknowledged += outcome.acknowledged;
    sum.lost += lost;
    sum.duplicated += duplicated;
  }
  return { strikes: struck, counts: sum, violations };
}

interface Round {
  readonly build: FaultScope["build"];
  readonly way: KafkaWay;
  readonly concurrency: number;
  readonly strikes: number;
  readonly strike: () => Promise<void>;
}

async function sendRound(
  { address }: OwnKafka,
  { build, way, concurrency, strikes, strike }: Round,
): Promise<SendOutcome> {
  const connection = {
    ...{ brokers: address.split(","), clientId: "amc-faults" },
    requestTimeoutMs: REQUEST_TIMEOUT_MS,
  };
  const { delivery, transactionsBy } = way;
  const prefix = `faults-${randomUUID().slice(0, 8)}.`;
  // Acknowledged is what two brokers have, where there are three.
  await provideTopics(connection, { prefix, layout: LAYOUT, groups: [] });
  const log = await openKafkaLog({ connection, prefix, layout: LAYOUT, delivery, transactionsBy });
  const bare =
    build === "sound"
      ? null
      : await bareKafkajs(connection.brokers, prefix + TOPIC, REQUEST_TIMEOUT_MS);
  const commit = async (id: string): Promise<unknown> =>
    log.commit({ appends: [{ topic: TOPIC, key: "GME", value: Buffer.from(id), headers: {} }] });
  try {
    const send = bare?.send ?? commit;
    const acknowledged = await sendThrough({
      send,
      concurrency,
      strike,
      strikes,
      between: BETWEEN,
    });
    const found: string[] = [];
    for await (const { value } of recordsOf(log, TOPIC)) {
      found.push(Buffer.from(value ?? []).toString("utf8"));
    }
    return compareSends(acknowledged, found);
  } finally {
    await bare?.close();
    await log.close();
  }
}
