import { Counter, collectDefaultMetrics, Registry } from "prom-client";
import { createDeadLetterCounter, type DeadLetterCounter } from "./dead-letter-counter.ts";
import { JobMetrics } from "./job-metrics.ts";
import { ProjectionMetrics } from "./projection-metrics.ts";
import { ProviderCallMetrics } from "./provider-call-metrics.ts";
import { RestoreMetrics } from "./restore-metrics.ts";
import { SchedulerMetrics } from "./scheduler-metrics.ts";
import { ScrapedGauges, withinTime } from "./scrape.ts";
import { StageMetrics } from "./stage-metrics.ts";
import { TextMessageMetrics } from "./text-message-metrics.ts";

/** Parts whose absence `amc_up` tells. */
export type Component = "database" | "cache" | "log";

/** Resolves when the part answers. */
export type ComponentProbe = () => Promise<unknown>;

/**
 * All metrics of one process, under the prefix `amc_` (Yahoo's also as the seed names them) and in base units. No label holds a symbol, a
 * key or an address: their number has no bound.
 */
export class ProcessMetrics {
  readonly registry = new Registry();
  /** For the stage runners of this process. */
  readonly stages: StageMetrics;
  /** For the projections of this process. */
  readonly projections: ProjectionMetrics;
  /** For the clock, where this process publishes it. */
  readonly restores: RestoreMetrics;
  readonly scheduler: SchedulerMetrics;
  /** For the jobs that this process does. */
  readonly jobs: JobMetrics;
  /** For the clients of providers in this process. */
  readonly providerCalls: ProviderCallMetrics;
  /** For the text messages that this process sends. */
  readonly textMessages: TextMessageMetrics;
  readonly #deadLetters: DeadLetterCounter;
  readonly #failures: Counter<"part" | "code" | "end">;
  readonly #spans: Counter<"outcome">;
  readonly #probes = new Map<Component, ComponentProbe>();

  /** `nowMs`: ms since 1970, for latencies that begin in another process. */
  constructor(nowMs: () => number) {
    const registers = [this.registry];
    collectDefaultMetrics({ register: this.registry, prefix: "amc_" });
    const deadLetters = createDeadLetterCounter(this.registry);
    this.#deadLetters = deadLetters;
    this.stages = new StageMetrics(this.registry, deadLetters, nowMs);
    this.projections = new ProjectionMetrics(this.registry, deadLetters, nowMs);
    this.restores = new RestoreMetrics(this.registry);
    this.scheduler = new SchedulerMetrics(this.registry);
    this.jobs = new JobMetrics(this.registry);
    this.providerCalls = new ProviderCallMetrics(this.registry);
    this.textMessages = new TextMessageMetrics(this.registry, nowMs);
    this.#failures = new Counter({
      name: "amc_failures_total",
      help: "Failures by part and code; end is retry where the work is tried again, else stop",
      labelNames: ["part", "code", "end"],
      registers,
    });
    this.#spans = new Counter({
      name: "amc_trace_spans_total",
      help: "Spans that the collector took (exported) or that were given up (dropped)",
      labelNames: ["outcome"],
      registers,
    });
    new ScrapedGauges(this.registry, () => this.#probe()).add({
      name: "amc_up",
      help: "1 when the component answers this process, else 0",
      labels: ["component"],
      series: (answers) => answers,
    });
  }

  /** Asks for a component at every scrape; a later probe of the same component replaces it. */
  watch(component: Component, probe: ComponentProbe): void {
    this.#probes.set(component, probe);
  }

  /** `part` names a stage or projection; `code` is that of the error. */
  failed(part: string, code: string, isRetried: boolean): void {
    this.#failures.inc({ part, code, end: isRetried ? "retry" : "stop" });
  }

  /** A record that a part without a stage runner has dead-lettered. */
  deadLettered(part: string, code: string): void {
    this.#deadLetters.inc({ stage: part, code });
  }

  countSpans(outcome: "exported" | "dropped", spans: number): void {
    this.#spans.inc({ outcome }, spans);
  }

  /** The answer to a scrape. It never fails because something else is away. */
  metrics(): Promise<string> {
    return this.registry.metrics();
  }

  /** Content type of `metrics`. */
  get contentType(): string {
    return this.registry.contentType;
  }

  #probe(): Promise<readonly (readonly [{ component: string }, number])[]> {
    return Promise.all(
      [...this.#probes].map(async ([component, probe]) => {
        const answered = await withinTime(probe().then(() => true));
        return [{ component }, answered === true ? 1 : 0] as const;
      }),
    );
  }
}
