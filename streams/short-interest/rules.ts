/** Where the planning documents draw lines, as an operator may move them. */
export interface ShortInterestRules {
  /** Overall quality from which a figure may be scored (SHORT_INTEREST_QUALITY_THRESHOLD). */
  readonly qualityMin: number;
  /** ms since publication up to which a figure is fresh (SHORT_INTEREST_MAX_AGE_DAYS). */
  readonly maxAgeMs: number;
  /** Shares a day from which a symbol is scored (SHORT_INTEREST_MIN_VOLUME_FILTER). */
  readonly averageVolumeMin: number;
  /** False: figures are scored whatever is found about them (ENABLE_SHORT_INTEREST_VALIDATION). */
  readonly isValidated: boolean;
  /** Whether a jump asks for an alert (ALERT_ON_SHORT_INTEREST_ANOMALIES). */
  readonly alertsOnJumps: boolean;
}

/** R-SI-08, R-SI-09 and R-SI-10. */
export const DEFAULT_SHORT_INTEREST: ShortInterestRules = {
  qualityMin: 0.75,
  maxAgeMs: 14 * 86_400_000,
  averageVolumeMin: 1_000_000,
  isValidated: true,
  alertsOnJumps: true,
};
