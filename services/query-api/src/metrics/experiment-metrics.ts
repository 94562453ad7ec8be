import { Gauge, type Registry } from "prom-client";
import type { ArmCounts } from "../read-model/port.ts";

/** What experiments that are not over have given so far, as gauges (R-MET-05). */
export class ExperimentMetrics {
  readonly #exposures: Gauge<"experiment" | "strategy">;
  readonly #candidates: Gauge<"experiment" | "strategy">;

  constructor(registers: Registry[]) {
    this.#exposures = new Gauge({
      name: "amc_experiment_exposures",
      help: "Runs that an experiment gave to a strategy; of experiments that are not over",
      labelNames: ["experiment", "strategy"],
      registers,
    });
    this.#candidates = new Gauge({
      name: "amc_experiment_candidates",
      help: "Candidates of these runs, before the cap",
      labelNames: ["experiment", "strategy"],
      registers,
    });
  }

  show(arms: readonly ArmCounts[]): void {
    this.#exposures.reset();
    this.#candidates.reset();
    for (const { experiment, strategy, exposures, candidates } of arms) {
      this.#exposures.set({ experiment, strategy }, exposures);
      this.#candidates.set({ experiment, strategy }, candidates);
    }
  }
}
