import { JOBS, type Job, type JobName } from "@amc/streams/jobs/job-table";
import { skipReason } from "@amc/streams/jobs/misfire";
import type { OperationalFinding } from "@amc/streams/jobs/operational-alerts";
import { jobRunId } from "@amc/streams/jobs/run-id";
import type { WaitingClock } from "../http/waiting-clock.ts";
import type { Append, Lease } from "../log/port.ts";
import { alertAppend } from "./alert-event.ts";
import { failureOf, JobError } from "./job-error.ts";
import { jobRunAppend } from "./job-run-event.ts";
import type { JobStanding } from "./job-standing.ts";
import type { JobTurns } from "./job-turns.ts";

/**
 * What a run has done, counted as its job counts: symbols, dates, rows. `failed` of them is no failure of the
 * run, which has one only where it throws: where it got no answer to anything it asked. Or why there was nothing that it
 * could do, which is no failure: no key was given, nothing is public yet.
 */
export type JobOutcome =
  | { readonly processed: number; readonly successful: number; readonly failed: number }
  | { readonly skipped: string };

/** An outcome, and events that the log gets with it in one commit: of each run once, over any kill. */
export type JobResult = JobOutcome & { readonly appends?: readonly Append[] };

/**
 * Does one run of a job; `atMs` is the instant of its schedule, UTC ms. Once `signal` aborts, it rejects as
 * soon as it can: the run is done again, by whoever comes next or after its deadline as another attempt.
 * Under `lease` it may keep what it remembers from run to run. null: it is done, and there is nothing to
 * count.
 */
export type JobHandler = (
  atMs: number,
  signal: AbortSignal,
  lease: Lease,
) => Promise<JobResult | null>;

/** What became of one attempt, or of a run that was none. */
export interface JobRunEnd {
  readonly job: JobName;
  readonly atMs: number;
  readonly state: "SUCCEEDED" | "FAILED" | "SKIPPED";
  readonly attempt: number;
  /** Null where there was no attempt. */
  readonly durationMs: number | null;
  readonly outcome: JobOutcome | null;
  /** Null unless it failed. */
  readonly error: unknown;
  /** When the next attempt is made, UTC ms; null where there is none. */
  readonly retryAt: number | null;
}

/** One run that was asked for. */
export interface AskedRun {
  readonly job: JobName;
  readonly atMs: number;
}

export interface JobRunnerOptions {
  readonly clock: WaitingClock;
  readonly lease: Lease;
  readonly turns: JobTurns;
  /** Producer of the events, `ce_source` of their records. */
  readonly source: string;
  /** What operators have to hear of a run that is given up, or null. */
  readonly alertOf: (job: JobName, error: unknown) => OperationalFinding | null;
  /** Commits events with what is remembered of the job; `isOver` ends the run. */
  readonly commit: (
    run: AskedRun,
    events: readonly Append[],
    standing: JobStanding | null,
    isOver: boolean,
  ) => Promise<void>;
  readonly onEnded: (end: JobRunEnd) => void;
}

/**
 * A run whose attempts are all cut short by something is not the victim: perhaps it is what kills.
 * Restarts of a service that is being replaced stay far below.
 */
const INTERRUPTIONS_MAX = 5;

/**
 * Takes one run from being asked for to its end: every step is in the log before the next one begins, so
 * that whoever comes after a kill knows where it stood.
 */
export class JobRunner {
  readonly #options: JobRunnerOptions;

  constructor(options: JobRunnerOptions) {
    this.#options = options;
  }

  /**
   * Resolves when the run is over, or when `signal` aborts: then it is as it stands in the log. `newerMs` is
   * asked before each attempt. Rejects as `commit` does.
   */
  async run(
    asked: AskedRun,
    handler: JobHandler,
    known: JobStanding | null,
    newerMs: () => number | null,
    signal: AbortSignal,
  ): Promise<void> {
    if (isDone(asked, known)) return await this.#options.commit(asked, [], null, true);
    let standing = known?.dueAt === asked.atMs ? known : fresh(asked.atMs);
    if (standing.state === "running" && standing.attempt > 0) {
      standing = await this.#interrupted(asked, standing);
    }
    while (standing.state !== "over") {
      await this.#waitForRetry(asked.job, standing.retryAt, signal);
      if (signal.aborted) return;
      const attempted = standing;
      const next = await this.#options.turns.take(() =>
        this.#attempt(asked, handler, attempted, newerMs(), signal),
      );
      if (next === null) return;
      standing = next;
    }
  }

  /** A clock that was set back since the failure must not make a wait of minutes one of hours. */
  async #waitForRetry(job: JobName, retryAt: number | null, signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    const { retryWaitMs }: Job = JOBS[job];
    const waitMs = Math.min((retryAt ?? 0) - clock.nowMs(), retryWaitMs);
    if (waitMs > 0) await clock.sleep(waitMs, signal);
  }

  /** Null when it was cut short: nothing is written then. */
  async #attempt(
    asked: AskedRun,
    handler: JobHandler,
    before: JobStanding,
    newerMs: number | null,
    signal: AbortSignal,
  ): Promise<JobStanding | null> {
    if (signal.aborted) return null;
    const { clock, lease } = this.#options;
    const startedAt = clock.nowMs();
    const reason =
      before.attempt > 0 ? null : skipReason(asked.job, asked.atMs, startedAt, newerMs);
    if (reason !== null) return await this.#skip(asked, before, reason);
    const attempt = before.attempt + 1;
    const running: JobStanding = { ...before, attempt, startedAt, state: "running", retryAt: null };
    await this.#tell(asked, running, { state: "STARTED", happenedAt: startedAt });
    const deadline = new Deadline(asked.job, clock);
    const either = AbortSignal.any([signal, deadline.signal]);
    // What cannot be told is no failure of the job: it ends the worker, and the next one looks again.
    const [done] = await Promise.allSettled([handler(asked.atMs, either, lease)]);
    deadline.end();
    if (done.status === "fulfilled") return await this.#succeed(asked, running, done.value);
    // Whatever it died of, whoever comes next does it again and would say so.
    if (signal.aborted) return null;
    return await this.#fail(asked, running, deadline.reached ?? done.reason);
  }

  async #succeed(
    asked: AskedRun,
    running: JobStanding,
    result: JobResult | null,
  ): Promise<JobStanding> {
    const outcome = result === null ? null : outcomeOf(result);
    if (outcome !== null && "skipped" in outcome) {
      return await this.#skip(asked, running, outcome.skipped);
    }
    const happenedAt = this.#options.clock.nowMs();
    const over: JobStanding = { ...running, state: "over" };
    const state = "SUCCEEDED";
    await this.#tell(asked, over, { ...outcome, state, happenedAt }, result?.appends);
    this.#ended(asked, over, { state, outcome, error: null }, happenedAt);
    return over;
  }

  async #skip(asked: AskedRun, before: JobStanding, reason: string): Promise<JobStanding> {
    const happenedAt = this.#options.clock.nowMs();
    const over: JobStanding = { ...before, state: "over", retryAt: null };
    const state = "SKIPPED";
    await this.#tell(asked, over, { state, reason, happenedAt });
    this.#ended(asked, over, { state, outcome: { skipped: reason }, error: null }, happenedAt);
    return over;
  }

  async #interrupted(asked: AskedRun, running: JobStanding): Promise<JobStanding> {
    const interruptions = running.interruptions + 1;
    const { job, atMs } = asked;
    const error = new JobError("job.interrupted", "whoever made the attempt was ended", {
      ...{ job, atMs, attempt: running.attempt },
    });
    // The next attempt is for this one: it is none of those that the job has for its failures.
    const retryMs = interruptions < INTERRUPTIONS_MAX ? 0 : null;
    return await this.#fail(asked, { ...running, interruptions }, error, retryMs);
  }

  /** `retryMs` from now, or null where there is no other attempt. */
  async #fail(
    asked: AskedRun,
    running: JobStanding,
    error: unknown,
    retryMs = retryMsAfter(asked.job, running),
  ): Promise<JobStanding> {
    const happenedAt = this.#options.clock.nowMs();
    const retryAt = retryMs === null ? null : happenedAt + retryMs;
    const state = "FAILED";
    const next: JobStanding = { ...running, state: retryAt === null ? "over" : "waiting", retryAt };
    const told = { ...failureOf(error), state, happenedAt, retryAt } as const;
    await this.#tell(asked, next, told, this.#alertsOf(asked, next, error));
    this.#ended(asked, next, { state, outcome: null, error }, happenedAt);
    return next;
  }

  /** A run that is tried again may still find that all is well. */
  #alertsOf({ job, atMs }: AskedRun, { state }: JobStanding, error: unknown): readonly Append[] {
    const found = state === "over" ? this.#options.alertOf(job, error) : null;
    if (found === null) return [];
    const about = { subject: job, happenedAt: atMs, causeId: jobRunId(job, atMs) };
    const raisedAt = this.#options.clock.nowMs();
    return [alertAppend(this.#options.source, { ...found, ...about, raisedAt })];
  }

  async #tell(
    asked: AskedRun,
    standing: JobStanding,
    told: Omit<Parameters<typeof jobRunAppend>[2], "dueAt" | "attempt" | "startedAt">,
    more: readonly Append[] = [],
  ): Promise<void> {
    const { dueAt, attempt, startedAt } = standing;
    const event = jobRunAppend(this.#options.source, asked.job, {
      ...{ ...told, dueAt, attempt, startedAt },
    });
    await this.#options.commit(asked, [event, ...more], standing, standing.state === "over");
  }

  #ended(
    { job, atMs }: AskedRun,
    { attempt, startedAt, retryAt }: JobStanding,
    end: Pick<JobRunEnd, "state" | "outcome" | "error">,
    endedAt: number,
  ): void {
    const durationMs = startedAt === null ? null : Math.max(0, endedAt - startedAt);
    this.#options.onEnded({ job, atMs, attempt, durationMs, retryAt, ...end });
  }
}

/** Ends an attempt that takes longer than its job may. */
class Deadline {
  readonly #controller = new AbortController();
  readonly #ended = new AbortController();

  constructor(job: JobName, clock: WaitingClock) {
    const { limitMs }: Job = JOBS[job];
    const wait = async (): Promise<void> => {
      await clock.sleep(limitMs, this.#ended.signal);
      if (this.#ended.signal.aborted) return;
      const message = `it took longer than ${limitMs} ms, which is all that ${job} is given`;
      this.#controller.abort(new JobError("job.deadline", message, { job, limitMs }));
    };
    void Promise.allSettled([wait()]);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Why the attempt was ended; null unless it was. */
  get reached(): unknown {
    return this.#controller.signal.aborted ? this.#controller.signal.reason : null;
  }

  end(): void {
    this.#ended.abort();
  }
}

/** What it has done, without what it tells. */
function outcomeOf(result: JobResult): JobOutcome {
  if ("skipped" in result) return { skipped: result.skipped };
  const { processed, successful, failed } = result;
  return { processed, successful, failed };
}

function fresh(dueAt: number): JobStanding {
  return {
    ...{ dueAt, attempt: 0, interruptions: 0, state: "running", startedAt: null, retryAt: null },
  };
}

/** The log may hold a tick twice, and one that is over may lie behind one that goes on. */
function isDone({ atMs }: AskedRun, known: JobStanding | null): boolean {
  if (known === null || atMs > known.dueAt) return false;
  return atMs < known.dueAt || known.state === "over";
}

function retryMsAfter(job: JobName, { attempt, interruptions }: JobStanding): number | null {
  const { attempts, retryWaitMs }: Job = JOBS[job];
  return attempt - interruptions < attempts ? retryWaitMs : null;
}
