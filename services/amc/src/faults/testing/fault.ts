/** What a fault is put into: the product as it is, or a build that is wrong where the fault bites. */
export type Build = "sound" | "broken";

export interface FaultScope {
  readonly build: Build;
  /** Decides every time and place; the same seed strikes alike. */
  readonly seed: number;
  /** How often to strike. */
  readonly strikes: number;
  /** Told as the strikes go by. */
  readonly onStrike: (struck: number) => void;
}

export interface FaultOutcome {
  /** Faults that were put in. */
  readonly strikes: number;
  /** What was counted beside, by what it is. */
  readonly counts: Readonly<Record<string, number>>;
  /**
   * Where what the fault is about went wrong: records lost, there twice or different, unless the fault
   * says otherwise. Only these tell that a broken build was caught.
   */
  readonly violations: readonly string[];
  /**
   * Limits of time or size that were passed, and processes that ended as they should not; none when
   * left out. The sound build may not have any. Of a broken one they tell nothing: a build without the
   * defect may be slow as well.
   */
  readonly exceeded?: readonly string[];
}

/** One row of the fault matrix: `F3` and its like. */
export interface Fault {
  readonly id: string;
  readonly title: string;
  /** What must hold, as the run prints it. */
  readonly invariant: string;
  /** The build whose `violations` the same check must find. */
  readonly control: string;
  /** Strikes of a run in full, and of one that takes minutes. */
  readonly strikes: { readonly full: number; readonly reduced: number; readonly control: number };
  run(scope: FaultScope): Promise<FaultOutcome>;
}
