import type { DetectorName } from "@amc/streams/detectors/detector";
import { leftOutOf } from "@amc/streams/discovery/run";
import { Gauge, type Registry } from "prom-client";
import type { StoredRun } from "../read-model/port.ts";

/** The newest discovery run as gauges; nothing is exported before there is a run. */
export class RunMetrics {
  readonly #duration: Gauge<"strategy">;
  readonly #symbols: Gauge<"strategy" | "stage">;
  readonly #rejections: Gauge<"gate">;
  readonly #confidence: Gauge<"from">;
  readonly #detectorErrors: Gauge<"detector">;
  readonly #late: Gauge<"strategy">;
  readonly #health: Gauge<"strategy">;
  readonly #dataAge: Gauge<"strategy">;

  constructor(registers: Registry[]) {
    this.#duration = new Gauge({
      name: "amc_discovery_run_duration_seconds",
      help: "Time the stages spent on the newest run",
      labelNames: ["strategy"],
      registers,
    });
    this.#symbols = new Gauge({
      name: "amc_discovery_run_symbols",
      help: "Symbols left at each stage of the newest run; stage candidates is the number listed, left_out what a reduced universe did not evaluate",
      labelNames: ["strategy", "stage"],
      registers,
    });
    this.#rejections = new Gauge({
      name: "amc_discovery_run_gate_rejections",
      help: "Evaluations of the newest run that a gate was the first to reject",
      labelNames: ["gate"],
      registers,
    });
    this.#confidence = new Gauge({
      name: "amc_discovery_run_confidence_candidates",
      help: "Candidates of the newest run per tenth of confidence, by its lower end",
      labelNames: ["from"],
      registers,
    });
    this.#detectorErrors = new Gauge({
      name: "amc_detector_errors",
      help: "Evaluations of the newest run that a detector ended with an error mark",
      labelNames: ["detector"],
      registers,
    });
    this.#late = new Gauge({
      name: "amc_discovery_run_late",
      help: "1 when the newest run took longer than MAX_DISCOVERY_LATENCY_SECONDS, else 0",
      labelNames: ["strategy"],
      registers,
    });
    this.#health = new Gauge({
      name: "amc_discovery_run_health_ratio",
      help: "Health score of the newest run, 0 to 1",
      labelNames: ["strategy"],
      registers,
    });
    this.#dataAge = new Gauge({
      name: "amc_discovery_data_age_seconds",
      help: "Time since the newest input of the newest run was published; years in a replay of history",
      labelNames: ["strategy"],
      registers,
    });
  }

  show(
    { event, executionMs }: StoredRun,
    detectorErrors: ReadonlyMap<DetectorName, number>,
    nowMs: number,
    maxRunMs: number,
  ): void {
    const { strategy } = event;
    this.hide();
    if (executionMs !== null) {
      this.#duration.set({ strategy }, executionMs / 1000);
      this.#late.set({ strategy }, executionMs > maxRunMs ? 1 : 0);
    }
    this.#symbols.set({ strategy, stage: "left_out" }, leftOutOf(event));
    this.#symbols.set({ strategy, stage: "universe" }, event.universe);
    this.#symbols.set({ strategy, stage: "evaluable" }, event.evaluable);
    this.#symbols.set({ strategy, stage: "passed" }, event.passed);
    this.#symbols.set({ strategy, stage: "candidates" }, event.candidatesBeforeCap);
    for (const { gate, first } of event.eliminations) this.#rejections.set({ gate }, first);
    for (const { from, count } of event.confidenceBuckets) {
      this.#confidence.set({ from: from.toFixed(1) }, count);
    }
    for (const [detector, errors] of detectorErrors) this.#detectorErrors.set({ detector }, errors);
    if (event.healthScore !== null) this.#health.set({ strategy }, event.healthScore);
    this.#dataAge.set({ strategy }, (nowMs - event.publishedAt) / 1000);
  }

  /** Labels of the run before, such as a strategy no longer in force, must not linger. */
  hide(): void {
    for (const gauge of [this.#duration, this.#symbols, this.#rejections, this.#confidence])
      gauge.reset();
    this.#late.reset();
    this.#detectorErrors.reset();
    this.#health.reset();
    this.#dataAge.reset();
  }
}
