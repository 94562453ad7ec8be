import type { Variables } from "@amc/platform/config/variables";
import { newestTick } from "@amc/platform/runtime/newest-tick";
import { withKafkaLog } from "../named-log.ts";
import { type SchedulerStanding, schedulerStanding } from "../status/scheduler-standing.ts";
import { jobsText, SCHEDULER_MEND, schedulerText } from "../status/scheduler-text.ts";
import { type Check, ok, reasonOf, warn } from "./check.ts";

/** A projector that runs takes a run at once; after so long there is none, or it hangs. */
const TAKEN_WITHIN_MS = 15 * 60_000;

/** Who publishes time on the configured cluster, and whether its jobs are done. Without one: nobody. */
export async function schedulerChecks(variables: Variables, nowMs: number): Promise<Check[]> {
  const { KAFKA_BROKERS, SCHEMA_REGISTRY_URL } = variables;
  if (KAFKA_BROKERS === undefined || SCHEMA_REGISTRY_URL === undefined) {
    return [ok("scheduler", "none: time is that of recordings without KAFKA_BROKERS")];
  }
  try {
    const standing = await withKafkaLog(async (log) =>
      schedulerStanding(log, await newestTick(log), variables, nowMs),
    );
    return [clockCheck(standing), jobsCheck(standing, nowMs)];
  } catch (error) {
    const mend = "npm run stack -- status; KAFKA_BROKERS and SCHEMA_REGISTRY_URL have to answer";
    return [warn("scheduler", `not known: ${reasonOf(error)}`, mend)];
  }
}

function clockCheck(standing: SchedulerStanding): Check {
  const text = schedulerText(standing);
  if (standing.state !== "standing-still") return ok("scheduler", text);
  return warn("scheduler", text, SCHEDULER_MEND);
}

function jobsCheck(standing: SchedulerStanding, nowMs: number): Check {
  const isLate = standing.jobs.some(
    ({ outcome, atMs }) => outcome === "waiting" && nowMs - atMs > TAKEN_WITHIN_MS,
  );
  if (!isLate) return ok("jobs", jobsText(standing));
  return warn("jobs", jobsText(standing), "npm run amc -- run projector, which does them");
}
