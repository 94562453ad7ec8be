/** What a changelog of a group is called on Kafka. */
export function changelogTopic(group: string): string {
  return `state.${group}`;
}

/** A batch of 8 MiB holds the largest value of state. */
const CHANGELOG_BATCH_BYTES = 8 * 1_048_576;
/** What a zombie wrote can be repaired for so long before compaction takes the value that counts. */
const COMPACTION_LAG_MS = 86_400_000;

/** Settings of a changelog, in Kafka's names and words. */
export const CHANGELOG_CONFIG = {
  "cleanup.policy": "compact",
  "min.compaction.lag.ms": String(COMPACTION_LAG_MS),
  "max.message.bytes": String(CHANGELOG_BATCH_BYTES),
};
