import { jsonCodec, readStored, storedBytes } from "@amc/streams/kernel/state-codec";
import { z } from "zod";
import type { Lease, Log, StateChange } from "../log/port.ts";

const STORE = "jobs.standing";
const FORMAT = 1;

const jobStanding = z.strictObject({
  /** Instant of the newest run that was begun or skipped, UTC ms. */
  dueAt: z.int(),
  /** Newest attempt at it; 0 where it was skipped without one. */
  attempt: z.int(),
  /** Attempts at it that nobody ended: whoever made them was killed. */
  interruptions: z.int(),
  state: z.enum(["running", "waiting", "over"]),
  /** When the newest attempt began, UTC ms. */
  startedAt: z.int().nullable(),
  /** When the next attempt is due, UTC ms; null unless it waits. */
  retryAt: z.int().nullable(),
});

/** How far the runs of a job are: what makes a run of job and instant happen once. */
export type JobStanding = z.output<typeof jobStanding>;

const CODEC = jsonCodec(FORMAT, (json): json is JobStanding => jobStanding.safeParse(json).success);

export function standingChange(job: string, standing: JobStanding): StateChange {
  return { store: STORE, key: job, value: storedBytes(CODEC, standing) };
}

/** Standings under the group of a lease, by job. Throws a `StateError` when they are another version's. */
export async function jobStandings(
  log: Log,
  { group, partition }: Pick<Lease, "group" | "partition">,
): Promise<Map<string, JobStanding>> {
  const standings = new Map<string, JobStanding>();
  for await (const { store, key, value } of log.state(group, partition)) {
    if (store !== STORE || value === null) continue;
    standings.set(key, readStored({ store, key }, CODEC, value));
  }
  return standings;
}
