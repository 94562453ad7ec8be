import type { Variables } from "@amc/platform/config/variables";
import { ApiError } from "@amc/query-api/api-error";
import type { Decision } from "@amc/query-api/control/decision";
import type { Control } from "@amc/schemas/generated/events";
import type { Experiment } from "@amc/streams/experiments/plan";
import { type ExperimentPlan, planOf, planText } from "@amc/streams/experiments/plan";
import {
  type ExperimentDefaults,
  parsePlanChange,
  planAfter,
} from "@amc/streams/experiments/plan-change";
import { experimentOfSetting } from "@amc/streams/experiments/setting-name";
import { trafficSplitOf } from "@amc/streams/experiments/traffic-split";
import { isoUtc } from "@amc/streams/market/event-time";
import { daysText, periodOfSetting, readDays } from "@amc/streams/short-interest/schedule-override";

/** What an experiment has that is started without saying (R-ENV-23). */
export function experimentDefaults(variables: Variables): ExperimentDefaults {
  const weights = Object.entries(variables.AB_TESTING_TRAFFIC_SPLIT).map(
    ([strategy, weight]) => [strategy, weight] as const,
  );
  const split = trafficSplitOf(weights);
  if (split === null) throw new TypeError("the configuration let a split pass that is none");
  return { split, days: variables.AB_TESTING_EXPERIMENT_DURATION_DAYS };
}

/**
 * The value that goes into the log: of an experiment the whole plan from `at` on, and of a period of
 * FINRA's schedule both of its days, so that nobody who reads it needs this configuration, this calendar
 * or an earlier record; of every other setting the value itself.
 *
 * @throws ApiError `refused` when the change cannot follow what is decided already
 */
export function decidedValue(
  { setting, value }: Decision,
  earlier: readonly Control[],
  at: number,
  defaults: ExperimentDefaults,
): string | null {
  const name = experimentOfSetting(setting);
  if (name === null) return periodValue(setting, value);
  const parsed = parsePlanChange(value ?? "");
  if (!parsed.ok) throw new ApiError("refused", parsed.problem);
  const planned = planAfter(parsed.change, name, experimentsOf(earlier), at, defaults);
  if (!planned.ok) throw new ApiError("refused", planned.problem);
  return planText(planned.plan);
}

function periodValue(setting: string, value: string | null): string | null {
  const settlementDate = periodOfSetting(setting);
  if (settlementDate === null) return value;
  const read = readDays(settlementDate, value);
  if (!read.ok) throw new ApiError("refused", read.problem);
  return value === null ? null : daysText(read.days);
}

/** Experiments as decisions in the order of the log leave them. */
function experimentsOf(decisions: readonly Control[]): readonly Experiment[] {
  const plans = new Map<string, ExperimentPlan>();
  for (const { setting, value } of decisions) {
    const name = experimentOfSetting(setting);
    const plan = planOf(value);
    if (name !== null && plan !== null) plans.set(name, plan);
  }
  return [...plans].map(([name, plan]) => ({ name, plan }));
}

/** A setting's value for people: the plan of an experiment in words. */
export function valueInWords(setting: string, value: string | null): string {
  if (value === null && periodOfSetting(setting) !== null) return "what the calendar says";
  const plan = experimentOfSetting(setting) === null ? null : planOf(value);
  return plan === null ? (value ?? "what is configured") : planInWords(plan, plan.status);
}

export function planInWords({ split, endAt, metrics }: ExperimentPlan, status: string): string {
  const arms = split.map(({ strategy, weight }) => `${strategy} ${weight} %`).join(", ");
  return `${status} until ${isoUtc(endAt)}: ${arms}; compared by ${metrics.join(", ")}`;
}
