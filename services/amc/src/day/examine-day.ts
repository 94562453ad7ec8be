import type { DayPlan } from "./day-plan.ts";
import { compareDays, examineFacts } from "./examine-facts.ts";
import { examineHealth } from "./examine-health.ts";
import { examineJobs, type JobVerdict } from "./examine-jobs.ts";
import { examineProviders, type ProviderVerdict } from "./examine-providers.ts";
import type { SeenDay } from "./seen-day.ts";

/** A day held to what it had to be. */
export interface DayVerdict {
  readonly jobs: readonly JobVerdict[];
  readonly providers: readonly ProviderVerdict[];
  /** Lasting facts of the sound day that an outage took; null without an outage. */
  readonly missing: number | null;
  /** What is not as expected, in words; empty for a day as it should be. */
  readonly problems: readonly string[];
}

/** `sound` is the same day without the outage that `seen` had, where there was one. */
export function examineDay(plan: DayPlan, seen: SeenDay, sound: SeenDay | null): DayVerdict {
  const jobs = examineJobs(plan, seen);
  const providers = examineProviders(plan, seen);
  const { outage } = plan;
  const compared = sound === null || outage === null ? null : compareDays(sound, seen, outage);
  const problems = [
    ...jobs.flatMap((job) => job.problems),
    ...providers.flatMap((provider) => provider.problems),
    ...examineFacts(seen),
    ...examineHealth(plan, seen),
    ...(compared?.problems ?? []),
  ];
  return { jobs, providers, missing: compared?.missing ?? null, problems };
}
