import { KAFKA_CHAIN } from "./kafka/chain.ts";
import { KAFKA_COMMITS } from "./kafka/commits.ts";
import { KAFKA_PROJECTION } from "./kafka/projection.ts";
import { KAFKA_ROW_LATENCIES } from "./kafka/row-latency.ts";
import { KAFKA_SCANS } from "./kafka/scan.ts";
import { KAFKA_SCAN_LATENCIES } from "./kafka/scan-latency.ts";
import type { Workload } from "./workload.ts";
import { API } from "./workloads/api.ts";
import { CODEC } from "./workloads/codec.ts";
import { LATENCY } from "./workloads/latency.ts";
import { MARKET_WORKLOADS } from "./workloads/market.ts";
import { SCAN_DURABLE, SCAN_IN_MEMORY } from "./workloads/momentum-scan.ts";
import { PROJECTION } from "./workloads/projection.ts";
import { RESOURCES } from "./workloads/resources.ts";
import { START_UP } from "./workloads/start-up.ts";
import { STATE_SIZE } from "./workloads/state-size.ts";

/** In the order in which they run and are reported. */
export const WORKLOADS: readonly Workload[] = [
  CODEC,
  SCAN_IN_MEMORY,
  SCAN_DURABLE,
  ...MARKET_WORKLOADS,
  PROJECTION,
  API,
  LATENCY,
  STATE_SIZE,
  RESOURCES,
  START_UP,
];

/** Those of the system on Kafka; the first list has those among them that need no broker. */
export const KAFKA_WORKLOADS: readonly Workload[] = [
  ...KAFKA_COMMITS,
  ...KAFKA_SCANS,
  KAFKA_CHAIN,
  ...KAFKA_SCAN_LATENCIES,
  ...KAFKA_ROW_LATENCIES,
  KAFKA_PROJECTION,
  API,
];

export function workloadNamed(name: string): Workload | undefined {
  return [...WORKLOADS, ...KAFKA_WORKLOADS].find((workload) => workload.name === name);
}
