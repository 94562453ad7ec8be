import type { JobName } from "./job-table.ts";

/** What a job of short interest is for, as `short_interest_jobs` says it (R-DB-10). */
export type ShortInterestJobType = "data_collection" | "schedule_check" | "quality_validation";

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
