import type { Session } from "@amc/schemas/generated/events";

export const PROFILE_NAMES = ["strict", "active", "proposed"] as const;

export type ProfileName = (typeof PROFILE_NAMES)[number];

export function isProfileName(name: string): name is ProfileName {
  return PROFILE_NAMES.some((known) => known === name);
}

/** Sessions that have thresholds of their own; any other instant is judged as regular. */
type TradedSession = "PREMARKET" | "REGULAR" | "AFTERHOURS";

/** Limits of the hard gates in one session. `require…` false: observed, but never rejecting. */
export interface Thresholds {
  readonly minRelvol30: number;
  readonly minVolumeSpike: number;
  /** Fraction of the last close. */
  readonly minAtrPct: number;
  /** Price must reach this share of VWAP. */
  readonly minVwapRatio: number;
  readonly requireVwap: boolean;
  readonly minRsi: number;
  readonly maxRsi: number;
  readonly requireRsi: boolean;
  readonly requireEmaCross: boolean;
  /** USD per share. */
  readonly minPrice: number;
  readonly maxPrice: number;
  /** USD traded today. */
  readonly minDollarVolume: number;
  /** EMA(9) above EMA(20) and no loss over five sessions: what "momentum confirmation" means. */
  readonly requireMomentumConfirmation: boolean;
}

/** Shares and the conditions under which a float of that size may pass (domain-facts §5). */
export interface FloatPathLimits {
  readonly smallMaxShares: number;
  readonly midEnabled: boolean;
  readonly midMinShortFraction: number;
  readonly midMinBorrowFee: number;
  readonly midMinUtilisation: number;
  readonly midMinSocialRank: number;
  readonly midMinCallPutRatio: number;
  readonly largeMinShares: number;
  readonly largeMinShortFraction: number;
  readonly largeMinBorrowFee: number;
  readonly largeMinUtilisation: number;
  /** Borrow stress that stands in for an unknown fee or utilisation. */
  readonly largeMinBorrowStress: number;
}

/** Composite from which a symbol earns a label. */
export interface LabelLimits {
  readonly watchlist: number;
  readonly tradeReady: number;
}

/** What would let a symbol through that misses relvol or ATR narrowly. Off in every profile. */
export interface SoftPassLimits {
  readonly maxPerRun: number;
  /** Share of the limit by which it may be missed. */
  readonly tolerance: number;
  /** News sentiment or social rank that counts as a strong catalyst. */
  readonly minCatalyst: number;
}

export interface Profile {
  readonly name: ProfileName;
  readonly sessions: Readonly<Record<TradedSession, Thresholds>>;
  readonly floatPaths: FloatPathLimits;
  readonly labels: LabelLimits;
  /** Confidence from which a candidate is listed. */
  readonly listedConfidence: number;
  readonly softPass: SoftPassLimits;
}

/** Regular session of the plan (RB planning); price and dollar volume are its universe filter. */
const STRICT_REGULAR: Thresholds = {
  minRelvol30: 2.5,
  minVolumeSpike: 1.5,
  minAtrPct: 0.04,
  minVwapRatio: 0.995,
  requireVwap: true,
  minRsi: 60,
  maxRsi: 70,
  requireRsi: true,
  requireEmaCross: true,
  minPrice: 0.1,
  maxPrice: 100,
  minDollarVolume: 50_000,
  requireMomentumConfirmation: false,
};

const STRICT_PREMARKET: Thresholds = {
  ...STRICT_REGULAR,
  minRelvol30: 3,
  minAtrPct: 0.05,
  requireVwap: false,
  minDollarVolume: 2_000_000,
};

const STRICT_AFTERHOURS: Thresholds = {
  ...STRICT_REGULAR,
  minRelvol30: 2.8,
  minDollarVolume: 1_000_000,
  requireMomentumConfirmation: true,
};

/** What all profiles share; a profile changes thresholds and which gates are hard, nothing else. */
const COMMON = {
  floatPaths: {
    smallMaxShares: 75e6,
    midEnabled: false,
    midMinShortFraction: 0.12,
    midMinBorrowFee: 0.1,
    midMinUtilisation: 0.75,
    midMinSocialRank: 0.85,
    midMinCallPutRatio: 2.5,
    largeMinShares: 150e6,
    largeMinShortFraction: 0.2,
    largeMinBorrowFee: 0.2,
    largeMinUtilisation: 0.85,
    largeMinBorrowStress: 60,
  },
  labels: { watchlist: 0.7, tradeReady: 0.75 },
  listedConfidence: 0.4,
  softPass: { maxPerRun: 0, tolerance: 0.1, minCatalyst: 0.85 },
} as const satisfies Partial<Profile>;

/** What `calibration/active.json` changes in every session; the rest it takes from strict. */
const ACTIVE = { minVolumeSpike: 1.2, requireVwap: false, requireRsi: false } as const;

/** The complete table of profile x session x parameter (domain-facts §2, §5). */
export const PROFILES: Readonly<Record<ProfileName, Profile>> = {
  strict: {
    ...COMMON,
    name: "strict",
    sessions: {
      PREMARKET: STRICT_PREMARKET,
      REGULAR: STRICT_REGULAR,
      AFTERHOURS: STRICT_AFTERHOURS,
    },
  },
  active: {
    ...COMMON,
    name: "active",
    sessions: {
      PREMARKET: { ...STRICT_PREMARKET, ...ACTIVE, minRelvol30: 2, minAtrPct: 0.03 },
      REGULAR: { ...STRICT_REGULAR, ...ACTIVE, minRelvol30: 0.5, minAtrPct: 0.02 },
      AFTERHOURS: { ...STRICT_AFTERHOURS, ...ACTIVE, minRelvol30: 1.8, minAtrPct: 0.03 },
    },
  },
  proposed: {
    ...COMMON,
    name: "proposed",
    sessions: {
      PREMARKET: { ...STRICT_PREMARKET, minRelvol30: 0.8, minAtrPct: 0.02 },
      REGULAR: { ...STRICT_REGULAR, minRelvol30: 0.3, minAtrPct: 0.015 },
      AFTERHOURS: { ...STRICT_AFTERHOURS, minRelvol30: 0.6, minAtrPct: 0.02 },
    },
  },
};

/** Thresholds in force; without session overrides those of the regular session hold all day. */
export function thresholdsFor(
  profile: Profile,
  session: Session,
  sessionOverrides: boolean,
): Thresholds {
  const { sessions } = profile;
  if (!sessionOverrides) return sessions.REGULAR;
  if (session === "PREMARKET") return sessions.PREMARKET;
  return session === "AFTERHOURS" ? sessions.AFTERHOURS : sessions.REGULAR;
}
