import { type OwnKafka, ownKafka } from "@amc/stack/testing/own-kafka";
import { testPart } from "@amc/stack/testing/test-part";
import { Closers } from "../../closers.ts";

/** Clusters of the faults that kill brokers, by the number of these. */
const clusters = new Map<number, OwnKafka>();
/** What else one run of faults keeps from one to the next. */
const kept = new Closers();

/** Brokers that all faults share: those of KAFKA_BROKERS, else one broker that goes with this run. */
export async function clusterOfFaults(): Promise<readonly string[]> {
  // Three idle brokers are three processes too many.
  await closeClusters();
  const { address, skipped } = await testPart("kafka");
  if (address === null) throw new Error(`faults on Kafka cannot be put in${skipped}`);
  return address.split(",");
}

/**
 * A cluster that faults may stop, stall and kill, used by one after the other: it takes longer to start than
 * most of them. All brokers run when `work` gets it; it is not used again when `work` fails.
 */
export async function withOwnCluster<Result>(
  brokers: number,
  work: (cluster: OwnKafka) => Promise<Result>,
): Promise<Result> {
  const cluster = clusters.get(brokers) ?? (await ownKafka(brokers));
  if (cluster === null) throw new Error(`a cluster of ${brokers} cannot be started here`);
  clusters.set(brokers, cluster);
  try {
    await cluster.restart();
    return await work(cluster);
  } catch (error) {
    clusters.delete(brokers);
    await cluster.down();
    throw error;
  }
}

/** Has something ended when the last fault of this run has been put in. */
export function keepUntilEnd(close: () => Promise<void>): void {
  kept.add(close);
}

/** Ends what faults have kept for each other. */
export async function closeServers(): Promise<void> {
  await kept.close();
  await closeClusters();
}

async function closeClusters(): Promise<void> {
  for (const [brokers, cluster] of clusters) {
    clusters.delete(brokers);
    await cluster.down();
  }
}
