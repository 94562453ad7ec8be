import { randomUUID } from "node:crypto";
import { openKafkaLog } from "@amc/platform/log/kafka";
import { provideTopics, removeTopics } from "@amc/platform/log/kafka/topics/topic-admin";
import type { Log } from "@amc/platform/log/port";
import { type RegisteredIds, registeredIds } from "@amc/platform/registry/registered-ids";
import { RegistryClient } from "@amc/platform/registry/registry-client";
import { HighWaterMarks } from "@amc/platform/runtime/high-water-marks";
import { systemLayout } from "@amc/platform/runtime/layout";
import { DERIVED_TOPICS, digestsOf, isOrdered, recordsOf } from "@amc/replay/log-digests";
import { replayTopology } from "@amc/replay/replay-topologies";
import { writeSlices } from "@amc/replay/slice-writer";
import type { FactSlice } from "@amc/replay/slices";
import { PROJECTION_NAMES } from "@amc/streams/projections/projections";
import { factsOf, type Undisturbed, undisturbedBy } from "./undisturbed.ts";

export type Delivery = "deduplicated" | "transactional";
export const DELIVERIES: readonly Delivery[] = ["deduplicated", "transactional"];

/** A process that works on such a market is told this. */
export interface MarketPlace {
  readonly brokers: readonly string[];
  readonly prefix: string;
  readonly partitions: number;
  readonly delivery: Delivery;
  /** URL of the registry whose ids the records carry; ids of this build when left out. */
  readonly registry?: string | undefined;
}

/** Facts of a simulated market on a cluster, under a prefix of their own. */
export interface MarketOnKafka {
  readonly place: MarketPlace;
  /** What one process in memory makes of the same facts; made when it is first asked for. */
  readonly undisturbed: () => Promise<Undisturbed>;
  readonly open: () => Promise<Log>;
  readonly remove: () => Promise<void>;
}

export interface MarketOptions {
  readonly seed: number;
  readonly symbols: number;
  readonly minutes: number;
  readonly partitions: number;
  readonly delivery: Delivery;
  /** As that of the place. */
  readonly registry?: string;
}

/** How the facts of a market come to the cluster. */
export interface Arrival {
  readonly written: readonly FactSlice[];
  /** What an undisturbed process would have taken in their place. */
  readonly golden: readonly FactSlice[];
}

/** Throws as `openKafkaLog` and, where there is a registry, `registeredIds` do. */
export async function openMarket({
  brokers,
  prefix,
  partitions,
  delivery,
  registry,
}: MarketPlace): Promise<Log> {
  const connection = { brokers, clientId: "amc-faults" };
  const wireIds = registry === undefined ? {} : { wireIds: await idsOf(registry) };
  return openKafkaLog({
    connection,
    prefix,
    layout: systemLayout(partitions),
    delivery,
    ...wireIds,
  });
}

function idsOf(url: string): Promise<RegisteredIds> {
  return registeredIds(new RegistryClient({ url }));
}

export async function marketOnKafka(
  brokers: readonly string[],
  { seed, symbols, minutes, partitions, delivery, registry }: MarketOptions,
  arrive = (facts: readonly FactSlice[]): Arrival => ({ written: facts, golden: facts }),
): Promise<MarketOnKafka> {
  const connection = { brokers, clientId: "amc-faults" };
  const prefix = `faults-${randomUUID().slice(0, 8)}.`;
  const topology = replayTopology();
  const { names } = await provideTopics(connection, {
    ...{ prefix, layout: systemLayout(partitions) },
    groups: [
      ...topology.map(({ name }) => ({ group: name, partitions })),
      ...PROJECTION_NAMES.map((name) => ({ group: `projector.${name}`, partitions: 1 })),
    ],
  });
  const place = { brokers, prefix, partitions, delivery, registry };
  const arrival = arrive(factsOf({ seed, symbols, minutes }));
  const log = await openMarket(place);
  await writeSlices(log, arrival.written);
  await log.close();
  return {
    place,
    undisturbed: () => undisturbedBy(arrival.golden),
    open: () => openMarket(place),
    remove: () => removeTopics(connection, names),
  };
}

interface MarketExamination {
  readonly records: number;
  /** Records that stand in the log more than once; readers of ours drop them. */
  readonly copies: number;
  readonly violations: readonly string[];
}

/** Sums what the examinations of several markets found. */
export class MarketTally {
  records = 0;
  copies = 0;
  readonly violations: string[] = [];

  async examine(market: MarketOnKafka): Promise<void> {
    const found = await examineMarket(market);
    this.records += found.records;
    this.copies += found.copies;
    this.violations.push(...found.violations.map((text) => `${market.place.delivery}: ${text}`));
  }
}

/** Reads the derived topics and says where they are not what an undisturbed process makes. */
async function examineMarket({
  place,
  undisturbed,
  open,
}: MarketOnKafka): Promise<MarketExamination> {
  const log = await open();
  try {
    let [records, copies] = [0, 0];
    const violations: string[] = [];
    const digests = await digestsOf(log);
    const golden = (await undisturbed()).digests;
    for (const topic of DERIVED_TOPICS) {
      const seen = await seenIn(log, topic);
      records += seen.records;
      copies += seen.records - seen.distinct;
      if (digests.get(topic)?.sha256 !== golden.get(topic)?.sha256) {
        violations.push(`${topic}: not the bytes of an undisturbed run`);
      }
      if (seen.taken !== seen.distinct) {
        violations.push(`${topic}: a reader takes ${seen.taken} of ${seen.distinct} records`);
      }
      const { disorder } = digests.get(topic) ?? { disorder: null };
      if (isOrdered(topic) && disorder !== null && seen.records === seen.distinct) {
        violations.push(`${topic}: ${disorder.key} out of order`);
      }
    }
    if (place.delivery === "transactional" && copies > 0) {
      violations.push(`${copies} records are committed twice`);
    }
    return { records, copies, violations };
  } finally {
    await log.close();
  }
}

/** Records of a topic, different ones among them, and those that a reader with marks takes. */
async function seenIn(log: Log, topic: string) {
  const marks = Array.from({ length: log.partitions(topic) }, () => new HighWaterMarks());
  const ids = new Set<string>();
  let [records, taken] = [0, 0];
  for await (const record of recordsOf(log, topic)) {
    records += 1;
    ids.add(record.headers.ce_id ?? `${record.partition}/${record.offset}`);
    if (marks[record.partition]?.isCopy(record) === false) taken += 1;
  }
  return { records, taken, distinct: ids.size };
}
