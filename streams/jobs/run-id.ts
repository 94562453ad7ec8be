import { uuidOf } from "../kernel/ids.ts";

/** Id of the run of a job at an instant of its schedule, UTC ms: the same for all its steps. */
export function jobRunId(job: string, dueAt: number): string {
  return uuidOf(`job-run/${job}/${dueAt}`);
}
