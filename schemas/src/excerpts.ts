import type { EventOf, TopicName } from "./topics.ts";

/**
 * Fields that the tables of the read model have columns of, for the events that hold much more than
 * that: whoever reads only these leaves most of a message where it lies. What is left there is checked
 * all the same, so an event is refused by its excerpt exactly when it is refused as a whole.
 */
export const EXCERPTS = {
  "signals.features.v1": [
    "symbol",
    "happenedAt",
    "publishedAt",
    "capturedAt",
    "simulated",
    "trigger",
    "slot",
    "session",
    "tradingDay",
    "price",
    "priceAt",
    "prevClose",
    "vwap",
    "relvol30",
    "volumeSpike",
    "atrPct",
    "rsi14",
    "ema9",
    "ema20",
    "shortFraction",
    "daysToCover",
    "completedSessions",
    "flags",
  ],
  "signals.detection.v1": [
    "symbol",
    "happenedAt",
    "publishedAt",
    "capturedAt",
    "simulated",
    "detector",
    "featuresId",
    "trigger",
    "slot",
    "score",
    "confidence",
    "label",
    "dataSources",
    "error",
  ],
  "signals.verdict.v1": [
    "symbol",
    "happenedAt",
    "publishedAt",
    "capturedAt",
    "simulated",
    "featuresId",
    "detectionIds",
    "trigger",
    "slot",
    "session",
    "tradingDay",
    "strategy",
    "profile",
    "preset",
    "configVersion",
    "price",
    "passed",
    "label",
    "score",
    "rawScore",
    "confidence",
    "firstFailure",
    "gates",
    "softPenalties",
  ],
} as const satisfies { readonly [T in TopicName]?: readonly (keyof EventOf<T>)[] };

export type ExcerptTopic = keyof typeof EXCERPTS;

type FieldsOf<T extends ExcerptTopic> = (typeof EXCERPTS)[T][number] & keyof EventOf<T>;

/** Of a topic without an excerpt the whole value. An event is also an excerpt of itself. */
export type ExcerptByTopic = {
  readonly [T in TopicName]: T extends ExcerptTopic ? Pick<EventOf<T>, FieldsOf<T>> : EventOf<T>;
};

export type ExcerptOf<T extends TopicName> = ExcerptByTopic[T];

export function isExcerptTopic(topic: TopicName): topic is ExcerptTopic {
  return Object.hasOwn(EXCERPTS, topic);
}
