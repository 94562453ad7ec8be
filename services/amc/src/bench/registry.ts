import type { Workload } from "./workload.ts";
import { MARKET_WORKLOADS } from "./workloads/market.ts";
import { SCAN_DURABLE, SCAN_IN_MEMORY } from "./workloads/momentum-scan.ts";

/** In the order in which they run and are reported. */
export const WORKLOADS: readonly Workload[] = [SCAN_IN_MEMORY, SCAN_DURABLE, ...MARKET_WORKLOADS];

export function workloadNamed(name: string): Workload | undefined {
  return WORKLOADS.find((workload) => workload.name === name);
}
