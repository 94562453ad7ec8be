import type { TopicName } from "@amc/schemas/topics";

/**
 * What is projected together: topics read by one loop, in one transaction at a time. Rows of one
 * projection never wait for those of another, so what a person waits for (`discovery`, `features`)
 * becomes visible while the bulk of a slot (`signals`: six detections and a verdict per symbol) is
 * still being written, and a burst of ticks (`prices`) delays neither. What follows from the clock
 * and the reports of short interest (`calendar`), runs of jobs and what they found among it, waits for none of them.
 *
 * A topic that moves from one projection to another takes its positions along in a migration.
 */
export const PROJECTIONS = {
  discovery: [
    "discovery.recommendation.v1",
    "discovery.run.v1",
    "discovery.candidate.v1",
    "alerts.requested.v1",
    "alerts.delivery.v1",
    "ops.stage-timing.v1",
    "ops.provider-call.v1",
    "ops.circuit-breaker.v1",
    "portfolio.position.v1",
    "ops.control.v1",
    "experiments.result.v1",
  ],
  features: ["signals.features.v1"],
  signals: ["signals.verdict.v1", "signals.detection.v1", "ops.stage-timing.v1"],
  prices: ["market.price-tick.v1"],
  calendar: [
    "ops.clock.v1",
    "short.interest.v1",
    "short.quality.v1",
    "ops.job-run.v1",
    "ops.alert-raised.v1",
    "ops.hour-metric.v1",
    "ops.control.v1",
  ],
} as const satisfies Record<string, readonly TopicName[]>;

export type ProjectionName = keyof typeof PROJECTIONS;

export const PROJECTION_NAMES: readonly ProjectionName[] =
  Object.keys(PROJECTIONS).filter(isProjectionName);

function isProjectionName(name: string): name is ProjectionName {
  return Object.hasOwn(PROJECTIONS, name);
}
