import { Counter, Histogram, type Registry } from "prom-client";
import type { Restored } from "../log/kafka/unit.ts";
import { COMMIT_SECONDS } from "./buckets.ts";

/** States that a new owner read back from their changelogs, by work group. */
export class RestoreMetrics {
  readonly #records: Counter<"group">;
  readonly #bytes: Counter<"group">;
  readonly #seconds: Histogram<"group">;

  constructor(registry: Registry) {
    const shared = { labelNames: ["group"] as const, registers: [registry] };
    this.#records = new Counter({
      name: "amc_state_restored_records_total",
      help: "Records of changelogs that were read to get states back",
      ...shared,
    });
    this.#bytes = new Counter({
      name: "amc_state_restored_bytes_total",
      help: "Bytes of the values of those records",
      ...shared,
    });
    this.#seconds = new Histogram({
      name: "amc_state_restore_seconds",
      help: "How long it took to get the state of one unit of work back",
      buckets: [...COMMIT_SECONDS],
      ...shared,
    });
  }

  restored({ group, records, bytes, ms }: Restored): void {
    this.#records.inc({ group }, records);
    this.#bytes.inc({ group }, bytes);
    this.#seconds.observe({ group }, ms / 1000);
  }
}
