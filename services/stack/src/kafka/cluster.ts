import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { z } from "zod";
import { StackError } from "../errors.ts";
import { readJson, type StackHome, writeWhole } from "../home.ts";

const CLUSTER = z.object({
  id: z.string(),
  brokers: z.number().int().positive(),
  version: z.string(),
});

/** What is fixed when the data of a cluster is made. */
export type Cluster = Readonly<z.output<typeof CLUSTER>>;

const clusterPath = (home: StackHome) => join(home.data, "kafka-cluster.json");

export function readCluster(home: StackHome): Cluster | null {
  return readJson(clusterPath(home), CLUSTER);
}

/**
 * The cluster of this home: the one it has, else a new one.
 *
 * @param brokers how many it must have; undefined takes what is there, or one
 * @throws StackError `stack.cluster-changed`
 */
export function openCluster(
  home: StackHome,
  brokers: number | undefined,
  version: string,
): Cluster {
  const found = readCluster(home);
  if (found === null) {
    const made = { id: newClusterId(), brokers: brokers ?? 1, version };
    writeWhole(clusterPath(home), JSON.stringify(made));
    return made;
  }
  if (brokers === undefined || brokers === found.brokers) return found;
  throw new StackError(
    "stack.cluster-changed",
    `the data in ${home.root} is that of ${found.brokers} broker(s), ${brokers} were asked for; first: npm run stack -- down --purge`,
    { path: home.root, brokers: found.brokers },
  );
}

/** 128 random bits in URL-safe base 64, as Kafka writes its cluster ids. */
function newClusterId(): string {
  return randomBytes(16).toString("base64url");
}

/** From 1. */
export function brokerIds({ brokers }: Pick<Cluster, "brokers">): number[] {
  return Array.from({ length: brokers }, (_, index) => index + 1);
}

export const brokerName = (id: number) => `kafka-${id}`;
export const brokerData = (home: StackHome, id: number) => join(home.data, brokerName(id));
