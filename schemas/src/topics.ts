import type { EventBySchema } from "./generated/events.ts";

export type SchemaName = keyof EventBySchema;

/** Who writes a topic: one role, so that ownership can be granted and checked per topic. */
export type Writer =
  | "ingest"
  | "scheduler"
  | "operator"
  | "processor"
  | "runtime"
  | "alert-sender"
  | "job-worker";

/**
 * What a topic is for. `fact` comes from outside, `derived` is computed from facts and covered by
 * the digests of `verify`, `ops` is about the running system and covered by nothing.
 */
export type TopicKind = "fact" | "derived" | "delivery" | "ops";

type TopicKey =
  | "symbol"
  | "trading-day"
  | "run-id"
  | "setting"
  | "provider"
  | "account-symbol"
  | "job"
  | "alert-subject"
  | "metric"
  | "none";

export interface TopicSpec<
  Schema extends SchemaName = SchemaName,
  Kind extends TopicKind = TopicKind,
  Key extends TopicKey = TopicKey,
> {
  /** Full record name of the value, for example `amc.market.PriceTick`. */
  readonly schema: Schema;
  readonly kind: Kind;
  /** What the key holds; the partition is murmur2 of its UTF-8 bytes. */
  readonly key: Key;
  /** Partitions in a default installation. */
  readonly partitions: number;
  /** Every record is written to every partition (time and operator settings). */
  readonly broadcast: boolean;
  readonly compacted: boolean;
  /** Days kept from append time; null keeps for ever. */
  readonly retentionDays: number | null;
  readonly writer: Writer;
}

const DEFAULT_PARTITIONS = 4;

function fact<Schema extends SchemaName>(schema: Schema): TopicSpec<Schema, "fact", "symbol"> {
  return {
    schema,
    kind: "fact",
    key: "symbol",
    partitions: DEFAULT_PARTITIONS,
    broadcast: false,
    compacted: false,
    retentionDays: null,
    writer: "ingest",
  };
}

function derived<Schema extends SchemaName>(
  schema: Schema,
  key: TopicSpec["key"] = "symbol",
): TopicSpec<Schema, "derived"> {
  return { ...fact(schema), kind: "derived", key, writer: "processor" };
}

/**
 * Every topic of the system. The order is also the rank by which a stage orders facts of one
 * instant, so entries may be appended but never reordered.
 */
export const TOPICS = {
  "market.corporate-action.v1": fact("amc.market.CorporateAction"),
  "market.halt.v1": fact("amc.market.Halt"),
  "market.reference.v1": fact("amc.market.Reference"),
  "short.interest.v1": fact("amc.short.ShortInterest"),
  "short.volume.v1": fact("amc.short.ShortVolume"),
  "short.fails-to-deliver.v1": fact("amc.short.FailsToDeliver"),
  "market.news.v1": fact("amc.market.News"),
  "market.options.v1": fact("amc.market.Options"),
  "market.price-tick.v1": fact("amc.market.PriceTick"),
  "ops.control.v1": {
    ...fact("amc.ops.Control"),
    kind: "ops",
    key: "setting",
    broadcast: true,
    writer: "operator",
  },
  "ops.clock.v1": {
    ...fact("amc.ops.Clock"),
    kind: "ops",
    key: "none",
    broadcast: true,
    writer: "scheduler",
  },
  "signals.features.v1": derived("amc.signals.Features"),
  "signals.detection.v1": derived("amc.signals.Detection"),
  "signals.verdict.v1": derived("amc.signals.Verdict"),
  "discovery.candidate.v1": derived("amc.discovery.Candidate", "trading-day"),
  "ops.slot-closed.v1": { ...derived("amc.ops.SlotClosed", "trading-day"), kind: "ops" },
  "discovery.run.v1": derived("amc.discovery.Run", "run-id"),
  "discovery.recommendation.v1": derived("amc.discovery.Recommendation"),
  "alerts.requested.v1": derived("amc.alerts.Requested"),
  "alerts.delivery.v1": {
    ...derived("amc.alerts.Delivery"),
    kind: "delivery",
    writer: "alert-sender",
  },
  "ops.stage-timing.v1": {
    ...fact("amc.ops.StageTiming"),
    kind: "ops",
    key: "none",
    retentionDays: 30,
    writer: "runtime",
  },
  "ops.provider-call.v1": {
    ...fact("amc.ops.ProviderCall"),
    kind: "ops",
    key: "provider",
    retentionDays: 90,
  },
  "ops.circuit-breaker.v1": {
    ...fact("amc.ops.CircuitBreaker"),
    kind: "ops",
    key: "provider",
    retentionDays: 90,
  },
  "portfolio.position.v1": {
    ...fact("amc.portfolio.Position"),
    key: "account-symbol",
    compacted: true,
  },
  "ops.job-tick.v1": {
    ...fact("amc.ops.JobTick"),
    kind: "ops",
    key: "job",
    retentionDays: 90,
    writer: "scheduler",
  },
  "experiments.result.v1": derived("amc.experiments.ExperimentResult", "run-id"),
  "short.quality.v1": derived("amc.short.ShortQuality"),
  "ops.job-run.v1": {
    ...fact("amc.ops.JobRun"),
    kind: "ops",
    key: "job",
    retentionDays: 365,
    writer: "job-worker",
  },
  "ops.provider-answer.v1": {
    ...fact("amc.ops.ProviderAnswer"),
    kind: "ops",
    key: "provider",
    // Two weeks for somebody to notice what a parser got wrong, and little of a disk.
    retentionDays: 14,
  },
  "ops.alert-raised.v1": {
    ...fact("amc.ops.AlertRaised"),
    kind: "ops",
    key: "alert-subject",
    retentionDays: 365,
    writer: "job-worker",
  },
  "ops.hour-metric.v1": {
    ...fact("amc.ops.HourMetric"),
    kind: "ops",
    key: "metric",
    retentionDays: 365,
    writer: "job-worker",
  },
  "ops.shadow-slot.v1": { ...derived("amc.ops.ShadowSlot", "trading-day"), kind: "ops" },
  "discovery.shadow-run.v1": derived("amc.discovery.ShadowRun", "run-id"),
} as const satisfies Record<string, TopicSpec>;

export type TopicName = keyof typeof TOPICS;

/** Value type of a topic. */
export type EventOf<Topic extends TopicName> = EventBySchema[(typeof TOPICS)[Topic]["schema"]];

export const TOPIC_NAMES: readonly TopicName[] = Object.keys(TOPICS).filter(isTopicName);

export function isTopicName(name: string): name is TopicName {
  return Object.hasOwn(TOPICS, name);
}

/**
 * A topic of facts about securities: what a tick covers and stages compute from. What an account holds
 * is a fact about its holder: it is keyed by both, no stage reads it, and no tick waits for it.
 */
export type FactTopic = {
  [Topic in TopicName]: (typeof TOPICS)[Topic] extends { kind: "fact"; key: "symbol" }
    ? Topic
    : never;
}[TopicName];

export const FACT_TOPICS: readonly FactTopic[] = TOPIC_NAMES.filter(isFactTopic);

function isFactTopic(topic: TopicName): topic is FactTopic {
  return TOPICS[topic].kind === "fact" && TOPICS[topic].key === "symbol";
}

/** Rank of a topic when facts published at the same instant are put in order. */
export function topicRank(topic: TopicName): number {
  return TOPIC_NAMES.indexOf(topic);
}
