import type { JobRun } from "@amc/schemas/generated/events";
import { isoUtc } from "@amc/streams/market/event-time";
import type { DayPlan, Outage } from "./day-plan.ts";
import { EXPECTED_JOBS, type ExpectedJob, instantsOf } from "./job-oracle.ts";
import type { SeenDay } from "./seen-day.ts";

/** What became of one job on a day. */
export interface JobVerdict {
  readonly job: string;
  readonly row: string;
  readonly worker: ExpectedJob["worker"];
  /** UTC ms. */
  readonly expected: readonly number[];
  readonly asked: number;
  /** Runs that are over, by how they ended, with the reason or code where there is one. */
  readonly outcomes: ReadonlyMap<string, number>;
  readonly problems: readonly string[];
}

const MINUTE_MS = 60_000;

/** Holds every job to its row: asked for once at each instant and at no other, one history of each run. */
export function examineJobs(plan: DayPlan, seen: SeenDay): readonly JobVerdict[] {
  // The scheduler begins with its first tick and ends with its last, within half a minute of these.
  const [fromMs, toMs] = [plan.fromMs + MINUTE_MS, plan.toMs - MINUTE_MS];
  const verdicts = EXPECTED_JOBS.map((expected) => verdictOf(expected, plan, seen, [fromMs, toMs]));
  const names = new Set(EXPECTED_JOBS.map(({ job }) => job));
  const strange = [...seen.asked.keys()].filter((job) => !names.has(job));
  if (strange.length === 0) return verdicts;
  const nothing = { row: "none", expected: [], outcomes: new Map(), worker: "nobody yet" } as const;
  return [
    ...verdicts,
    ...strange.map((job) => ({
      ...{ ...nothing, job, asked: seen.asked.get(job)?.length ?? 0 },
      problems: [`${job}: is a job of no requirement`],
    })),
  ];
}

function verdictOf(
  expected: ExpectedJob,
  { outage }: DayPlan,
  seen: SeenDay,
  [fromMs, toMs]: readonly [number, number],
): JobVerdict {
  const { job, row, worker, provider } = expected;
  const isInside = (atMs: number) => atMs > fromMs && atMs <= toMs;
  const instants = instantsOf(expected, fromMs, toMs);
  const asked = (seen.asked.get(job) ?? []).filter(isInside);
  const runs = seen.runs.filter((run) => run.job === job && isInside(run.dueAt));
  const isWorked = worker === "somebody" || runs.length > 0;
  const outageOfIts = outage !== null && outage.provider === provider ? outage : null;
  const found = [
    ...askedProblems(instants, asked),
    ...(isWorked ? runProblems(instants, runs, outageOfIts) : []),
  ];
  const outcomes = new Map<string, number>();
  for (const end of endsOf(runs)) {
    const reason = end.reason ?? end.errorCode;
    const outcome = `${end.state.toLowerCase()}${reason === null ? "" : ` (${reason})`}`;
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  }
  const problems = found.map((problem) => `${job}: ${problem}`);
  return { job, row, worker, expected: instants, asked: asked.length, outcomes, problems };
}

function askedProblems(expected: readonly number[], asked: readonly number[]): string[] {
  const wanted = new Set(expected);
  const once = new Set(asked);
  const missing = expected.filter((atMs) => !once.has(atMs));
  const strange = [...once].filter((atMs) => !wanted.has(atMs));
  return [
    ...named(missing, "was never asked for at"),
    ...named(strange, "was asked for at no instant of its schedule:"),
    ...(asked.length > once.size ? [`${asked.length - once.size} instants came twice`] : []),
  ];
}

function runProblems(
  expected: readonly number[],
  runs: readonly JobRun[],
  outage: Outage | null,
): string[] {
  const ends = endsOf(runs);
  const steps = new Set(runs.map(({ dueAt, attempt, state }) => `${dueAt} ${attempt} ${state}`));
  const ended = new Map<number, number>();
  for (const { dueAt } of ends) ended.set(dueAt, (ended.get(dueAt) ?? 0) + 1);
  const twice = [...ended].filter(([, count]) => count > 1).map(([dueAt]) => dueAt);
  const open = expected.filter((atMs) => !ended.has(atMs));
  const strange = [...ended.keys()].filter((atMs) => !expected.includes(atMs));
  const silent = ends.filter(
    ({ state, reason, errorCode }) =>
      (state === "SKIPPED" && reason === null) || (state === "FAILED" && errorCode === null),
  );
  return [
    ...named(twice, "was done twice at"),
    ...(steps.size < runs.length ? [`${runs.length - steps.size} steps were told twice`] : []),
    ...named(open, "has no end at"),
    ...named(strange, "ran at no instant of its schedule:"),
    ...named(
      silent.map(({ dueAt }) => dueAt),
      "failed or was skipped for no stated reason at",
    ),
    ...outcomeProblems(ends, outage),
  ];
}

/** A job fails where its provider does, says so with its code, and nowhere else. */
function outcomeProblems(ends: readonly JobRun[], outage: Outage | null): string[] {
  const isDown = ({ dueAt }: JobRun) =>
    outage !== null && dueAt >= outage.fromMs && dueAt < outage.untilMs;
  const failed = ends.filter((end) => end.state === "FAILED");
  const invented = ends.filter(
    (end) => isDown(end) && end.happenedAt < (outage?.untilMs ?? 0) && (end.successful ?? 0) > 0,
  );
  return [
    ...named(
      failed.filter((end) => !isDown(end)).map(({ dueAt }) => dueAt),
      "failed although nothing did that it needs, at",
    ),
    ...named(
      failed
        .filter((end) => isDown(end) && end.errorCode?.startsWith("provider.") !== true)
        .map(({ dueAt }) => dueAt),
      "does not name its provider as what failed, at",
    ),
    ...named(
      invented.map(({ dueAt }) => dueAt),
      "has results of a provider that answered nothing, at",
    ),
  ];
}

/** The last step of each run; a failure that is tried again is none. */
function endsOf(runs: readonly JobRun[]): readonly JobRun[] {
  return runs.filter(({ state, retryAt }) => state !== "STARTED" && retryAt === null);
}

const NAMED_MAX = 3;

function named(instants: readonly number[], problem: string): string[] {
  if (instants.length === 0) return [];
  const first = instants.slice(0, NAMED_MAX).map(isoUtc).join(", ");
  const more = instants.length > NAMED_MAX ? ` and ${instants.length - NAMED_MAX} more` : "";
  return [`${problem} ${first}${more}`];
}
