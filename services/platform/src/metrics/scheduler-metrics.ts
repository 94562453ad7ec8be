import { Counter, Gauge, type Registry } from "prom-client";

/** Kinds of instants that the scheduler publishes. */
type Kind = "clock" | "job";

/** What the one process that publishes time has brought into the log. */
export class SchedulerMetrics {
  readonly #ticks: Counter<"kind">;
  readonly #missed: Counter<"kind">;
  readonly #lastTick: Gauge<"kind">;
  readonly #delay: Gauge<"kind">;

  constructor(registry: Registry) {
    const labelNames = ["kind"] as const;
    const registers = [registry];
    this.#ticks = new Counter({
      ...{ name: "amc_scheduler_ticks_total", labelNames, registers },
      help: "Instants that were published",
    });
    this.#missed = new Counter({
      ...{ name: "amc_scheduler_missed_total", labelNames, registers },
      help: "Marked instants of days that were over before anybody could publish them",
    });
    this.#lastTick = new Gauge({
      ...{ name: "amc_scheduler_last_tick_timestamp_seconds", labelNames, registers },
      help: "Newest instant in the log; only told by the process that publishes",
    });
    this.#delay = new Gauge({
      ...{ name: "amc_scheduler_delay_seconds", labelNames, registers },
      help: "From the newest instant's being due to its being in the log",
    });
  }

  /** `instants` in UTC ms, ascending; `delayMs` is that of the newest. */
  published(kind: Kind, instants: readonly number[], missed: number, delayMs: number): void {
    this.#ticks.inc({ kind }, instants.length);
    this.#missed.inc({ kind }, missed);
    const newestMs = instants.at(-1);
    if (newestMs === undefined) return;
    this.#lastTick.set({ kind }, newestMs / 1000);
    this.#delay.set({ kind }, Math.max(0, delayMs) / 1000);
  }

  /** Somebody else publishes from now on: what stands here would look like silence. */
  letGo(): void {
    this.#lastTick.reset();
    this.#delay.reset();
  }
}
