/** `small` shows in a minute that a workload runs; figures to quote come from `full`. */
export type Scale = "small" | "full";

/** What one figure of a workload is, and what the specification asks of it. */
export interface MetricSpec {
  readonly unit: string;
  readonly atLeast?: number;
  readonly atMost?: number;
}

export interface Measured {
  /** One value for each metric of the workload. */
  readonly values: Readonly<Record<string, number>>;
  /** Sizes and checksums that say what was measured. */
  readonly facts: Readonly<Record<string, string | number>>;
}

/**
 * One thing that is measured, in a process of its own. `run` checks its results before it gives a
 * figure for them and throws `bench.wrong-result` when they are not what they must be.
 */
export interface Workload {
  readonly name: string;
  readonly summary: string;
  /** True when the input is generated; the report says so beside every figure. */
  readonly simulated: boolean;
  readonly metrics: Readonly<Record<string, MetricSpec>>;
  run(scale: Scale): Promise<Measured>;
}

export class BenchError extends Error {
  readonly code: "bench.wrong-result" | "bench.child-failed";
  readonly facts: Readonly<Record<string, string | number | null>>;

  constructor(
    code: BenchError["code"],
    message: string,
    facts: Readonly<Record<string, string | number | null>>,
  ) {
    super(message);
    this.name = "BenchError";
    this.code = code;
    this.facts = facts;
  }
}

/** Throws `bench.wrong-result` unless a result is what it must be: a fast wrong answer is none. */
export function expectResult(what: string, actual: string | number, expected: string | number) {
  if (actual === expected) return;
  const message = `${what} was ${actual} and must be ${expected}`;
  throw new BenchError("bench.wrong-result", message, { what, actual, expected });
}
