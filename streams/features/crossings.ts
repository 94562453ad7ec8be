/**
 * Relative volumes at which a symbol is looked at between two slots: the steps of the
 * volume_momentum detector (1.5, 2, 3, 5) and the strict gate (2.5). Each fires once a day, on the
 * way up, so a busy symbol costs at most five extra evaluations.
 */
const RELVOL_LEVELS: readonly number[] = [1.5, 2, 2.5, 3, 5];

/** Levels passed since the first `alreadyCrossed` of them, lowest first. */
export function crossedLevels(relvol30: number | null, alreadyCrossed: number): readonly string[] {
  if (
    relvol30 === null ||
    !(relvol30 >= (RELVOL_LEVELS[alreadyCrossed] ?? Number.POSITIVE_INFINITY))
  ) {
    return NONE;
  }
  return RELVOL_LEVELS.slice(alreadyCrossed)
    .filter((level) => relvol30 >= level)
    .map((level) => `relvol30>=${level}`);
}

const NONE: readonly string[] = [];
