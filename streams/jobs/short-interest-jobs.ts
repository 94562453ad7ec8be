import type { JobName } from "./job-table.ts";

/** What a job of short interest is for, as `short_interest_jobs` says it (R-DB-10). */
export const SHORT_INTEREST_JOB_TYPES = [
  "data_collection",
  "schedule_check",
  "quality_validation",
] as const;

export type ShortInterestJobType = (typeof SHORT_INTEREST_JOB_TYPES)[number];

const TYPES: Partial<Record<JobName, ShortInterestJobType>> = {
  "check-finra-schedule": "schedule_check",
  short_interest_check: "data_collection",
  "collect-short-interest-data": "data_collection",
  finra_weekly_short_interest: "data_collection",
  finra_daily_short_volume: "data_collection",
  "validate-data-quality": "quality_validation",
};

/** Null for a job that is not about short interest, and for a name that is none of ours. */
export function shortInterestJobType(job: string): ShortInterestJobType | null {
  const found = Object.entries(TYPES).find(([name]) => name === job);
  return found?.[1] ?? null;
}
