/** Who runs a group: one role, so that the right to its changelog can be granted and checked. */
export type WorkGroupRunner =
  | "ingest"
  | "scheduler"
  | "processor"
  | "projector"
  | "alert-sender"
  | "short-interest"
  | "live"
  | "operator";

export interface WorkGroupSpec {
  readonly runner: WorkGroupRunner;
  /** One unit of work per partition of its input, or one for all. */
  readonly units: "per-partition" | "one";
}

/**
 * Every group that keeps positions, and perhaps state, in the log. On Kafka each has a
 * changelog, the compacted topic `state.<group>`, with one partition per unit.
 */
export const WORK_GROUPS = {
  signals: { runner: "processor", units: "per-partition" },
  discovery: { runner: "processor", units: "per-partition" },
  alerts: { runner: "processor", units: "per-partition" },
  "ingest-recordings": { runner: "ingest", units: "one" },
  scheduler: { runner: "scheduler", units: "one" },
  "projector.discovery": { runner: "projector", units: "one" },
  "projector.features": { runner: "projector", units: "one" },
  "projector.signals": { runner: "projector", units: "one" },
  "projector.prices": { runner: "projector", units: "one" },
  "projector.calendar": { runner: "projector", units: "one" },
  "jobs.projector": { runner: "projector", units: "one" },
  "alert-sender-console": { runner: "alert-sender", units: "per-partition" },
  "alert-sender-sms": { runner: "alert-sender", units: "per-partition" },
  "jobs.short-interest": { runner: "short-interest", units: "one" },
  "jobs.options": { runner: "short-interest", units: "one" },
  live: { runner: "live", units: "one" },
  "console-told": { runner: "operator", units: "one" },
  "dlq-redrive": { runner: "operator", units: "one" },
} as const satisfies Record<string, WorkGroupSpec>;

export type WorkGroupName = keyof typeof WORK_GROUPS;

export const WORK_GROUP_NAMES: readonly WorkGroupName[] =
  Object.keys(WORK_GROUPS).filter(isWorkGroupName);

function isWorkGroupName(name: string): name is WorkGroupName {
  return Object.hasOwn(WORK_GROUPS, name);
}
