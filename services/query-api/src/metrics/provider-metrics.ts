import { Gauge, type Registry } from "prom-client";
import type { ProviderStanding } from "../read-model/port.ts";

/** Calls to providers in the last hour as gauges (R-MET-05); nothing for one that was not called. */
export class ProviderMetrics {
  readonly #calls: Gauge<"provider" | "outcome">;
  readonly #successes: Gauge<"provider">;
  readonly #latency: Gauge<"provider" | "statistic">;
  readonly #breaker: Gauge<"provider">;
  readonly #simulated: Gauge<"provider">;

  constructor(registers: Registry[]) {
    this.#calls = new Gauge({
      name: "amc_provider_calls_last_hour",
      help: "Requests sent to a provider in the last hour: success, error or rate_limited",
      labelNames: ["provider", "outcome"],
      registers,
    });
    this.#successes = new Gauge({
      name: "amc_provider_success_ratio",
      help: "Share of the requests of the last hour that gave a usable answer",
      labelNames: ["provider"],
      registers,
    });
    this.#latency = new Gauge({
      name: "amc_provider_response_seconds",
      help: "Time until a provider's answer was here or had failed, in the last hour: mean or p95",
      labelNames: ["provider", "statistic"],
      registers,
    });
    this.#breaker = new Gauge({
      name: "amc_provider_circuit_breaker_state",
      help: "0 closed, 1 half open, 2 open",
      labelNames: ["provider"],
      registers,
    });
    this.#simulated = new Gauge({
      name: "amc_provider_simulated",
      help: "1 where a mock answered last, of which the other figures of the provider then are",
      labelNames: ["provider"],
      registers,
    });
  }

  show(standings: readonly ProviderStanding[]): void {
    for (const gauge of [this.#calls, this.#latency]) gauge.reset();
    this.#successes.reset();
    this.#breaker.reset();
    this.#simulated.reset();
    for (const standing of standings) this.#showOne(standing);
  }

  #showOne(standing: ProviderStanding): void {
    const { provider, calls, successes, rateLimited, meanMs, p95Ms, breaker } = standing;
    if (standing.lastCallAt === null) return;
    this.#calls.set({ provider, outcome: "success" }, successes);
    this.#calls.set({ provider, outcome: "rate_limited" }, rateLimited);
    this.#calls.set({ provider, outcome: "error" }, calls - successes - rateLimited);
    this.#breaker.set({ provider }, breaker === "OPENED" ? 2 : breaker === "HALF_OPENED" ? 1 : 0);
    this.#simulated.set({ provider }, standing.simulated ? 1 : 0);
    if (calls > 0) this.#successes.set({ provider }, successes / calls);
    if (meanMs !== null) this.#latency.set({ provider, statistic: "mean" }, meanMs / 1000);
    if (p95Ms !== null) this.#latency.set({ provider, statistic: "p95" }, p95Ms / 1000);
  }
}
