import { setImmediate } from "node:timers/promises";
import { isLogError } from "@amc/platform/log/errors";
import type { LogRecord } from "@amc/platform/log/port";
import { errorCode } from "@amc/platform/postgres/errors";
import { OutageWatch } from "@amc/platform/postgres/outage-watch";
import { Watchdog } from "@amc/platform/runtime/watchdog";
import type { ProjectionName } from "@amc/streams/projections/projections";
import { type Batch, type Chunk, halves, prepareBatch } from "./batch.ts";
import { BatchReader } from "./batch-reader.ts";
import { commitBatch } from "./commit-batch.ts";
import { DeadLetterExport, type Refusal, refusalOf } from "./dead-letters.ts";
import { isProjectorError, projectorFenced, projectorReplaced } from "./errors.ts";
import { backoffMs, classifyProjectorFailure } from "./failures.ts";
import { untilLogAnswers } from "./log-patience.ts";
import type { LoopOptions } from "./loop-options.ts";
import { type Advance, type Position, standingOf, standingStill } from "./positions.ts";
import { takeOver } from "./take-over.ts";
import { withClient } from "./with-client.ts";

export interface LoopCounts {
  records: number;
  batches: number;
  deadLettered: number;
  retries: number;
}

/** A database that a projection waits for. */
export interface DatabaseOutage {
  /** SQLSTATE or socket error of the newest try. */
  readonly code: string;
  /** Since the first try that failed, ms. */
  readonly forMs: number;
}

/** One projection: reads its topics from the positions in its tables and writes them, for ever. */
export class ProjectionLoop {
  readonly counts: LoopCounts = { records: 0, batches: 0, deadLettered: 0, retries: 0 };
  readonly #options: LoopOptions;
  readonly #watchdog: Watchdog;
  readonly #database: OutageWatch;
  #doubt = new AbortController();
  #isVerifying = false;
  #reader: BatchReader;
  #committed: Map<string, Position> = new Map();
  #exports: DeadLetterExport | null = null;

  constructor(options: LoopOptions) {
    this.#options = options;
    this.#watchdog = new Watchdog(() => options.clock.now());
    this.#database = new OutageWatch(() => options.clock.now());
    this.#reader = new BatchReader(options.log, options.projection, []);
  }

  get projection(): ProjectionName {
    return this.#options.projection;
  }

  /** Committed positions: the next offset of each partition that the tables do not hold yet. */
  positions(): readonly Position[] {
    return [...this.#committed.values()];
  }

  /**
   * Owns the projection from here on and stands where its tables stand. Fences earlier owners;
   * waits for a database that is away until `signal` aborts. Who is let go before takes no tables.
   */
  async claim(signal: AbortSignal): Promise<void> {
    const { log, pool, projection, owner, answers, exportsDeadLetters, bounds } = this.#options;
    await this.#patiently(signal, () =>
      withClient(pool, async (client) => {
        const positions = await takeOver(client, { log, projection, owner }, signal);
        this.#reader = new BatchReader(log, projection, positions, {
          ...(bounds === undefined ? {} : { bounds }),
          // What a read waits for has an end, and a batch has a bounded number of reads.
          onRead: () => this.#watchdog.progressed(),
        });
        this.#committed = new Map(positions.map((at) => [keyOf(at), at]));
        if (exportsDeadLetters) {
          this.#exports = await DeadLetterExport.open(log, projection, signal);
          await this.#exports.catchUp(client);
          await this.#exports.standAt(positions);
        }
        if (projection === "discovery") await answers?.warm(client);
      }),
    );
  }

  /** Projects until `signal` aborts and the batch in hand is committed. Throws what is fatal. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      if (this.#doubt.signal.aborted) await this.#verify(signal);
      await this.#drain(signal);
      if (signal.aborted) return;
      await this.#untilLogAnswers(signal, () =>
        this.#reader.waitForInput(AbortSignal.any([signal, this.#doubt.signal])),
      );
    }
  }

  /**
   * An idle connection broke, so the server may have crashed, and a crash takes the last commits
   * with it (`commitBatch` does not wait for the disk): the positions are read back, or an idle
   * projection would believe in rows that are gone.
   */
  doubt(): void {
    this.#doubt.abort();
  }

  /** Whether the tables may hold less than this loop believes. */
  get isInDoubt(): boolean {
    return this.#doubt.signal.aborted || this.#isVerifying;
  }

  /** Since when the database has not served; null while it does. */
  outage(): DatabaseOutage | null {
    const { outage } = this.#database;
    return outage && { code: outage.code, forMs: this.#options.clock.now() - outage.sinceMs };
  }

  /** Projects what has arrived, until there is nothing left. */
  async runUntilCaughtUp(signal: AbortSignal): Promise<void> {
    await this.#drain(signal);
  }

  /** Throws `runtime.stalled` when input has waited for a minute without a commit. */
  async checkProgress(): Promise<void> {
    const behind = await this.#isBehind();
    this.#watchdog.check({
      behind,
      facts: { projection: this.projection, ...Object.fromEntries(this.#offsets()) },
    });
  }

  async #isBehind(): Promise<boolean> {
    try {
      return (await this.lag()) > 0;
    } catch (error) {
      // A log that is away is waited for: nobody knows whether there is anything to do.
      if (classifyProjectorFailure(error) === "transient") return false;
      throw error;
    }
  }

  /** Records between the committed positions and the end of the log. */
  async lag(): Promise<number> {
    let lag = 0;
    for (const { topic, partition, nextOffset } of this.#committed.values()) {
      lag += (await this.#options.log.endOffset(topic, partition)) - nextOffset;
    }
    return lag;
  }

  // While the database writes one batch, the next is read, decoded and projected.
  async #drain(signal: AbortSignal): Promise<void> {
    let next = await this.#prepare(signal);
    while (next !== null && !signal.aborted) {
      const [committed, ahead] = await Promise.allSettled([
        this.#settle(next, signal),
        this.#prepare(signal),
      ]);
      if (committed.status === "rejected") {
        if (!isProjectorError(committed.reason, "projector.replaced")) throw committed.reason;
        await this.claim(signal);
        next = await this.#prepare(signal);
        continue;
      }
      if (ahead.status === "rejected") throw ahead.reason;
      next = ahead.value;
    }
  }

  /** Steps 1 and 2 of a batch: read, then decode and project. Null when nothing has arrived. */
  async #prepare(signal: AbortSignal): Promise<Batch | null> {
    const chunks = await this.#untilLogAnswers(signal, () => this.#reader.read());
    if (chunks.length === 0) return null;
    return await this.#prepareChunks(chunks);
  }

  /** Commits a batch whatever it takes: waits out outages, takes poison apart. Throws what is fatal. */
  async #settle(batch: Batch, signal: AbortSignal): Promise<void> {
    for (let failures = 1; ; failures += 1) {
      try {
        await this.#commit(batch);
        break;
      } catch (error) {
        const failure = classifyProjectorFailure(error);
        if (failure === "poison") {
          await this.#takeApart(batch, error, signal);
          return;
        }
        if (failure === "fatal" || signal.aborted) throw error;
        await this.#pause(error, failures, signal);
        if (await this.#wasApplied(batch, signal)) break;
      }
    }
    await this.#finish(batch, signal);
  }

  /**
   * The life of a prepared batch after its records were read (1) and projected (2):
   *
   *   3. rows and positions in one transaction, see `commitBatch`
   *   4. acknowledge: only now does this process move on
   *   5. cached answers, which any later run or start writes again
   *   6. copies of dead letters, which the log takes once
   */
  async #commit(batch: Batch): Promise<void> {
    const { pool, probe, clock } = this.#options;
    const startedMs = clock.now();
    const again = await commitBatch(pool, this.projection, batch, probe); // 3
    // Of a feed that repeats itself every batch is written twice: whoever looks for the time finds it here.
    if (again !== null) this.#options.observer?.retried(this.projection, again);
    this.#tell(batch, clock.now() - startedMs);
    await probe?.("committed");
  }

  #tell({ chunks, refused }: Batch, commitMs: number): void {
    const refusals = refused.map(({ refusal }) => refusal.code);
    const { projection } = this;
    this.#options.observer?.committed({ projection, chunks, refusals, commitMs });
  }

  /** What comes after the commit is told once, however often a part of it is tried. */
  async #finish(batch: Batch, signal: AbortSignal): Promise<void> {
    const { answers, probe = noProbe } = this.#options;
    this.#acknowledge(batch); // 4
    await probe("acknowledged");
    const { rows } = batch;
    if (rows.staleBefore !== null) await answers?.clearBefore(rows.staleBefore); // 5
    await answers?.write(rows.cached());
    await probe("cached");
    await this.#export(batch, signal); // 6
    await probe("exported");
  }

  /**
   * After a commit that nobody saw arrive the log refuses the lease it was made with, although nobody
   * newer has it. Who owns the projection is for the tables to say; the owner takes the lease again,
   * and finds by its positions what was copied.
   */
  async #export({ refused }: Batch, signal: AbortSignal): Promise<void> {
    const { log, projection } = this.#options;
    for (let failures = 1; ; failures += 1) {
      try {
        await this.#untilLogAnswers(signal, async () => this.#exports?.export(refused));
        return;
      } catch (error) {
        if (!isLogError(error, "log.fenced")) throw error;
        await this.#pause(error, failures, signal);
        await this.#standing([], signal);
        const open = () => DeadLetterExport.open(log, projection, signal);
        this.#exports = await this.#untilLogAnswers(signal, open);
      }
    }
  }

  #acknowledge({ advances, records, refused }: Batch): void {
    for (const { topic, partition, epoch, to } of advances) {
      const at = { topic, partition, epoch, nextOffset: to };
      this.#committed.set(keyOf(at), at);
    }
    this.counts.records += records;
    this.counts.batches += 1;
    this.counts.deadLettered += refused.length;
    this.#watchdog.progressed();
    this.#databaseAnswered();
  }

  async #pause(error: unknown, failures: number, signal: AbortSignal): Promise<void> {
    const { clock, logger, observer, random = Math.random } = this.#options;
    this.counts.retries += 1;
    observer?.retried(this.projection, errorCode(error) ?? "unknown");
    const waitMs = backoffMs(failures, random());
    if (this.#database.failed(error)) {
      // A loop whose tries keep failing at a server that is away waits, it is not stuck. One whose
      // try neither ends nor fails is, and so is one that a server in good health keeps refusing.
      this.#watchdog.progressed();
    } else {
      this.#databaseAnswered();
    }
    // An outage may last for hours: the first tries are told, then one of twice as many.
    if (Number.isInteger(Math.log2(failures))) {
      const { projection } = this;
      logger.warn({ err: error, projection, failures, waitMs }, "projection waits");
    }
    await clock.sleep(waitMs, signal);
  }

  #databaseAnswered(): void {
    const lasted = this.outage();
    if (this.#database.answered() === null) return;
    this.#options.logger.info({ projection: this.projection, ...lasted }, "database answers again");
  }

  /** Reads the positions back after a commit that nobody has seen. */
  async #wasApplied(batch: Batch, signal: AbortSignal): Promise<boolean> {
    return (await this.#standing(batch.advances, signal)) === "applied";
  }

  /** Reads the positions back after the server may have forgotten commits. */
  async #verify(signal: AbortSignal): Promise<void> {
    this.#isVerifying = true;
    this.#doubt = new AbortController();
    try {
      await this.#standing([], signal);
    } catch (error) {
      if (!isProjectorError(error, "projector.replaced")) throw error;
      await this.claim(signal);
    } finally {
      this.#isVerifying = false;
    }
  }

  /**
   * What the tables say about `advances` and about the partitions that they leave where they are.
   * Throws `projector.fenced`, and `projector.replaced` when the tables stand elsewhere: others were
   * swapped in, or a crash of the server took commits with it.
   */
  async #standing(
    advances: readonly Advance[],
    signal: AbortSignal,
  ): Promise<"applied" | "not-applied"> {
    const { pool, owner } = this.#options;
    const moved = new Set(advances.map(keyOf));
    const unmoved = this.positions().filter((at) => !moved.has(keyOf(at)));
    const all = [...advances, ...unmoved.map(standingStill)];
    const standing = await this.#patiently(signal, () =>
      withClient(pool, (client) => standingOf(client, this.projection, owner, all)),
    );
    if (standing === "taken-over") throw projectorFenced(this.#options);
    if (standing === "replaced") throw projectorReplaced(this.projection);
    return standing;
  }

  /** Repeats work that may be repeated until it succeeds, fails for good or `signal` aborts. */
  async #patiently<Result>(signal: AbortSignal, work: () => Promise<Result>): Promise<Result> {
    for (let failures = 1; ; failures += 1) {
      try {
        const result = await work();
        this.#databaseAnswered();
        return result;
      } catch (error) {
        if (classifyProjectorFailure(error) !== "transient" || signal.aborted) throw error;
        await this.#pause(error, failures, signal);
      }
    }
  }

  /** As `#patiently`, for work that the database takes no part in. */
  #untilLogAnswers<Result>(signal: AbortSignal, work: () => Promise<Result>): Promise<Result> {
    return untilLogAnswers(work, signal, {
      ...this.#options,
      onWait: () => {
        this.counts.retries += 1;
        this.#watchdog.progressed(); // waiting for who is away is no stall
      },
    });
  }

  /** The database refuses a row of this batch: halves it until the record is found and refused. */
  async #takeApart({ chunks, refused }: Batch, error: unknown, signal: AbortSignal): Promise<void> {
    const split = halves(chunks);
    if (split !== null) {
      for (const half of split) await this.#settle(await this.#prepareChunks(half), signal);
      return;
    }
    const record = chunks[0]?.records[0];
    // A dead letter that is refused as well is a defect of ours, not of the record.
    if (record === undefined || refused.length > 0) throw error;
    const known = new Map([[record, refusalOf(error)]]);
    await this.#settle(await this.#prepareChunks(chunks, known), signal);
  }

  async #prepareChunks(
    chunks: readonly Chunk[],
    known?: ReadonlyMap<LogRecord, Refusal>,
  ): Promise<Batch> {
    const cache = this.#options.answers?.settings;
    return await prepareBatch(this.projection, chunks, setImmediate, known, cache);
  }

  #offsets(): [string, number][] {
    return [...this.#committed].map(([key, { nextOffset }]) => [key, nextOffset]);
  }
}

function keyOf({ topic, partition }: Pick<Position, "topic" | "partition">): string {
  return `${topic}/${partition}`;
}

function noProbe(): void {}
