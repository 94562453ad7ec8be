/**
 * Every group of consumers that commits positions or state, and into how many units its work is
 * divided: one per partition of its input, or one. On Kafka each group has a changelog with a
 * partition per unit, which has to be there before the group works.
 */
export const WORK_GROUPS = {
  signals: "per-partition",
  discovery: "per-partition",
  alerts: "per-partition",
  "alert-sender-console": "per-partition",
  "ingest-recordings": "one",
  "projector.discovery": "one",
  "projector.features": "one",
  "projector.signals": "one",
  "projector.prices": "one",
  "projector.calendar": "one",
  "dlq-redrive": "one",
} as const satisfies Record<string, "per-partition" | "one">;

/** Units of each group in an installation with so many partitions. */
export function workGroups(partitions: number): { group: string; partitions: number }[] {
  return Object.entries(WORK_GROUPS).map(([group, divided]) => ({
    group,
    partitions: divided === "one" ? 1 : partitions,
  }));
}
