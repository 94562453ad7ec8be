import type { HourMetric, JobRun, Recommendation, Run } from "@amc/schemas/generated/events";
import { GATE_NAMES } from "../gates/hard-gates.ts";
import { HOUR_METRICS } from "../jobs/hour-metrics.ts";
import { isJobName } from "../jobs/job-table.ts";
import type { AnyEvent } from "../kernel/stage.ts";
import { addDays } from "../market/calendar-date.ts";
import { newYorkDateOf } from "../market/event-time.ts";
import { isStrategyName } from "../scoring/strategies/strategy.ts";

/** Dates of New York, both included. */
export interface InsightSpan {
  readonly from: string;
  readonly through: string;
}

/** What is known of a span in figures alone; a figure of null is one that nobody knows. */
export interface Aggregates extends InsightSpan {
  /** Whether any of it rests on simulated data. */
  readonly simulated: boolean;
  /** By names that all stand in this project's code. */
  readonly figures: Readonly<Record<string, number | null>>;
}

/** Topics that the figures are of. */
export const INSIGHT_TOPICS = [
  "discovery.run.v1",
  "discovery.recommendation.v1",
  "ops.job-run.v1",
  "ops.hour-metric.v1",
] as const;

/** Whatever an event calls something that this version does not know: its words never leave. */
const OTHER = "other";
const GATES: ReadonlySet<string> = new Set(GATE_NAMES);
const METRICS: ReadonlySet<string> = new Set(HOUR_METRICS);

/**
 * Counts the events of a span, each once however often it was written. Of what they say only numbers
 * stay, under names from the tables of this code: no symbol, no text, no account, no id.
 */
export class InsightTally {
  readonly #span: InsightSpan;
  readonly #seen = new Set<string>();
  readonly #counts = new Map<string, number>();
  readonly #tradingDays = new Set<string>();
  /** The furthest step of each run of a job. */
  readonly #jobs = new Map<string, JobRun>();
  readonly #health = { sum: 0, runs: 0 };
  #runs = 0;
  #simulated = false;

  constructor(span: InsightSpan) {
    this.#span = span;
  }

  take(event: AnyEvent): void {
    const isOf = (date: string): boolean => {
      const isInSpan = date >= this.#span.from && date <= this.#span.through;
      if (!isInSpan || this.#seen.has(event.id)) return false;
      this.#seen.add(event.id);
      return true;
    };
    if (event.topic === "discovery.run.v1") {
      if (isOf(event.value.tradingDay)) this.#takeRun(event.value);
    } else if (event.topic === "discovery.recommendation.v1") {
      if (isOf(event.value.tradingDay)) this.#takeRecommendation(event.value);
    } else if (event.topic === "ops.job-run.v1") {
      if (isOf(newYorkDateOf(event.value.dueAt))) this.#takeJob(event.value);
    } else if (event.topic === "ops.hour-metric.v1") {
      if (isOf(newYorkDateOf(event.value.happenedAt))) this.#takeHour(event.value);
    }
  }

  /** Null for a span without a run: there is nothing to learn from. */
  aggregates(): Aggregates | null {
    if (this.#runs === 0) return null;
    const universe = this.#counts.get("evaluations.all") ?? 0;
    const passed = this.#counts.get("evaluations.passed") ?? 0;
    const { sum, runs } = this.#health;
    const figures = Object.fromEntries<number | null>([
      ["days.with-runs", this.#tradingDays.size],
      ["runs.all", this.#runs],
      ["evaluations.passed-share", universe === 0 ? null : rounded(passed / universe)],
      ["health.mean", runs === 0 ? null : rounded(sum / runs)],
      ...[...this.#counts, ...this.#jobCounts()].sort(([one], [other]) => (one < other ? -1 : 1)),
    ]);
    return { ...this.#span, simulated: this.#simulated, figures };
  }

  #takeRun(run: Run): void {
    this.#runs += 1;
    this.#tradingDays.add(run.tradingDay);
    this.#simulated ||= run.simulated;
    this.#add("runs.simulated", run.simulated ? 1 : 0);
    this.#add("evaluations.all", run.universe);
    this.#add("evaluations.with-price-and-volume-inputs", run.evaluable);
    this.#add("evaluations.price-and-volume-passed", run.priceVolumePassed);
    this.#add("evaluations.passed", run.passed);
    this.#add("candidates.before-cap", run.candidatesBeforeCap);
    this.#add("candidates.listed", run.candidates.length);
    const strategy = isStrategyName(run.strategy) ? run.strategy : OTHER;
    for (const group of [`session.${run.session.toLowerCase()}`, `strategy.${strategy}`]) {
      this.#add(`${group}.runs`, 1);
      this.#add(`${group}.evaluations`, run.universe);
      this.#add(`${group}.passed`, run.passed);
    }
    for (const { gate, first, all } of run.eliminations) {
      const name = GATES.has(gate) ? gate : OTHER;
      // An input that is missing fails a hard gate, and a run does not count those apart.
      this.#add(`gate.${name}.first-failed-or-unknown`, first);
      this.#add(`gate.${name}.failed-or-unknown`, all);
    }
    if (run.healthScore === null) return;
    this.#health.sum += run.healthScore;
    this.#health.runs += 1;
  }

  #takeRecommendation({ label, simulated }: Recommendation): void {
    this.#simulated ||= simulated;
    this.#add(`recommendations.${label.toLowerCase()}`, 1);
  }

  #takeJob(step: JobRun): void {
    // What is asked about days of the past is what was known when they were over.
    if (newYorkDateOf(step.happenedAt) > addDays(this.#span.through, 1)) return;
    const run = `${step.job} ${step.dueAt}`;
    const known = this.#jobs.get(run);
    if (known === undefined || isFurther(step, known)) this.#jobs.set(run, step);
  }

  #takeHour({ metric, verdict, simulated }: HourMetric): void {
    this.#simulated ||= simulated;
    const name = METRICS.has(metric) ? metric : OTHER;
    this.#add(`hour-figures.${name}.${verdict.toLowerCase()}`, 1);
  }

  #jobCounts(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const { job, state, retryAt } of this.#jobs.values()) {
      // Who waits for another attempt has not failed yet.
      const isOver = state !== "STARTED" && retryAt === null;
      const name = isJobName(job) ? job : OTHER;
      const figure = `job.${name}.${isOver ? state.toLowerCase() : "unfinished"}`;
      counts.set(figure, (counts.get(figure) ?? 0) + 1);
    }
    return counts;
  }

  #add(name: string, count: number): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + count);
  }
}

/**
 * Whether a step of a run came after another one of it, however they are read: an attempt may end in the
 * millisecond in which it began. Who is skipped is not tried again, and may have no number of an attempt.
 */
function isFurther(step: JobRun, known: JobRun): boolean {
  const [one, other] = [placeOf(step), placeOf(known)];
  const at = one.findIndex((place, index) => place !== other[index]);
  return at === -1 ? step.state > known.state : (one[at] ?? 0) > (other[at] ?? 0);
}

function placeOf({ state, attempt, happenedAt }: JobRun): readonly number[] {
  return [Number(state === "SKIPPED"), attempt, Number(state !== "STARTED"), happenedAt];
}

/** Four decimals, as scores are written. */
function rounded(share: number): number {
  return Math.round(share * 10_000) / 10_000;
}
