import type { Features, SoftPenalty } from "@amc/schemas/generated/events";

const HOUR_MINUTES = 60;
const MINUTE_MS = 60_000;
const FACTOR_MIN = 0.1;
const LOW_CONFIDENCE = 0.5;
/** Roles whose vendor matters most: prices, short interest and options. */
const KEY_ROLES: ReadonlySet<string> = new Set([
  "sessionTicks",
  "dailyBars",
  "shortInterest",
  "options",
]);

interface SoftGates {
  /** Limit on confidence, 0.1 to 1. */
  readonly factor: number;
  readonly penalties: readonly SoftPenalty[];
}

/**
 * Soft gates lower confidence and never reject (domain-facts §5): 0.10 per hour of price age
 * beyond the first, 0.15 per missing key provider, 0.20 when a key input has confidence below 0.5.
 * The session is charged once, in the session factor, and so not here.
 */
export function judgeSoftGates(features: Features): SoftGates {
  return softGatesOf(
    priceAgeMinutes(features),
    missingProviders(features),
    lowConfidence(features),
  );
}

export function softGatesOf(
  ageMinutes: number,
  missingProviders: readonly string[],
  lowConfidenceRoles: readonly string[] = [],
): SoftGates {
  const penalties: SoftPenalty[] = [];
  if (ageMinutes > HOUR_MINUTES) {
    const penalty = (0.1 * (ageMinutes - HOUR_MINUTES)) / HOUR_MINUTES;
    penalties.push({
      name: "data-age",
      penalty,
      detail: `price ${Math.floor(ageMinutes)} minutes old`,
    });
  }
  for (const provider of missingProviders) {
    penalties.push({ name: "missing-provider", penalty: 0.15, detail: provider });
  }
  if (lowConfidenceRoles.length > 0) {
    const detail = lowConfidenceRoles.join(", ");
    penalties.push({ name: "low-confidence-input", penalty: 0.2, detail });
  }
  const lost = penalties.reduce((sum, { penalty }) => sum + penalty, 0);
  return { factor: Math.max(FACTOR_MIN, 1 - lost), penalties };
}

function priceAgeMinutes({ happenedAt, priceAt }: Features): number {
  return priceAt === null ? 0 : (happenedAt - priceAt) / MINUTE_MS;
}

function missingProviders(features: Features): string[] {
  const { atmIv, ivPercentile, callPutRatio, gammaWallStrike, optionsVolumeRatio } = features;
  const options = [atmIv, ivPercentile, callPutRatio, gammaWallStrike, optionsVolumeRatio];
  const missing: string[] = [];
  if (features.sharesShort === null) missing.push("short-interest");
  if (features.price === null) missing.push("market-data");
  if (options.every((value) => value === null)) missing.push("options");
  return missing;
}

function lowConfidence({ inputs }: Features): string[] {
  return inputs
    .filter(({ role, confidence }) => KEY_ROLES.has(role) && confidence < LOW_CONFIDENCE)
    .map(({ role }) => role)
    .sort();
}
