import type { ProcessMetrics } from "@amc/platform/metrics/process-metrics";
import type { DetectorName } from "@amc/streams/detectors/detector";
import { Counter, Gauge, Histogram } from "prom-client";
import type { ArmCounts, ProviderStanding, StoredRun } from "../read-model/port.ts";
import { ExperimentMetrics } from "./experiment-metrics.ts";
import { ProviderMetrics } from "./provider-metrics.ts";
import { RunMetrics } from "./run-metrics.ts";

export type CacheResult = "hit" | "miss" | "invalid" | "error";

/** Metrics of this service, among those of its process. */
export class ApiMetrics {
  readonly process: ProcessMetrics;
  readonly #requests: Histogram<"route" | "status">;
  readonly #cacheReads: Counter<"result">;
  readonly #cacheHitRatio: Gauge<"cache">;
  readonly #streams: Gauge;
  readonly #run: RunMetrics;
  readonly #providers: ProviderMetrics;
  readonly #experiments: ExperimentMetrics;
  #hits = 0;
  #reads = 0;

  constructor(process: ProcessMetrics) {
    this.process = process;
    const registers = [process.registry];
    this.#requests = new Histogram({
      name: "amc_http_request_duration_seconds",
      help: "Time to answer a request, by route pattern and status class",
      labelNames: ["route", "status"],
      // Most answers take a few ms; the query timeout of 2 s ends the slowest.
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 2.5],
      registers,
    });
    this.#cacheReads = new Counter({
      name: "amc_cache_reads_total",
      help: "Reads of the discovery cache: hit, miss, invalid (breaks the contract) or error",
      labelNames: ["result"],
      registers,
    });
    // Labelled, because a gauge without labels starts at 0 and unknown is not 0.
    this.#cacheHitRatio = new Gauge({
      name: "amc_cache_hit_ratio",
      help: "Share of the cache reads since start that were hits",
      labelNames: ["cache"],
      registers,
    });
    this.#streams = new Gauge({
      name: "amc_event_streams",
      help: "Event streams open now",
      registers,
    });
    this.#run = new RunMetrics(registers);
    this.#providers = new ProviderMetrics(registers);
    this.#experiments = new ExperimentMetrics(registers);
  }

  observeRequest(route: string, statusCode: number, seconds: number): void {
    this.#requests.observe({ route, status: `${Math.floor(statusCode / 100)}xx` }, seconds);
  }

  countCacheRead(result: CacheResult): void {
    this.#cacheReads.inc({ result });
    this.#reads += 1;
    if (result === "hit") this.#hits += 1;
    this.#cacheHitRatio.set({ cache: "discovery" }, this.#hits / this.#reads);
  }

  setStreams(open: number): void {
    this.#streams.set(open);
  }

  /** No run is told: there is none yet, or nobody can say. */
  hideRun(): void {
    this.#run.hide();
  }

  showProviders(standings: readonly ProviderStanding[]): void {
    this.#providers.show(standings);
  }

  showExperiments(arms: readonly ArmCounts[]): void {
    this.#experiments.show(arms);
  }

  showRun(
    run: StoredRun,
    detectorErrors: ReadonlyMap<DetectorName, number>,
    nowMs: number,
    maxRunMs: number,
  ): void {
    this.#run.show(run, detectorErrors, nowMs, maxRunMs);
  }
}
