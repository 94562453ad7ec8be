import { formatCount } from "../output/format.ts";
import type { ChildRun } from "./run-in-child.ts";
import { type Spread, spreadOf } from "./statistics.ts";
import type { MetricSpec, Workload } from "./workload.ts";

/** Columns of the table, characters each. */
const WIDTHS = [28, 24, 12, 22, 12, 0];

/** One figure of a workload over all its runs. */
export interface ReportedMetric extends Spread {
  readonly name: string;
  readonly unit: string;
  readonly aim: string | null;
  /** null when nothing is aimed at. */
  readonly reached: boolean | null;
  /** Of every run, in the order of the runs. */
  readonly values: readonly number[];
}

/** Figures of one workload; every metric was given by every run. */
export function summarise({ metrics }: Workload, runs: readonly ChildRun[]): ReportedMetric[] {
  return Object.entries(metrics).map(([name, spec]) => {
    const values = runs.map((run) => run.values[name] ?? Number.NaN);
    const spread = spreadOf(values);
    const [aim, reached] = [aimOf(spec), isReached(spec, spread)];
    return { name, unit: spec.unit, ...spread, aim, reached, values };
  });
}

function aimOf({ atLeast, atMost }: MetricSpec): string | null {
  if (atLeast !== undefined) return `>= ${formatFigure(atLeast)}`;
  return atMost === undefined ? null : `<= ${formatFigure(atMost)}`;
}

function isReached({ atLeast, atMost }: MetricSpec, { median }: Spread): boolean | null {
  if (atLeast !== undefined) return median >= atLeast;
  return atMost === undefined ? null : median <= atMost;
}

/** Whole above a hundred, otherwise with one decimal. */
export function formatFigure(value: number): string {
  return Math.abs(value) >= 100 ? formatCount(Math.round(value)) : value.toFixed(1);
}

export const TABLE_HEAD = row(["workload", "figure", "median", "min-max", "unit", "aim"]);

export function tableRows({ name, simulated }: Workload, metrics: readonly ReportedMetric[]) {
  const marked = simulated ? `${name} (simulated)` : name;
  return metrics.map((metric, index) =>
    row([
      index === 0 ? marked : "",
      metric.name,
      formatFigure(metric.median),
      `${formatFigure(metric.min)}-${formatFigure(metric.max)}`,
      metric.unit,
      metric.aim === null
        ? ""
        : `${metric.aim} ${metric.reached === true ? "reached" : "NOT reached"}`,
    ]),
  );
}

function row(cells: readonly string[]): string {
  return cells
    .map((cell, index) => cell.padEnd(WIDTHS[index] ?? 0))
    .join(" ")
    .trimEnd();
}
