import { cohensD } from "@amc/streams/experiments/effect-size";
import { twoSampleTTest } from "@amc/streams/experiments/two-sample-t-test";
import { z } from "zod";
import { CommandError, EXIT } from "../exit-codes.ts";
import { formatFigure, type ReportedMetric } from "./report.ts";
import { spreadOf } from "./statistics.ts";
import type { Scale } from "./workload.ts";

/** Chance of calling two equal programs different, per figure. */
const SIGNIFICANCE = 0.05;

const benchLine = z.object({
  type: z.literal("bench"),
  workload: z.string(),
  scale: z.enum(["small", "full"]),
  metrics: z.array(z.object({ name: z.string(), values: z.array(z.number()) })),
});

export type EarlierRuns = readonly z.output<typeof benchLine>[];

/** One figure then and now, each a sample of independent processes. */
export interface FigureComparison {
  readonly figure: string;
  readonly medianBefore: number;
  readonly medianNow: number;
  /** Null when the runs are too few, or all alike, to tell chance from change. */
  readonly pValue: number | null;
  /** Cohen's d: the difference in standard deviations of a run. */
  readonly effect: number | null;
  readonly verdict: "differs" | "no difference shown" | "not decidable";
}

/** What `bench --json` printed earlier. Throws a command error when it was something else. */
export function readEarlierRuns(text: string, file: string): EarlierRuns {
  const lines = text.split("\n").flatMap((line) => {
    if (line.trim() === "") return [];
    const parsed = benchLine.safeParse(jsonOf(line));
    return parsed.success ? [parsed.data] : [];
  });
  if (lines.length > 0) return lines;
  throw new CommandError(EXIT.noInput, `${file} holds no result of: npm run bench -- --json`);
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    // A line that is no JSON is no result, like the lines of progress between them.
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/**
 * Figures of a workload against those of earlier runs of the same size. Welch's test: a change may
 * alter how much the runs scatter, too.
 */
export function compareRuns(
  earlier: EarlierRuns,
  { workload, scale }: { readonly workload: string; readonly scale: Scale },
  metrics: readonly ReportedMetric[],
): FigureComparison[] {
  const before = earlier.find((line) => line.workload === workload && line.scale === scale);
  return metrics.flatMap(({ name, median, values }) => {
    const sample = before?.metrics.find((metric) => metric.name === name)?.values ?? [];
    if (sample.length === 0) return [];
    const test = twoSampleTTest(sample, values, "separate");
    return [
      {
        figure: name,
        medianBefore: spreadOf(sample).median,
        medianNow: median,
        pValue: test?.pValue ?? null,
        effect: cohensD(sample, values),
        verdict: verdictOf(test?.pValue ?? null),
      },
    ];
  });
}

function verdictOf(pValue: number | null): FigureComparison["verdict"] {
  if (pValue === null) return "not decidable";
  return pValue < SIGNIFICANCE ? "differs" : "no difference shown";
}

export function comparisonText(comparison: FigureComparison): string {
  const { figure, medianBefore, medianNow, pValue, effect, verdict } = comparison;
  const percent = (medianNow / medianBefore - 1) * 100;
  const change = `${percent > 0 ? "+" : ""}${percent.toFixed(1)}`;
  const why = pValue === null ? "" : ` (p ${pValue.toPrecision(2)}, d ${(effect ?? 0).toFixed(1)})`;
  return `  ${figure} was ${formatFigure(medianBefore)}, is ${formatFigure(medianNow)}, ${change} %: ${verdict}${why}`;
}
