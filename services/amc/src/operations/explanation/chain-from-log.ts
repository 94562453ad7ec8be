import type { Log } from "@amc/platform/log/port";
import type { Chain } from "@amc/query-api/explanation/explanation";
import type { RecordPlace } from "@amc/query-api/read-model/port";
import { recordsOf } from "@amc/replay/log-digests";
import { eventsOfSymbolAt, type Located, locate } from "../log-search.ts";

type Recommended = Located<"discovery.recommendation.v1">;

/** What the log holds for a recommendation id. */
export interface RecommendationSearch {
  readonly found: Recommended | null;
  /** The newest by event time, to name one that exists; null when there is none at all. */
  readonly newest: Recommended | null;
}

/** Looks through all recommendations: there are few, a handful a trading day. */
export async function findRecommendation(log: Log, id: string): Promise<RecommendationSearch> {
  let found: Recommended | null = null;
  let newest: Recommended | null = null;
  for await (const record of recordsOf(log, "discovery.recommendation.v1")) {
    const one = locate("discovery.recommendation.v1", record);
    if (one === null) continue;
    if (one.id === id) found ??= one;
    if (newest === null || one.event.happenedAt > newest.event.happenedAt) newest = one;
  }
  return { found, newest };
}

/**
 * Verdict, detections and features behind a recommendation, from the log alone: they carry its
 * symbol and the instant of the evaluation that led to it. What is no longer kept is left out.
 */
export async function chainFromLog(log: Log, recommendation: Recommended): Promise<Chain> {
  const { symbol, happenedAt, verdictId, featuresId } = recommendation.event;
  const verdicts = await eventsOfSymbolAt(log, "signals.verdict.v1", symbol, happenedAt);
  const verdict = verdicts.find(({ id }) => id === verdictId) ?? null;
  const made = await eventsOfSymbolAt(log, "signals.detection.v1", symbol, happenedAt);
  const detectionIds = verdict?.event.detectionIds ?? [];
  const detections = detectionIds.flatMap((id) => made.filter((one) => one.id === id).slice(0, 1));
  const known = await eventsOfSymbolAt(log, "signals.features.v1", symbol, happenedAt);
  const features = known.find(({ id }) => id === featuresId) ?? null;
  const located = [recommendation, verdict, features, ...detections];
  const places = new Map<string, RecordPlace>();
  for (const one of located) if (one !== null) places.set(one.id, one.place);
  return { recommendation, verdict, detections, features, places };
}
