import type { Features } from "@amc/schemas/generated/events";
import { reaches } from "../components.ts";
import type { BorrowStress } from "./borrow-stress.ts";

/** A named observation with what it is about and how strong it is; types, not text, decide. */
interface SqueezeSignal {
  readonly name: string;
  readonly family: "short" | "options" | "volume";
  readonly severity: "extreme" | "high" | "notable";
}

const FLOAT_TIGHT_SHARES = 25_000_000;

export function squeezeSignals(features: Features, stress: BorrowStress | null): SqueezeSignal[] {
  const { shortFraction, daysToCover, shortVolumeFraction, volumeSpike } = features;
  const found: (SqueezeSignal | null)[] = [
    tiered("short-interest", "short", shortFraction, 0.25, 0.15),
    tiered("days-to-cover", "short", daysToCover, 10, 5),
    above("short-volume-high", "short", "high", shortVolumeFraction, 0.6),
    tiered("borrow-stress", "short", stress?.stress ?? null, 80, 60),
    atMost("iv-percentile-low", features.ivPercentile, 20),
    above("atm-iv-elevated", "options", "notable", features.atmIv, 0.6),
    above("call-put-bullish", "options", "notable", features.callPutRatio, 1.5),
    tiered("volume-spike", "volume", volumeSpike, 5, 2),
  ];
  return found.filter((signal) => signal !== null);
}

/** What kind of squeeze is building (domain-facts §4.2). */
export function squeezeType(features: Features, signals: readonly SqueezeSignal[]): string {
  const hasOptions = signals.some(({ family }) => family === "options");
  const hasShort = signals.some(({ family }) => family === "short");
  if (hasOptions && hasShort) return "HYBRID_SQUEEZE";
  if (hasOptions) return "GAMMA_SQUEEZE";
  if (hasShort) return "SHORT_SQUEEZE";
  const { floatShares } = features;
  return floatShares !== null && floatShares <= FLOAT_TIGHT_SHARES
    ? "FLOAT_SQUEEZE"
    : "VOLUME_SQUEEZE";
}

export function squeezeStrength(score: number, signals: readonly SqueezeSignal[]): string {
  const extreme = signals.filter(({ severity }) => severity === "extreme").length;
  const high = signals.filter(({ severity }) => severity === "high").length;
  if (extreme >= 2) return "EXPLOSIVE";
  if (extreme === 1 || reaches(score, 0.7)) return "STRONG";
  if (high >= 2 || reaches(score, 0.5)) return "MODERATE";
  return reaches(score, 0.3) ? "DEVELOPING" : "WEAK";
}

function tiered(
  subject: string,
  family: SqueezeSignal["family"],
  value: number | null,
  extremeFrom: number,
  highFrom: number,
): SqueezeSignal | null {
  if (value === null || value < highFrom) return null;
  const severity = value >= extremeFrom ? "extreme" : "high";
  return { name: `${subject}-${severity}`, family, severity };
}

function above(
  name: string,
  family: SqueezeSignal["family"],
  severity: SqueezeSignal["severity"],
  value: number | null,
  from: number,
): SqueezeSignal | null {
  return value !== null && value >= from ? { name, family, severity } : null;
}

function atMost(name: string, value: number | null, limit: number): SqueezeSignal | null {
  return value !== null && value <= limit ? { name, family: "options", severity: "notable" } : null;
}
