import { isTolerated } from "@amc/platform/log/kafka/topics/drift";
import type { TopicsState } from "@amc/platform/log/kafka/topics/topic-admin";

/** Looks at the topics of a cluster, or creates what is absent as well. */
export interface TopicsOfCluster {
  check(): Promise<TopicsState>;
  provide(): Promise<TopicsState>;
}

export interface TopicsFound extends TopicsState {
  /** Whether a deployment may go on with them. */
  readonly areFit: boolean;
}

/**
 * Creates what is absent, which a deployment may do by itself: a difference is for a person to look at, and
 * until then nothing is created, unless it is one that everything works with.
 */
export async function createAbsentTopics(topics: TopicsOfCluster): Promise<TopicsFound> {
  const before = await topics.check();
  if (!before.differences.every(isTolerated)) return { ...before, areFit: false };
  if (before.absent.length === 0) return { ...before, areFit: true };
  const { names, differences } = await topics.provide();
  return { names, absent: [], differences, areFit: true };
}
