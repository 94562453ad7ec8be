import type { TopicName } from "@amc/schemas/topics";
import type { Persistent } from "@amc/streams/kernel/keyed-store";
import type { AnyEvent, Subtopology } from "@amc/streams/kernel/stage";
import { StateError, stageOfStore } from "@amc/streams/kernel/state-error";
import { type Produced, Task } from "@amc/streams/kernel/task";
import { nextOffset } from "../log/next-offset.ts";
import type { Lease, Log, LogRecord, Position, StateChange } from "../log/port.ts";
import { waitForAny } from "../log/wait-for-any.ts";
import { type Pacing, REAL_TIME } from "../pacing.ts";
import { BatchOutput } from "./batch-output.ts";
import { decodeRecord } from "./decode-record.ts";
import { HighWaterMarks } from "./high-water-marks.ts";
import { awaitedInputs, CLOCK, externalInputs, partitioningInput } from "./inputs.ts";
import { LastTick } from "./last-tick.ts";
import { recallEvents } from "./recall-events.ts";
import {
  addCounts,
  countRefusals,
  countSkips,
  newCounts,
  type RunnerCounts,
} from "./runner-counts.ts";
import type { RunnerObserver } from "./runner-observer.ts";
import { RuntimeError } from "./runtime-error.ts";
import { Slice } from "./slice.ts";
import { READ_BYTES, SliceReader } from "./slice-reader.ts";
import { StageTimer } from "./stage-timer.ts";

/** Bounds of one commit: whichever is reached first ends the batch, but a slice is never split. */
export interface BatchLimits {
  /** Records taken, and records to append: what is held in memory until the commit. */
  readonly maxRecords: number;
  readonly maxTicks: number;
  /** Bytes to append; 16 MiB when left out, which only large records reach, dead letters first. */
  readonly maxBytes?: number;
}

export const DEFAULT_BATCH: BatchLimits = { maxRecords: 10_000, maxTicks: 64 };
/** Four requests of Kafka's: a commit behind a sink that is overrun must not pass for a stall. */
const MAX_BATCH_BYTES = 16 * 1024 * 1024;

export interface StageRunnerOptions {
  readonly log: Log;
  readonly subtopology: Subtopology;
  readonly partition: number;
  readonly batch?: BatchLimits;
  /** Monotonic ms; only stage timings use it, and nothing derived ever sees it. */
  readonly now?: () => number;
  /** Counts to go on from, when the partition is taken up again by the same process. */
  readonly counts?: RunnerCounts;
  /** Told of every commit; metrics, traces and log lines come from here. */
  readonly observer?: RunnerObserver;
  /** Told of every answer of the log to a read: a batch has many, and each may have been waited for. */
  readonly onRead?: () => void;
  /** How records are waited for that a tick covers and the log does not show yet. */
  readonly pacing?: Pacing;
}

/** Runs one subtopology on one partition of the log. `runOnce` is the whole life of a batch. */
export class StageRunner {
  /** What was committed; a batch that failed counts for nothing. */
  readonly counts: RunnerCounts;
  #batchCounts = newCounts();
  readonly partition: number;
  readonly subtopology: Subtopology;
  readonly #log: Log;
  readonly #lease: Lease;
  readonly #task: Task;
  readonly #timer: StageTimer;
  readonly #now: () => number;
  readonly #observer: RunnerObserver | undefined;
  readonly #onRead: () => void;
  readonly #batch: BatchLimits;
  readonly #positions = new Map<string, number>();
  readonly #inputs: readonly TopicName[];
  readonly #lastTick = new LastTick();
  readonly #slices: SliceReader;
  readonly #output: BatchOutput;
  /** Of derived input. Facts have none: they are told apart by their ids. */
  readonly #marks = new HighWaterMarks();
  #pendingPositions = new Map<string, number>();
  /** When the log took the newest tick of the batch; null while there is none. */
  #closedAtMs: number | null = null;

  private constructor(options: StageRunnerOptions, lease: Lease) {
    const { log, subtopology, partition, batch = DEFAULT_BATCH } = options;
    this.counts = options.counts ?? newCounts();
    this.#log = log;
    this.#lease = lease;
    this.#batch = batch;
    this.partition = partition;
    this.subtopology = subtopology;
    this.#now = options.now ?? (() => performance.now());
    this.#observer = options.observer;
    this.#onRead = options.onRead ?? (() => undefined);
    this.#output = new BatchOutput(subtopology.name, options.observer?.tracesParents === true);
    this.#timer = new StageTimer(subtopology, this.#now);
    const partitions = log.partitions(partitioningInput(subtopology));
    // Only slots are timed, and only a timed subtopology has slots.
    const observer = subtopology.timed ? this.#timer : undefined;
    const take = (produced: Produced): void => this.#takeProduced(produced);
    this.#task = new Task(subtopology, { partition, partitions }, take, observer);
    this.#inputs = externalInputs(subtopology);
    this.#slices = new SliceReader({
      log,
      partition,
      inputs: this.#inputs,
      maxRecords: batch.maxRecords,
      reject: (record, code, reason) => this.#reject(record, code, reason),
      onRead: this.#onRead,
      pacing: options.pacing ?? REAL_TIME,
    });
  }

  /**
   * Takes the partition over (fencing any earlier owner) and restores positions and state. Rejects as
   * `acquire` of the log does when `signal` aborts.
   */
  static async open(options: StageRunnerOptions, signal?: AbortSignal): Promise<StageRunner> {
    const { log, subtopology, partition } = options;
    const lease = await log.acquire(subtopology.name, partition, signal);
    const runner = new StageRunner(options, lease);
    await runner.#restore();
    return runner;
  }

  /**
   * One batch, in the order that makes a crash harmless:
   *
   *   1. read a batch of input, no further than the newest tick covers
   *   2. decode it, bounded; what cannot be read becomes a dead letter
   *   3. step: facts of a slice in their one order, then the tick
   *   4. encode what was emitted
   *   5. commit outputs, input positions and state changes at once
   *   6. acknowledge: only now does this process move on
   *
   * A crash before 5 leaves nothing, one after 5 leaves everything.
   * Returns the number of input records taken; 0 means there is nothing to do. Rejects when `signal`
   * aborts while a tick covers records that the log does not show yet: the batch is given up.
   */
  async runOnce(signal?: AbortSignal): Promise<number> {
    const startedMs = this.#now();
    const taken = this.subtopology.timed
      ? await this.#takeSlices(signal)
      : await this.#takeRecords();
    if (taken === 0) return 0;
    const state = this.#stateChanges();
    const positions = this.#changedPositions();
    const processedMs = this.#now();
    const { appends } = this.#output;
    await this.#log.commit({ appends, lease: this.#lease, positions, state });
    const committedMs = this.#now();
    this.#observer?.committed({
      subtopology: this.subtopology.name,
      partition: this.partition,
      records: taken,
      counts: this.#batchCounts,
      appends,
      parents: this.#output.parents,
      closedAtMs: this.#closedAtMs,
      batchMs: committedMs - startedMs,
      commitMs: committedMs - processedMs,
    });
    this.#acknowledge();
    return taken;
  }

  /** Runs until there is no input left. Returns the number of records taken. */
  async runUntilIdle(): Promise<number> {
    let total = 0;
    for (;;) {
      const taken = await this.runOnce();
      if (taken === 0) return total;
      total += taken;
    }
  }

  /** Returns when there may be something for `runOnce` to take, or when `signal` aborts. */
  async waitForInput(signal: AbortSignal): Promise<void> {
    const { partition } = this;
    const inputs = awaitedInputs(this.subtopology);
    const positions = inputs.map((topic) => ({ topic, partition, next: this.#next(topic) }));
    await waitForAny(this.#log, positions, signal);
  }

  /** Records between the committed position and the end of the inputs. */
  async lag(): Promise<number> {
    let lag = 0;
    for (const topic of awaitedInputs(this.subtopology)) {
      lag += (await this.#log.endOffset(topic, this.partition)) - (this.#positions.get(topic) ?? 0);
    }
    return lag;
  }

  /** Event time of the last tick taken; null before the first. */
  lastTickMs(): number | null {
    return this.#lastTick.ms;
  }

  describe(): Readonly<Record<string, string | number>> {
    const positions = Object.fromEntries(this.#positions);
    return { subtopology: this.subtopology.name, partition: this.partition, ...positions };
  }

  async #restore(): Promise<void> {
    const { group, partition } = this.#lease;
    for (const { topic, next } of await this.#log.positions(group, partition)) {
      this.#positions.set(topic, next);
    }
    const stores = new Map(this.#stores().map((store) => [store.name, store]));
    for await (const { store, key, value } of this.#log.state(group, partition)) {
      const target = stores.get(store);
      if (target === undefined) {
        const facts = { stage: stageOfStore(store), store, key, group, partition };
        throw new StateError(
          "state.unknown-store",
          `no stage owns the stored state ${store}`,
          facts,
        );
      }
      if (value !== null) target.restore(key, value);
    }
    this.#slices.held.restored();
    if (this.subtopology.timed) return;
    await recallEvents(this.#output.lineage, this.#log, this.#inputs, partition, this.#positions);
  }

  #next(topic: string): number {
    return this.#pendingPositions.get(topic) ?? this.#positions.get(topic) ?? 0;
  }

  // Steps 1 to 4 for a timed subtopology: whole slices, each closed by its tick.
  async #takeSlices(signal?: AbortSignal): Promise<number> {
    const ticks = await this.#log.read(CLOCK, this.partition, this.#next(CLOCK), {
      maxRecords: this.#batch.maxTicks,
      maxBytes: READ_BYTES,
    });
    this.#onRead();
    let taken = 0;
    for (const record of ticks) {
      taken += await this.#takeSlice(record, signal);
      if (Math.max(taken, this.#output.appends.length) >= this.#batch.maxRecords) break;
      if (this.#output.bytes >= (this.#batch.maxBytes ?? MAX_BATCH_BYTES)) break;
    }
    return taken;
  }

  async #takeSlice(record: LogRecord, signal?: AbortSignal): Promise<number> {
    const decoded = decodeRecord(record, false);
    if (!decoded.ok || decoded.event.topic !== CLOCK) {
      // Without this tick nobody knows what the slice was: time itself cannot be dead-lettered.
      throw new RuntimeError("runtime.clock-unreadable", "a clock tick cannot be read", {
        topic: record.topic,
        partition: record.partition,
        offset: record.offset,
        reason: decoded.ok ? "not a clock event" : decoded.reason,
      });
    }
    const tick = decoded.event;
    if (this.#lastTick.isCopy(tick.value, record)) {
      this.#pendingPositions.set(CLOCK, record.offset + 1);
      countSkips(this.#batchCounts, "copy", 1);
      return 1;
    }
    const tickMs = tick.value.happenedAt;
    const bounds = { tickMs, lastTickMs: this.lastTickMs() ?? Number.NEGATIVE_INFINITY };
    const slice = new Slice(this.#slices.held.release(tickMs));
    let taken = 1;
    for (const { topic, endOffset } of tick.value.cuts) {
      const start = this.#next(topic);
      const next = await this.#slices.read(topic, { start, endOffset, signal }, bounds, slice);
      if (next === start) continue;
      this.#pendingPositions.set(topic, next);
      taken += next - start;
    }
    for (const { event, record } of slice.inOrder()) {
      if (event.late === true) this.#batchCounts.late += 1;
      this.#output.lineage.sawFact(record);
      this.#stepFact(event, record);
    }
    this.#handleOutcome(this.#task.step(tick), record);
    this.#collect(CLOCK, record.offset);
    this.#output.lineage.closeSlice();
    this.#output.add(this.#timer.closeSlice(tickMs, this.partition));
    this.#lastTick.set(tick.value);
    this.#pendingPositions.set(CLOCK, record.offset + 1);
    this.#closedAtMs = record.appendedAtMs;
    this.#batchCounts.ticks += 1;
    return taken;
  }

  // Steps 1 to 4 for an untimed subtopology: its stages are functions of sets of events.
  async #takeRecords(): Promise<number> {
    let taken = 0;
    for (const topic of this.#inputs) {
      const records = await this.#log.read(topic, this.partition, this.#next(topic), {
        maxRecords: this.#batch.maxRecords,
        maxBytes: READ_BYTES,
      });
      this.#onRead();
      for (const record of records) {
        if (this.#marks.isCopy(record)) {
          countSkips(this.#batchCounts, "copy", 1);
          continue;
        }
        const decoded = decodeRecord(record, false);
        if (decoded.ok) {
          this.#output.lineage.sawEvent(decoded.event, record);
          this.#stepFact(decoded.event, record);
        } else {
          this.#reject(record, decoded.code, decoded.reason);
        }
        this.#collect(topic, record.offset);
      }
      const next = nextOffset(records, this.#next(topic));
      if (records.length > 0) this.#pendingPositions.set(topic, next);
      taken += records.length;
    }
    return taken;
  }

  #stepFact(event: AnyEvent, record: LogRecord): void {
    this.#batchCounts.bytes += record.value?.length ?? 0;
    if (this.#handleOutcome(this.#task.step(event), record)) this.#batchCounts.applied += 1;
  }

  /** True when the event was applied. */
  #handleOutcome(outcome: ReturnType<Task["step"]>, record: LogRecord): boolean {
    switch (outcome.type) {
      case "done":
        return true;
      case "skip":
        countSkips(this.#batchCounts, outcome.reason, 1);
        return false;
      case "reject":
        this.#reject(record, outcome.reason, "refused by a stage");
        return false;
      case "stop":
        throw new RuntimeError("runtime.stage-stopped", outcome.reason, {
          topic: record.topic,
          partition: record.partition,
          offset: record.offset,
        });
    }
  }

  #reject(record: LogRecord, code: string, reason: string): void {
    countRefusals(this.#batchCounts, code, 1);
    this.#output.reject(record, code, reason);
  }

  #takeProduced(produced: Produced): void {
    this.#timer.sawEmission(produced);
    this.#output.emit(produced);
  }

  #collect(topic: string, offset: number): void {
    this.#batchCounts.emitted += this.#output.collect(topic, this.partition, offset);
  }

  #stateChanges(): StateChange[] {
    return this.#stores().flatMap((store) => store.takeChanges());
  }

  /** State of the stages and of the runtime itself. */
  #stores(): readonly Persistent[] {
    return [...this.#task.stores, this.#lastTick.store, this.#slices.held.store, this.#marks.store];
  }

  #changedPositions(): Position[] {
    return [...this.#pendingPositions].map(([topic, next]) => ({
      topic,
      partition: this.partition,
      next,
    }));
  }

  #acknowledge(): void {
    for (const [topic, next] of this.#pendingPositions) this.#positions.set(topic, next);
    this.#pendingPositions.clear();
    this.#output.clear();
    this.#closedAtMs = null;
    addCounts(this.counts, this.#batchCounts);
    this.#batchCounts = newCounts();
    this.counts.commits += 1;
  }
}
