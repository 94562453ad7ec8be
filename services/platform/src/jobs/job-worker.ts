import { nextOffset } from "../log/next-offset.ts";
import type { Append, Lease, Log, LogRecord, Position } from "../log/port.ts";
import { waitForAny } from "../log/wait-for-any.ts";
import { deadLetter } from "../runtime/dead-letter.ts";
import { type DecodedRecord, decodeRecord } from "../runtime/decode-record.ts";

const JOB_TICK = "ops.job-tick.v1";
const BATCH = { maxRecords: 1_000, maxBytes: 1024 * 1024 };

/**
 * Does one run of a job; `atMs` is the instant of its schedule, UTC ms. Once `signal` aborts, it rejects as
 * soon as it can: the run is done again by whoever comes next. Under `lease` it may keep what it
 * remembers from run to run.
 */
export type JobHandler = (atMs: number, signal: AbortSignal, lease: Lease) => Promise<void>;

export interface JobWorkerOptions {
  readonly log: Log;
  /** Group under which the positions are kept; one unit for all partitions. */
  readonly group: string;
  /** By the name of the job; what is not among them is somebody else's. */
  readonly handlers: ReadonlyMap<string, JobHandler>;
  readonly onDone: (job: string, atMs: number) => void;
  /** A run that failed is given up: the next one of its job does the work of both. */
  readonly onFailed: (job: string, atMs: number, error: unknown) => void;
  /** A tick that cannot be read; its dead letter is committed. */
  readonly onRefused: (letter: Append) => void;
}

/**
 * Does the work of scheduled jobs, one run after the other. A run is committed by its position once it
 * has ended: killed in between it is done again, so handlers have to bear repetition. A tick that
 * cannot be read is dead-lettered: a run that nobody did must not pass in silence.
 */
export class JobWorker {
  readonly #options: JobWorkerOptions;
  readonly #lease: Lease;
  /** Next offset by partition. */
  readonly #next: number[];

  private constructor(options: JobWorkerOptions, lease: Lease, next: number[]) {
    this.#options = options;
    this.#lease = lease;
    this.#next = next;
  }

  /** Takes the jobs over from whoever did them before. Throws as the log does. */
  static async open(options: JobWorkerOptions): Promise<JobWorker> {
    const { log, group } = options;
    const lease = await log.acquire(group, 0);
    const positions = await log.positions(group, 0);
    const next: number[] = [];
    for (let partition = 0; partition < log.partitions(JOB_TICK); partition += 1) {
      const known = positions.find((at) => at.topic === JOB_TICK && at.partition === partition);
      // Retention may have eaten runs that nobody took in time: they are over.
      next.push(Math.max(known?.next ?? 0, await log.startOffset(JOB_TICK, partition)));
    }
    return new JobWorker(options, lease, next);
  }

  /** Works until `signal` aborts; the run in hand is told, and not committed when it stops halfway. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      if (await this.workOff(signal)) continue;
      await waitForAny(this.#options.log, this.positions(), signal);
    }
  }

  /** Next offset of every partition. */
  positions(): readonly Position[] {
    return this.#next.map((next, partition) => ({ topic: JOB_TICK, partition, next }));
  }

  /** Does the runs of one batch of each partition; false when there was nothing to read. */
  async workOff(signal: AbortSignal): Promise<boolean> {
    let hasRead = false;
    for (const { partition, next } of this.positions()) {
      const records = await this.#options.log.read(JOB_TICK, partition, next, BATCH);
      for (const record of records) {
        if (signal.aborted) return hasRead;
        const decoded = decodeRecord(record, false);
        if (!decoded.ok || decoded.event.topic !== JOB_TICK) {
          await this.#refuse(record, decoded);
          continue;
        }
        const { job, happenedAt } = decoded.event.value;
        const end = await this.#handle(job, happenedAt, signal);
        if (end === "stopped") return hasRead;
        if (end === "over") await this.#commit(partition, record.offset + 1);
      }
      if (records.length > 0) await this.#commit(partition, nextOffset(records, next));
      hasRead ||= records.length > 0;
    }
    return hasRead;
  }

  async #handle(
    job: string,
    atMs: number,
    signal: AbortSignal,
  ): Promise<"somebody-else's" | "over" | "stopped"> {
    const { handlers, onDone, onFailed } = this.#options;
    const handler = handlers.get(job);
    if (handler === undefined) return "somebody-else's";
    try {
      await handler(atMs, signal, this.#lease);
      onDone(job, atMs);
    } catch (error) {
      // Whatever it died of, whoever comes next does it again and would say so.
      if (signal.aborted) return "stopped";
      onFailed(job, atMs, error);
    }
    return "over";
  }

  async #refuse(record: LogRecord, decoded: DecodedRecord): Promise<void> {
    const { group, onRefused } = this.#options;
    const { code, reason } = decoded.ok
      ? { code: "envelope.unknown-topic", reason: `${decoded.event.topic} holds no ticks of jobs` }
      : decoded;
    const letter = deadLetter(record, { stage: group, code, reason });
    await this.#commit(record.partition, record.offset + 1, [letter]);
    onRefused(letter);
  }

  async #commit(partition: number, next: number, appends: readonly Append[] = []): Promise<void> {
    if (next === this.#next[partition]) return;
    const position = { topic: JOB_TICK, partition, next };
    await this.#options.log.commit({ appends, lease: this.#lease, positions: [position] });
    this.#next[partition] = next;
  }
}
