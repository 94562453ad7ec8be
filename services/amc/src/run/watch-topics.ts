import type { Variables } from "@amc/platform/config/variables";
import type { KafkaConnection } from "@amc/platform/log/kafka/client-options";
import type { createLogger } from "@amc/platform/logger";
import { type TopicDrift, topicDrift } from "../operations/topic-drift.ts";

/**
 * Says in the log of a service that starts what topics are not as the table says, with what mends
 * it. It starts all the same: a retention that somebody changed must not keep alerts from being sent
 * tonight, and what a service cannot work without (missing topics, another number of partitions)
 * ends it by itself.
 */
export async function tellTopicDrift(
  look: () => Promise<TopicDrift>,
  logger: Pick<ReturnType<typeof createLogger>, "warn" | "error">,
): Promise<void> {
  try {
    const drift = await look();
    if (drift.shown.length > 0) logger.error(drift, "topics are not as the topic table says");
  } catch (error) {
    logger.warn({ err: error }, "whether topics are as the topic table says is not known");
  }
}

/** Looks at the cluster of a service as that service. */
export function topicLook(
  connection: KafkaConnection,
  variables: Variables,
): () => Promise<TopicDrift> {
  return () => topicDrift(connection, variables);
}
