import type { Features } from "@amc/schemas/generated/events";
import type { StalenessLimits } from "../../market/shelf-life.ts";
import { clamp01, type Part, part, reaches, weigh } from "../components.ts";
import type { Detector, DetectorResult } from "../detector.ts";
import { inputQuality } from "../feature-inputs.ts";

/** Sentiment 0.40, social 0.30, event proximity 0.20, unusual activity 0.10 (domain-facts §4.4). */
export const catalystNews: Detector = { name: "catalyst_news", version: 1, detect };

function detect(features: Features, staleness: StalenessLimits): DetectorResult {
  const { newsSentiment, socialRank, nextEventDays } = features;
  const parts: readonly Part[] = [
    part(features, "news_sentiment", 0.4, ["newsSentiment"], () => newsSentiment),
    part(features, "social_momentum", 0.3, ["socialRank"], () => socialRank),
    part(features, "event_proximity", 0.2, ["nextEventDays"], () =>
      nextEventDays === null ? null : clamp01((14 - nextEventDays) / 13),
    ),
    unusualActivity(features),
  ];
  const weighed = weigh(features, parts);
  const quality = inputQuality(features, weighed.used, staleness);
  // Without a polarity the detector is absent (domain-facts §0): volume alone is no catalyst.
  const score = newsSentiment === null ? null : weighed.score;
  return {
    score,
    confidence: score === null ? 0 : weighed.presentWeight * quality.confidence,
    label: score === null ? null : strengthOf(score),
    signals: score === null ? [] : signalsOf(features),
    components: weighed.components,
    missing: weighed.missing,
    dataSources: score === null ? [] : quality.sources,
  };
}

/** The larger of share volume and options volume against their usual; one of them is enough. */
function unusualActivity(features: Features): Part {
  const spike = part(
    features,
    "unusual_activity",
    0.1,
    ["volumeSpike"],
    () => features.volumeSpike,
  );
  const options = part(
    features,
    "unusual_activity",
    0.1,
    ["optionsVolumeRatio"],
    () => features.optionsVolumeRatio,
  );
  const known = [spike.value, options.value].filter((value) => value !== null);
  return {
    ...spike,
    value: known.length === 0 ? null : clamp01((Math.max(...known) - 1) / 4),
    used: [...spike.used, ...options.used],
    absent: [...spike.absent, ...options.absent],
  };
}

function strengthOf(score: number): string {
  if (reaches(score, 0.8)) return "STRONG_CATALYST";
  return reaches(score, 0.5) ? "CATALYST" : "WEAK_CATALYST";
}

function signalsOf(features: Features): string[] {
  const { newsSentiment, newsSources, socialRank, nextEventDays } = features;
  const signals: string[] = [];
  if (newsSentiment !== null && newsSentiment >= 0.5) signals.push("news-positive");
  if (newsSources >= 2) signals.push("news-confirmed");
  if (socialRank !== null && socialRank >= 0.85) signals.push("social-surge");
  if (nextEventDays !== null && nextEventDays <= 14) signals.push("event-within-14-days");
  return signals;
}
