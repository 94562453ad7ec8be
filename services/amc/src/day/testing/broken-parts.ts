import type { Log } from "@amc/platform/log/port";
import { type DayParts, SOUND_PARTS } from "../day-plan.ts";
import type { HeardHealth } from "../heard-health.ts";

/** Two do the jobs, and neither is fenced by the other. */
export const TWICE: DayParts = { ...SOUND_PARTS, workers: [(log) => log, unfenced] };

/** Whatever fails, `/health` is content with it. */
export const BELIEVING: DayParts = { ...SOUND_PARTS, health: believing };

function unfenced(log: Log): Log {
  const other = (group: string) => `${group}.again`;
  return {
    partitions: (topic) => log.partitions(topic),
    topics: () => log.topics(),
    startOffset: (...of) => log.startOffset(...of),
    endOffset: (...of) => log.endOffset(...of),
    offsetAtTime: (...of) => log.offsetAtTime(...of),
    read: (...of) => log.read(...of),
    waitFor: (...of) => log.waitFor(...of),
    acquire: (group, partition, signal) => log.acquire(other(group), partition, signal),
    positions: (group, partition) => log.positions(other(group), partition),
    // It knows its own leases by their names.
    state: (group, partition) => log.state(group, partition),
    commit: (commit) => log.commit(commit),
    truncateBefore: (...of) => log.truncateBefore(...of),
    close: () => log.close(),
  };
}

function believing({ atMs, components }: HeardHealth): HeardHealth {
  const healthy = Object.entries(components).map(([name, { detail }]) => [
    name,
    { status: "healthy", detail },
  ]);
  return { atMs, status: "healthy", components: Object.fromEntries(healthy) };
}
