import { isJobName, type JobName } from "@amc/streams/jobs/job-table";
import type { OperationalFinding } from "@amc/streams/jobs/operational-alerts";
import type { WaitingClock } from "../http/waiting-clock.ts";
import { nextOffset } from "../log/next-offset.ts";
import type { Append, Lease, Log, LogRecord, Position, StateChange } from "../log/port.ts";
import { waitForAny } from "../log/wait-for-any.ts";
import { deadLetter } from "../runtime/dead-letter.ts";
import { type DecodedRecord, decodeRecord } from "../runtime/decode-record.ts";
import { type AskedRun, type JobHandler, type JobRunEnd, JobRunner } from "./job-runner.ts";
import { type JobStanding, jobStandings, standingChange } from "./job-standing.ts";
import { JobTurns } from "./job-turns.ts";
import { type TickPlace, TickProgress } from "./tick-progress.ts";

const JOB_TICK = "ops.job-tick.v1";
const BATCH = { maxRecords: 1_000, maxBytes: 1024 * 1024 };

export interface JobWorkerOptions {
  readonly log: Log;
  readonly clock: WaitingClock;
  /** Group under which the positions are kept; one unit for all partitions. */
  readonly group: string;
  /** Producer of the events about runs, such as `/amc/projector`. */
  readonly source: string;
  /** By the name of the job; what is not among them is somebody else's. */
  readonly handlers: ReadonlyMap<JobName, JobHandler>;
  /** Runs that may go on at a time, each of another job. */
  readonly concurrency: number;
  /** What operators have to hear of a run that is given up, or null; absent: nothing of any. */
  readonly alertOf?: (job: JobName, error: unknown) => OperationalFinding | null;
  /** An attempt is over, or a run was skipped; it is in the log. */
  readonly onEnded: (end: JobRunEnd) => void;
  /** A tick that cannot be read; its dead letter is committed. */
  readonly onRefused: (letter: Append) => void;
}

interface Asked extends AskedRun {
  readonly place: TickPlace;
}

/**
 * Does the work of scheduled jobs: several at a time, one run of each. What it comes to is told in
 * `ops.job-run.v1`, in the commit that remembers it, so a run of job and instant has one history however
 * often its tick is there. Killed in between, a run is done again: handlers have to bear repetition. Of
 * runs of one job that wait, the newest is done. A tick that cannot be read is dead-lettered: a run
 * that nobody did must not pass in silence.
 */
export class JobWorker {
  readonly #options: JobWorkerOptions;
  readonly #lease: Lease;
  readonly #runner: JobRunner;
  readonly #progress: TickProgress;
  readonly #standings: Map<string, JobStanding>;
  /** Runs that wait for their turn, ascending, by job. */
  readonly #waiting = new Map<JobName, Asked[]>();
  readonly #active = new Map<JobName, Promise<void>>();
  readonly #failed = new AbortController();
  #committed: readonly Position[];

  private constructor(
    options: JobWorkerOptions,
    lease: Lease,
    next: readonly number[],
    standings: Map<string, JobStanding>,
  ) {
    const { clock, source, concurrency, onEnded } = options;
    this.#options = options;
    this.#lease = lease;
    this.#standings = standings;
    this.#progress = new TickProgress(JOB_TICK, next);
    this.#committed = this.#progress.over();
    this.#runner = new JobRunner({
      ...{ clock, lease, source, onEnded, turns: new JobTurns(concurrency) },
      alertOf: options.alertOf ?? (() => null),
      commit: (run, events, standing, isOver) => this.#tell(run, events, standing, isOver),
    });
  }

  /** Takes the jobs over from whoever did them before, unless `signal` aborts. Throws as the log does. */
  static async open(options: JobWorkerOptions, signal?: AbortSignal): Promise<JobWorker> {
    const { log, group } = options;
    const lease = await log.acquire(group, 0, signal);
    const positions = await log.positions(group, 0);
    const next: number[] = [];
    for (let partition = 0; partition < log.partitions(JOB_TICK); partition += 1) {
      const known = positions.find((at) => at.topic === JOB_TICK && at.partition === partition);
      // Retention may have eaten runs that nobody took in time: they are over.
      next.push(Math.max(known?.next ?? 0, await log.startOffset(JOB_TICK, partition)));
    }
    return new JobWorker(options, lease, next, await jobStandings(log, lease));
  }

  /** Works until `signal` aborts; runs in hand are told, and not committed when they stop halfway. */
  async run(signal: AbortSignal): Promise<void> {
    await this.#until(signal, async (ended) => {
      while (!ended.aborted) {
        if (await this.#take(ended)) this.#start(ended);
        else await waitForAny(this.#options.log, this.#progress.reading(), ended);
      }
    });
  }

  /** Does what has been asked for; false when there was nothing to read. */
  async workOff(signal: AbortSignal): Promise<boolean> {
    let hasRead = false;
    await this.#until(signal, async (ended) => {
      hasRead = await this.#take(ended);
      this.#start(ended);
    });
    return hasRead;
  }

  /** Whatever fails ends all that goes on, and is thrown when nothing does any more. */
  async #until(signal: AbortSignal, work: (ended: AbortSignal) => Promise<void>): Promise<void> {
    try {
      await work(AbortSignal.any([signal, this.#failed.signal]));
    } catch (error) {
      this.#failed.abort(error);
    }
    while (this.#active.size > 0) await Promise.all(this.#active.values());
    this.#failed.signal.throwIfAborted();
  }

  /** Reads all there is, so that of the runs of one job the newest is known before one begins. */
  async #take(signal: AbortSignal): Promise<boolean> {
    let hasRead = false;
    for (const { partition, next } of this.#progress.reading()) {
      for (let from = next; !signal.aborted; ) {
        const records = await this.#options.log.read(JOB_TICK, partition, from, BATCH);
        if (records.length === 0) break;
        hasRead = true;
        for (const record of records) await this.#sort(record);
        from = nextOffset(records, from);
        this.#progress.readUpTo(partition, from);
      }
    }
    if (hasRead) await this.#commit({});
    return hasRead;
  }

  async #sort(record: LogRecord): Promise<void> {
    const decoded = decodeRecord(record, false);
    if (!decoded.ok || decoded.event.topic !== JOB_TICK) {
      await this.#refuse(record, decoded);
      return;
    }
    const { job, happenedAt: atMs } = decoded.event.value;
    if (!isJobName(job) || !this.#options.handlers.has(job)) return;
    const { partition, offset } = record;
    const asked: Asked = { job, atMs, place: { partition, offset } };
    this.#progress.opened(asked.place);
    const waiting = this.#waiting.get(job);
    if (waiting === undefined) this.#waiting.set(job, [asked]);
    else waiting.push(asked);
  }

  #start(signal: AbortSignal): void {
    // A run that begins when all is over ends before it counts as active, and would count so for ever.
    if (signal.aborted) return;
    for (const [job, waiting] of this.#waiting) {
      const handler = this.#options.handlers.get(job);
      if (handler === undefined || this.#active.has(job)) continue;
      this.#active.set(job, this.#workOffJob(job, waiting, handler, signal));
    }
  }

  /** One run of a job after the other; what is asked for meanwhile is taken as well. */
  async #workOffJob(
    job: JobName,
    waiting: Asked[],
    handler: JobHandler,
    signal: AbortSignal,
  ): Promise<void> {
    const newerMs = (): number | null => waiting.at(-1)?.atMs ?? null;
    try {
      for (let asked = waiting[0]; asked !== undefined && !signal.aborted; asked = waiting[0]) {
        const known = this.#standings.get(job) ?? null;
        await this.#runner.run(asked, handler, known, newerMs, signal);
        if (!signal.aborted) waiting.shift();
      }
    } catch (error) {
      this.#failed.abort(error);
    }
    // In one go with the look at the queue: what is asked for from here on begins anew.
    if (waiting.length === 0) this.#waiting.delete(job);
    this.#active.delete(job);
  }

  async #tell(
    run: AskedRun,
    events: readonly Append[],
    standing: JobStanding | null,
    isOver: boolean,
  ): Promise<void> {
    const asked = this.#waiting.get(run.job)?.[0];
    if (isOver && asked !== undefined) this.#progress.closed(asked.place);
    if (standing !== null) this.#standings.set(run.job, standing);
    await this.#commit({
      appends: events,
      state: standing === null ? [] : [standingChange(run.job, standing)],
    });
  }

  async #refuse(record: LogRecord, decoded: DecodedRecord): Promise<void> {
    const { group, onRefused } = this.#options;
    const { code, reason } = decoded.ok
      ? { code: "envelope.unknown-topic", reason: `${decoded.event.topic} holds no ticks of jobs` }
      : decoded;
    const letter = deadLetter(record, { stage: group, code, reason });
    this.#progress.readUpTo(record.partition, record.offset + 1);
    await this.#commit({ appends: [letter] });
    onRefused(letter);
  }

  async #commit({
    appends = [],
    state = [],
  }: {
    readonly appends?: readonly Append[];
    readonly state?: readonly StateChange[];
  }): Promise<void> {
    const over = this.#progress.over();
    const positions = over.filter(({ next }, index) => next !== this.#committed[index]?.next);
    if (appends.length + state.length + positions.length === 0) return;
    this.#committed = over;
    await this.#options.log.commit({ appends, lease: this.#lease, positions, state });
  }
}
