import type { ShadowRun } from "@amc/schemas/generated/events";

/** A share over many runs: of everything counted in them together, not the mean of their shares. */
export interface ShareTotal {
  /** 0 to 1; null while no run has the share. */
  readonly share: number | null;
  /** Runs that have it. */
  readonly runs: number;
  /** Of these, runs in which it reaches its target. */
  readonly reached: number;
  /** Runs without it, by reason. */
  readonly unknown: Readonly<Record<string, number>>;
}

/** How a shadow strategy compares with a baseline over runs of one profile. */
export interface ShadowTotal {
  readonly strategy: string;
  readonly shadowStrategy: string;
  readonly profile: string;
  readonly runs: number;
  readonly overlap: ShareTotal;
  readonly coverage: ShareTotal;
  /** Symbols judged, in all runs, and those for which the shadow strategy threw. */
  readonly evaluated: number;
  readonly shadowFailed: number;
  /** True when any run is simulated. */
  readonly simulated: boolean;
}

/** Adds comparisons up, pair of strategies by pair; the order in which they come does not matter. */
export class ShadowTotals {
  readonly #byPair = new Map<string, Sum>();

  take(compared: ShadowRun): void {
    const { strategy, shadowStrategy, profile } = compared;
    const pair = `${strategy}/${shadowStrategy}/${profile}`;
    const sum = this.#byPair.get(pair) ?? new Sum({ strategy, shadowStrategy, profile });
    sum.take(compared);
    this.#byPair.set(pair, sum);
  }

  totals(): readonly ShadowTotal[] {
    return [...this.#byPair].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, sum]) => sum.total());
  }
}

type Pair = Pick<ShadowTotal, "strategy" | "shadowStrategy" | "profile">;

class Sum {
  readonly #pair: Pair;
  readonly #overlap = new ShareSum();
  readonly #coverage = new ShareSum();
  #runs = 0;
  #evaluated = 0;
  #shadowFailed = 0;
  #simulated = false;

  constructor(pair: Pair) {
    this.#pair = pair;
  }

  take(compared: ShadowRun): void {
    const { candidates, inBoth, scored, scoredByBoth } = compared;
    this.#runs += 1;
    this.#evaluated += compared.universe;
    this.#shadowFailed += compared.shadowFailed;
    this.#simulated ||= compared.simulated;
    this.#overlap.take(compared.overlapReason, {
      ...{ part: inBoth, whole: candidates.length, isReached: compared.overlapReached === true },
    });
    this.#coverage.take(compared.coverageReason, {
      ...{ part: scoredByBoth, whole: scored, isReached: compared.coverageReached === true },
    });
  }

  total(): ShadowTotal {
    return {
      ...this.#pair,
      runs: this.#runs,
      overlap: this.#overlap.total(),
      coverage: this.#coverage.total(),
      evaluated: this.#evaluated,
      shadowFailed: this.#shadowFailed,
      simulated: this.#simulated,
    };
  }
}

class ShareSum {
  readonly #unknown = new Map<string, number>();
  #part = 0;
  #whole = 0;
  #runs = 0;
  #reached = 0;

  /** `reason` says why the run has no such share. */
  take(
    reason: string | null,
    run: { readonly part: number; readonly whole: number; readonly isReached: boolean },
  ): void {
    if (reason !== null) {
      this.#unknown.set(reason, (this.#unknown.get(reason) ?? 0) + 1);
      return;
    }
    this.#part += run.part;
    this.#whole += run.whole;
    this.#runs += 1;
    if (run.isReached) this.#reached += 1;
  }

  total(): ShareTotal {
    return {
      share: this.#whole === 0 ? null : this.#part / this.#whole,
      runs: this.#runs,
      reached: this.#reached,
      unknown: Object.fromEntries([...this.#unknown].sort(([a], [b]) => (a < b ? -1 : 1))),
    };
  }
}
