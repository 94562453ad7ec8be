import { isNumber, isText, listOf, oneOf, recordOf } from "../kernel/json-shape.ts";
import { isMetricName, type MetricName } from "./metrics.ts";
import { type TrafficSplit, trafficSplitOf } from "./traffic-split.ts";

/** What operators have decided about an experiment. */
type PlannedStatus = "ACTIVE" | "PAUSED" | "CANCELLED";

/** What it is at an instant: its end completes it, whoever looks (R-ABT-04). */
export type ExperimentStatus = PlannedStatus | "COMPLETED";

/** Everything that is decided about one experiment. Instants are event time, UTC ms. */
export interface ExperimentPlan {
  readonly status: PlannedStatus;
  readonly createdAt: number;
  /** First instant whose runs take part. */
  readonly startAt: number;
  /** First instant whose runs do not take part any more. */
  readonly endAt: number;
  readonly split: TrafficSplit;
  /** What its arms are compared by; at least one. */
  readonly metrics: readonly MetricName[];
}

/** A plan under its name. */
export interface Experiment {
  readonly name: string;
  readonly plan: ExperimentPlan;
}

interface PlanJson {
  readonly status: PlannedStatus;
  readonly createdAt: number;
  readonly startAt: number;
  readonly endAt: number;
  readonly split: readonly { readonly strategy: string; readonly weight: number }[];
  readonly metrics: readonly string[];
}

const isPlanJson = recordOf<PlanJson>({
  status: oneOf("ACTIVE", "PAUSED", "CANCELLED"),
  createdAt: isNumber,
  startAt: isNumber,
  endAt: isNumber,
  split: listOf(recordOf<PlanJson["split"][number]>({ strategy: isText, weight: isNumber })),
  metrics: listOf(isText),
});

/** The plan as the value of a control record. */
export function planText(plan: ExperimentPlan): string {
  const { status, createdAt, startAt, endAt, split, metrics } = plan;
  return JSON.stringify({ status, createdAt, startAt, endAt, split, metrics });
}

/** The plan that a control record holds; null when it holds none that makes sense. */
export function planOf(value: string | null): ExperimentPlan | null {
  const json = value === null ? null : parsed(value);
  if (!isPlanJson(json)) return null;
  const { status, createdAt, startAt, endAt } = json;
  const split = trafficSplitOf(json.split.map(({ strategy, weight }) => [strategy, weight]));
  const metrics = json.metrics.filter(isMetricName);
  const isWhole = metrics.length === json.metrics.length && metrics.length > 0;
  if (split === null || !isWhole || !(startAt < endAt)) return null;
  return { status, createdAt, startAt, endAt, split, metrics };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Whatever is no JSON is no plan either; the stage counts it as skipped.
    return null;
  }
}

/** What an experiment is at an instant, UTC ms. */
export function statusAt({ status, endAt }: ExperimentPlan, instant: number): ExperimentStatus {
  if (status === "CANCELLED") return status;
  return instant >= endAt ? "COMPLETED" : status;
}

/** True when runs of the instant take part. */
export function isRunningAt(plan: ExperimentPlan, instant: number): boolean {
  return instant >= plan.startAt && statusAt(plan, instant) === "ACTIVE";
}
