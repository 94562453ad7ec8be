/** The newest figure of a symbol as it was judged. */
export interface JudgedFigure {
  /** Overall quality, 0 to 1. */
  readonly overall: number;
  /** Until when it may be scored, UTC ms; null: for ever, or it may not be for another reason. */
  readonly usableUntil: number | null;
}

/** What a look at all of them found, counted in symbols. */
export interface QualityRun {
  readonly processed: number;
  readonly successful: number;
  readonly failed: number;
}

/**
 * Counts figures that hold at an instant, UTC ms, and those of low quality or too old (R-JOB-09, R-SI-08,
 * R-SI-09). A symbol of which little is traded is left out of scoring, and its figure is none the worse.
 */
export function qualityRun(
  figures: readonly JudgedFigure[],
  qualityMin: number,
  atMs: number,
): QualityRun {
  const successful = figures.filter(
    ({ overall, usableUntil }) =>
      overall >= qualityMin && (usableUntil === null || atMs < usableUntil),
  ).length;
  return { processed: figures.length, successful, failed: figures.length - successful };
}
