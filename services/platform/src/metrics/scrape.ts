import { Gauge, type Registry } from "prom-client";

/** A scrape waits this long for one source; Prometheus itself gives up after 10 s. */
const SOURCE_TIMEOUT_MS = 2_000;

/** One reading of something that is looked up when a scrape asks for it. */
export interface GaugeSpec<Reading, Label extends string> {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly Label[];
  /** Labels and value of every series; what is left out is not exported. */
  readonly series: (
    reading: Reading,
  ) => Iterable<readonly [Readonly<Record<Label, string>>, number]>;
}

/**
 * Gauges that are filled from one reading per scrape. What cannot be read, or not in time, is left
 * out: an old value would look like knowledge. `amc_up` says which part does not answer.
 */
export class ScrapedGauges<Reading> {
  readonly #registry: Registry;
  readonly #read: () => Promise<Reading>;
  #reading: Promise<Reading | null> | null = null;

  constructor(registry: Registry, read: () => Promise<Reading>) {
    this.#registry = registry;
    this.#read = read;
  }

  add<Label extends string>({ name, help, labels, series }: GaugeSpec<Reading, Label>): this {
    const gauge = new Gauge({
      name,
      help,
      labelNames: labels,
      registers: [this.#registry],
      collect: async () => {
        const reading = await this.#shared();
        gauge.reset();
        // A gauge without labels begins at 0, and a 0 would be told for what is not known.
        if (labels.length === 0) gauge.remove();
        if (reading === null) return;
        for (const [values, value] of series(reading)) gauge.set(values, value);
      },
    });
    return this;
  }

  /** All gauges are collected in one turn, so that they share what the first of them asked for. */
  #shared(): Promise<Reading | null> {
    this.#reading ??= withinTime(this.#read()).finally(() => {
      this.#reading = null;
    });
    return this.#reading;
  }
}

/** What a source answers; null when it fails or takes longer than `SOURCE_TIMEOUT_MS`. */
export async function withinTime<Answer>(asked: Promise<Answer>): Promise<Answer | null> {
  const late = Promise.withResolvers<null>();
  const timer = setTimeout(() => late.resolve(null), SOURCE_TIMEOUT_MS);
  try {
    // A failure is the answer that nothing is known; who needs the source fails with the reason.
    const settled = Promise.allSettled([asked]);
    const [first] = (await Promise.race([settled, late.promise])) ?? [];
    return first?.status === "fulfilled" ? first.value : null;
  } finally {
    clearTimeout(timer);
  }
}
