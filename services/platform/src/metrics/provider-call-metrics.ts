import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import type { KeptOutcome } from "../http/heard-answer.ts";
import type { CallObserver } from "../http/observed-journal.ts";

type Entry = Parameters<CallObserver["called"]>[0];

/** An answer comes within a second or not before the deadline: 10 s, 30 s from Yahoo. */
const RESPONSE_SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30] as const;
const BREAKER_STATES = { CLOSED: 0, HALF_OPENED: 1, OPENED: 2 } as const;

/** Calls of this process to providers. Yahoo's are told under the names of the seed, too (R-MET-02). */
export class ProviderCallMetrics implements CallObserver {
  readonly #all: CallFigures<"provider">;
  readonly #registry: Registry;
  readonly #answers: Counter<"provider" | "outcome">;
  #yahoo: CallFigures<never> | null = null;

  constructor(registry: Registry) {
    this.#registry = registry;
    this.#all = new CallFigures(registry, "amc_provider_api", ["provider"]);
    this.#answers = new Counter({
      name: "amc_provider_answers_total",
      help: "Raw answers by what became of them: kept, hash-only, lost; none where they are not kept",
      labelNames: ["provider", "outcome"],
      registers: [registry],
    });
  }

  answerKept(provider: string, outcome: KeptOutcome): void {
    this.#answers.inc({ provider, outcome });
  }

  called(entry: Entry): void {
    const provider = entry.calls[0]?.provider ?? entry.breakerChanges[0]?.provider;
    if (provider === undefined) return;
    this.#all.add({ provider }, entry);
    if (provider !== "yahoo") return;
    // Only where Yahoo is asked: figures without labels would be told as 0 everywhere else.
    this.#yahoo ??= new CallFigures(this.#registry, "yahoo_finance", []);
    this.#yahoo.add({}, entry);
  }
}

/** Requests, errors, response time and state of the breaker under one prefix. */
class CallFigures<Label extends string> {
  readonly #requests: Counter<Label>;
  readonly #errors: Counter<Label>;
  readonly #seconds: Histogram<Label>;
  readonly #breaker: Gauge<Label>;
  readonly #simulated: Gauge<Label>;

  constructor(registry: Registry, prefix: string, labelNames: Label[]) {
    const registers = [registry];
    const calls = prefix === "yahoo_finance" ? `${prefix}_api` : prefix;
    this.#requests = new Counter({
      ...{ name: `${calls}_requests_total`, labelNames, registers },
      help: "Requests that this process sent",
    });
    this.#errors = new Counter({
      ...{ name: `${calls}_errors_total`, labelNames, registers },
      help: "Of these, those without a usable answer",
    });
    this.#seconds = new Histogram({
      ...{ name: `${prefix}_response_time_seconds`, labelNames, registers },
      help: "Time until an answer was here or had failed",
      buckets: [...RESPONSE_SECONDS],
    });
    this.#breaker = new Gauge({
      ...{ name: `${prefix}_circuit_breaker_state`, labelNames, registers },
      help: "0 closed, 1 half open, 2 open, as of this process",
    });
    this.#simulated = new Gauge({
      ...{ name: `${prefix}_simulated`, labelNames, registers },
      help: "1 where a mock answers this process in the provider's name",
    });
  }

  add(labels: Readonly<Record<Label, string>>, { calls, breakerChanges }: Entry): void {
    for (const { success, responseMs, simulated } of calls) {
      this.#simulated.set({ ...labels }, simulated ? 1 : 0);
      this.#requests.inc({ ...labels });
      this.#errors.inc({ ...labels }, success ? 0 : 1);
      this.#seconds.observe({ ...labels }, responseMs / 1000);
    }
    const newest = breakerChanges.at(-1);
    // A breaker is closed until it says otherwise.
    if (newest === undefined) this.#breaker.inc({ ...labels }, 0);
    else this.#breaker.set({ ...labels }, BREAKER_STATES[newest.change]);
  }
}
