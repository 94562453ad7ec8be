/** What a changelog of a group is called on Kafka. */
export function changelogTopic(group: string): string {
  return `state.${group}`;
}

/** A batch of 8 MiB holds the largest value of state. */
const CHANGELOG_BATCH_BYTES = 8 * 1_048_576;
/**
 * What a zombie wrote can be repaired for so long before compaction takes the value that counts, and no reading
 * of a changelog may take longer: both are seconds, or a minute where it is gigabytes. All that is written in
 * this time is read at every take-over.
 */
const COMPACTION_LAG_MS = 600_000;
/**
 * Brokers never compact the segment that is written to, by default for a week or until it is a gigabyte. Whoever
 * takes the unit over reads all of it: so much takes a second or two.
 */
const SEGMENT_BYTES = 64 * 1_048_576;
const SEGMENT_MS = 3_600_000;
/** By default a changelog may become twice its state before it is compacted; a tenth more is cheap enough. */
const DIRTY_RATIO = 0.1;

/** Settings that say how much of a changelog is not compacted yet, and nothing else. */
export const CHANGELOG_PACE = {
  "segment.bytes": String(SEGMENT_BYTES),
  "segment.ms": String(SEGMENT_MS),
  "min.cleanable.dirty.ratio": String(DIRTY_RATIO),
};

export const COMPACTION_LAG_SETTING = "min.compaction.lag.ms";

/** Settings of a changelog, in Kafka's names and words. */
export const CHANGELOG_CONFIG = {
  "cleanup.policy": "compact",
  ...CHANGELOG_PACE,
  [COMPACTION_LAG_SETTING]: String(COMPACTION_LAG_MS),
  "max.message.bytes": String(CHANGELOG_BATCH_BYTES),
};
