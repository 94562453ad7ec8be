import { DAY_MS } from "../market/calendar-date.ts";
import { isoUtc } from "../market/event-time.ts";
import { DEFAULT_METRICS, isMetricName, METRIC_NAMES, type MetricName } from "./metrics.ts";
import { type Experiment, type ExperimentPlan, statusAt } from "./plan.ts";
import { type TrafficSplit, trafficSplitOf } from "./traffic-split.ts";

/** What is meant where an operator does not say (R-ABT-02). */
export interface ExperimentDefaults {
  readonly split: TrafficSplit;
  readonly days: number;
}

/** What an operator wants of one experiment. */
export interface PlanChange {
  readonly action: "start" | "pause" | "resume" | "cancel" | "split";
  /** Null keeps the split, or takes the default one. */
  readonly split: TrafficSplit | null;
  readonly days: number | null;
  readonly metrics: readonly MetricName[] | null;
}

export type Parsed =
  | { readonly ok: true; readonly change: PlanChange }
  | { readonly ok: false; readonly problem: string };

export type Planned =
  | { readonly ok: true; readonly plan: ExperimentPlan }
  | { readonly ok: false; readonly problem: string };

const DAYS_MAX = 365;
const DIGITS = /^\d{1,3}$/;
const SHARE = /^([a-z0-9_]+):(\d{1,3})$/;
const USAGE =
  "an experiment takes: start [split=legacy_v0:20,unified_detectors:80] [days=14] [metrics=candidates,mean_score], pause, resume, cancel, or split=legacy_v0:50,unified_detectors:50";

/**
 * Reads what an operator typed, such as `start split=legacy_v0:20,unified_detectors:80 days=14` or
 * `pause`; `split=…` alone changes the shares of one that is there.
 */
export function parsePlanChange(text: string): Parsed {
  const words = text.trim().split(/\s+/);
  const [first = ""] = words;
  const action = first.startsWith("split=") ? "split" : actionOf(first);
  if (action === null) return refused(USAGE);
  const options = new Map<string, string>();
  for (const word of action === "split" ? words : words.slice(1)) {
    const at = word.indexOf("=");
    if (at < 1 || options.has(word.slice(0, at))) return refused(USAGE);
    options.set(word.slice(0, at), word.slice(at + 1));
  }
  const allowed: readonly string[] = ALLOWED[action];
  if ([...options.keys()].some((name) => !allowed.includes(name))) return refused(USAGE);
  return changeOf(action, options);
}

const ALLOWED = {
  start: ["split", "days", "metrics"],
  split: ["split"],
  pause: [],
  resume: [],
  cancel: [],
} as const satisfies Record<PlanChange["action"], readonly string[]>;

function actionOf(word: string): Exclude<PlanChange["action"], "split"> | null {
  return word === "start" || word === "pause" || word === "resume" || word === "cancel"
    ? word
    : null;
}

function changeOf(action: PlanChange["action"], options: ReadonlyMap<string, string>): Parsed {
  const splitText = options.get("split");
  const split = splitText === undefined ? null : splitOfText(splitText);
  if (splitText !== undefined && split === null) {
    return refused("a split names strategies and whole percents that sum to 100");
  }
  const daysText = options.get("days");
  const days = daysText === undefined ? null : wholeOf(daysText);
  if (days !== null && !(days >= 1 && days <= DAYS_MAX)) {
    return refused(`an experiment takes 1 to ${DAYS_MAX} whole days`);
  }
  const names = options.get("metrics")?.split(",");
  const metrics = names?.filter(isMetricName) ?? null;
  if (names !== undefined && (metrics?.length !== names.length || hasRepeats(names))) {
    return refused(`metrics are some of ${METRIC_NAMES.join(", ")}`);
  }
  return { ok: true, change: { action, split, days, metrics } };
}

function splitOfText(text: string): TrafficSplit | null {
  const weights = text.split(",").map((part) => {
    const [, strategy = "", weight = ""] = SHARE.exec(part) ?? [];
    return [strategy, wholeOf(weight)] as const;
  });
  return trafficSplitOf(weights);
}

/** NaN for what is not written in plain digits: `Number` also reads 0x14, 2e1 and nothing at all. */
function wholeOf(text: string): number {
  return DIGITS.test(text) ? Number(text) : Number.NaN;
}

function hasRepeats(names: readonly string[]): boolean {
  return new Set(names).size < names.length;
}

/**
 * The plan of the experiment `name` from `at` on (UTC ms, event time), out of a change and of every
 * experiment that is known; or why it is refused: a name is used once, one experiment runs at a
 * time, and what has ended does not change any more.
 */
export function planAfter(
  { action, split, days, metrics }: PlanChange,
  name: string,
  known: readonly Experiment[],
  at: number,
  defaults: ExperimentDefaults,
): Planned {
  const plan = known.find((experiment) => experiment.name === name)?.plan ?? null;
  if (action === "start" || action === "resume") {
    const other = known.find((one) => one.name !== name && statusAt(one.plan, at) === "ACTIVE");
    if (other !== undefined) {
      const until = isoUtc(other.plan.endAt);
      return refused(`one experiment runs at a time, and ${other.name} does until ${until}`);
    }
  }
  if (action === "start") {
    if (plan !== null) return refused(`there was an experiment ${name} already: take another name`);
    const started = {
      status: "ACTIVE",
      createdAt: at,
      startAt: at,
      endAt: at + (days ?? defaults.days) * DAY_MS,
      split: split ?? defaults.split,
      metrics: metrics ?? DEFAULT_METRICS,
    } as const;
    return { ok: true, plan: started };
  }
  if (plan === null) return refused(`there is no experiment ${name}`);
  const status = statusAt(plan, at);
  const from: readonly string[] = POSSIBLE_FROM[action];
  if (!from.includes(status)) return refused(`${name} is ${status}`);
  switch (action) {
    case "split":
      return { ok: true, plan: { ...plan, split: split ?? plan.split } };
    case "pause":
      return { ok: true, plan: { ...plan, status: "PAUSED" } };
    case "resume":
      return { ok: true, plan: { ...plan, status: "ACTIVE" } };
    case "cancel":
      return { ok: true, plan: { ...plan, status: "CANCELLED" } };
  }
}

const POSSIBLE_FROM = {
  pause: ["ACTIVE"],
  resume: ["PAUSED"],
  cancel: ["ACTIVE", "PAUSED"],
  split: ["ACTIVE", "PAUSED"],
} as const satisfies Record<Exclude<PlanChange["action"], "start">, readonly string[]>;

function refused(problem: string): { readonly ok: false; readonly problem: string } {
  return { ok: false, problem };
}
