import type { Log } from "@amc/platform/log/port";
import type { Verdict } from "@amc/schemas/generated/events";
import { DETECTORS } from "@amc/streams/detectors/registry";
import { eventsOfSymbolAt, type Located, newestOfSymbol } from "../log-search.ts";

/** What the system thought of a symbol at one instant; null or empty where it had not spoken yet. */
export interface Standing {
  readonly symbol: string;
  readonly atMs: number;
  readonly features: Located<"signals.features.v1"> | null;
  /** The newest of each detector, in detector order. */
  readonly detections: readonly Located<"signals.detection.v1">[];
  readonly verdict: Located<"signals.verdict.v1"> | null;
  /** The features that the verdict judged, with their inputs; those of a slice list none. */
  readonly judged: Located<"signals.features.v1"> | null;
}

/**
 * The newest features, detections and verdict of a symbol with event time at or before an instant.
 * Features change with every slice; the others are made at slots and crossings, so they may stand
 * on older features, which their `featuresId` names.
 */
export async function standingAt(log: Log, symbol: string, atMs: number): Promise<Standing> {
  const detections: Located<"signals.detection.v1">[] = [];
  for (const { name } of DETECTORS) {
    const found = await newestOfSymbol(
      log,
      "signals.detection.v1",
      symbol,
      atMs,
      ({ detector }) => detector === name,
    );
    if (found === null) break;
    detections.push(found);
  }
  const verdict = await newestOfSymbol(log, "signals.verdict.v1", symbol, atMs);
  return {
    symbol,
    atMs,
    features: await newestOfSymbol(log, "signals.features.v1", symbol, atMs),
    detections,
    verdict,
    judged: verdict === null ? null : await judgedBy(log, verdict.event),
  };
}

async function judgedBy(
  log: Log,
  { symbol, happenedAt, featuresId }: Verdict,
): Promise<Standing["judged"]> {
  const features = await eventsOfSymbolAt(log, "signals.features.v1", symbol, happenedAt);
  return features.find(({ id }) => id === featuresId) ?? null;
}
