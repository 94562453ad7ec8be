import { setImmediate } from "node:timers/promises";
import { topicOfOtherKind } from "@amc/platform/log/other-kind";
import type { Append, Log } from "@amc/platform/log/port";
import { LIVE_SOURCE, newestTick } from "@amc/platform/runtime/newest-tick";
import { EncodeError } from "@amc/schemas/avro-writer";
import { FACT_TOPICS } from "@amc/schemas/topics";
import { type RecordingDescription, type SurveyedRecording, surveyRecording } from "./describe.ts";
import { RecordingError } from "./errors.ts";
import type { FactItem, Rejected } from "./facts/fact.ts";
import type { RecordingManifest } from "./manifest.ts";
import { mergeRecording, type PlayItem } from "./merge.ts";
import { ChunkWriter } from "./play/chunk-writer.ts";
import {
  loadState,
  PLAYER_GROUP,
  PLAYER_PARTITION,
  type Playable,
  type PlayState,
  storedState,
} from "./play/progress-state.ts";
import { TickSchedule } from "./play/tick-schedule.ts";

const SLICE_MS = 60_000;
/** Records per commit: large enough that a durable commit costs little, small enough to resume. */
const CHUNK_RECORDS = 2000;

export interface PlayProgress {
  readonly factsDone: number;
  readonly factsTotal: number;
  /** Event time reached, UTC ms; null before the first tick. */
  readonly eventTime: number | null;
  /** 0 to 1. */
  readonly fraction: number;
}

export interface PlayOptions {
  readonly log: Log;
  readonly manifest: RecordingManifest;
  /** Folder that the manifest's paths begin at; see `dataRootOf`. */
  readonly dataRoot: string;
  /** Only these symbols, beside what the manifest keeps. */
  readonly symbols?: ReadonlySet<string> | undefined;
  /** Called after every commit. */
  readonly onProgress?: ((progress: PlayProgress) => void) | undefined;
  /** Called with what the recording holds, before its first fact is written. */
  readonly onDescribed?: ((description: RecordingDescription) => void) | undefined;
  /** Commits what is in hand and stops; a later play goes on from there. */
  readonly signal?: AbortSignal | undefined;
  /** Called with every commit's records and how long it took, ms. */
  readonly onWritten?: ((appends: readonly Append[], elapsedMs: number) => void) | undefined;
  /** Records per commit. */
  readonly chunkRecords?: number | undefined;
  /** Length of a slice, ms: facts published within it share one tick at its end. */
  readonly sliceMs?: number | undefined;
}

export interface PlayResult {
  readonly description: RecordingDescription;
  /** Over all plays of this recording into this log. */
  readonly facts: number;
  readonly rejected: number;
  readonly duplicates: number;
  readonly ticks: number;
  /** Event time reached, UTC ms; null when nothing was written. */
  readonly lastTickMs: number | null;
  /** False when the signal stopped it. */
  readonly isDone: boolean;
}

/**
 * Plays a recording into a log as it became public: facts to their topics, rejected rows to the
 * dead letters, and after the facts published up to t a tick to every partition. Ticks and progress
 * are one commit after that of the facts they cover, so a play that was killed goes on after its last
 * tick, finds the facts that it wrote ahead, and the log ends as if it had never been interrupted. Throws RecordingError, and LogError `log.fenced` when
 * another player took over.
 */
export async function playRecording(options: PlayOptions): Promise<PlayResult> {
  const { log, manifest, onDescribed } = options;
  const recording = await surveyRecording(options);
  const { description } = recording;
  onDescribed?.(description);
  const lease = await log.acquire(PLAYER_GROUP, PLAYER_PARTITION, options.signal);
  const state = await loadState(log, description);
  if (!state.isDone) {
    await refuseLiveLog(log, manifest.name);
    await refuseMixedLog(log, description);
    const writer = await ChunkWriter.open(log, lease, manifest.name, state);
    await new Player(options, recording, writer, state).play();
  }
  const { facts, rejected, duplicates, ticks, lastTickMs, isDone } = state;
  return { description, facts, rejected, duplicates, ticks, lastTickMs, isDone };
}

/** A tick that is earlier than the one before it would stop every processor for good. */
async function refuseLiveLog(log: Log, recording: string): Promise<void> {
  const tick = await newestTick(log);
  if (tick?.source !== LIVE_SOURCE) return;
  const message = `a scheduler has written time to this log, behind which ${recording} lies; play it into another one`;
  throw new RecordingError("recording.live-log", message, { recording });
}

/** What is made up and what is not are kept in two logs, as `refuseMixed` has it for providers. */
async function refuseMixedLog(log: Log, description: RecordingDescription): Promise<void> {
  const { name: recording, simulated, factsByTopic } = description;
  const topics = FACT_TOPICS.filter((topic) => factsByTopic[topic] !== undefined);
  const topic = await topicOfOtherKind(log, topics, simulated);
  if (topic === null) return;
  const [has, comes] = simulated ? ["real", "made up"] : ["made-up", "real"];
  const message = `the log has ${has} facts in ${topic}, and those of ${recording} are ${comes}; play it into another one`;
  throw new RecordingError("recording.mixed-log", message, { recording, topic });
}

/**
 * Whether a recording was begun in a log before. Throws `recording.changed` and
 * `recording.other-in-log` as playing it would, so that nothing has to be started to find out.
 */
export async function wasBegun(log: Log, recording: Playable): Promise<boolean> {
  return (await storedState(log, recording)) !== null;
}

/** One play; `state` is changed as it goes on. */
class Player {
  readonly #options: PlayOptions;
  readonly #recording: SurveyedRecording;
  readonly #writer: ChunkWriter;
  readonly #state: PlayState;
  readonly #schedule: TickSchedule;
  readonly #chunkRecords: number;

  constructor(
    options: PlayOptions,
    recording: SurveyedRecording,
    writer: ChunkWriter,
    state: PlayState,
  ) {
    this.#options = options;
    this.#recording = recording;
    this.#writer = writer;
    this.#state = state;
    const sliceMs = options.sliceMs ?? SLICE_MS;
    this.#schedule = new TickSchedule(options.manifest, recording.description, sliceMs);
    this.#chunkRecords = options.chunkRecords ?? CHUNK_RECORDS;
    this.#schedule.skipTo(state.lastTickMs ?? Number.NEGATIVE_INFINITY);
  }

  async play(): Promise<void> {
    let toSkip = this.#state.items;
    for await (const batch of mergeRecording(this.#recording)) {
      for (const item of batch) {
        // The merge has one order, so what an earlier play wrote are its first items.
        if (toSkip > 0) {
          toSkip -= 1;
          continue;
        }
        if (this.#options.signal?.aborted === true) return this.#commit();
        if (item.type === "fact") await this.#closeSlicesBefore(item);
        this.#take(item);
        await this.#commitWhenFull();
      }
    }
    this.#closeOpenSlice();
    await this.#closeSlotsBefore(Number.POSITIVE_INFINITY);
    this.#state.isDone = true;
    return this.#commit();
  }

  #take(item: PlayItem): void {
    this.#state.items += 1;
    if (item.type === "duplicate") this.#state.duplicates += 1;
    else if (item.type === "rejected") this.#reject(item);
    else this.#write(item);
  }

  #write(item: FactItem): void {
    try {
      this.#writer.addFact(item.fact);
    } catch (error) {
      if (!(error instanceof EncodeError)) throw error;
      this.#reject(unencodable(item, error));
      return;
    }
    this.#state.facts += 1;
    this.#state.openSliceMs = this.#schedule.sliceEnd(item.fact.value.publishedAt);
  }

  #reject(rejected: Rejected): void {
    this.#writer.addRejected(rejected);
    this.#state.rejected += 1;
  }

  /** Ticks that fall before the slice of a fact: that of the slice before, and slots between. */
  async #closeSlicesBefore({ fact }: FactItem): Promise<void> {
    const sliceEnd = this.#schedule.sliceEnd(fact.value.publishedAt);
    if (this.#state.openSliceMs !== null && this.#state.openSliceMs < sliceEnd) {
      this.#closeOpenSlice();
    }
    if (this.#state.openSliceMs === null) await this.#closeSlotsBefore(sliceEnd);
  }

  #closeOpenSlice(): void {
    if (this.#state.openSliceMs !== null) this.#tick(this.#state.openSliceMs);
    this.#state.openSliceMs = null;
  }

  async #closeSlotsBefore(atMs: number): Promise<void> {
    for (;;) {
      const slot = this.#schedule.slotBefore(atMs);
      if (slot === null) return;
      this.#tick(slot);
      await this.#commitWhenFull();
    }
  }

  #tick(atMs: number): void {
    this.#writer.addTick(atMs, this.#schedule.isEvaluated(atMs));
    this.#schedule.skipTo(atMs);
    this.#state.ticks += 1;
    this.#state.lastTickMs = atMs;
  }

  async #commitWhenFull(): Promise<void> {
    if (this.#writer.size >= this.#chunkRecords) await this.#commit();
  }

  async #commit(): Promise<void> {
    const startedMs = performance.now();
    const written = await this.#writer.commit(this.#state);
    this.#options.onWritten?.(written, performance.now() - startedMs);
    const { facts, lastTickMs } = this.#state;
    const factsTotal = this.#recording.description.facts;
    this.#options.onProgress?.({
      factsDone: facts,
      factsTotal,
      eventTime: lastTickMs,
      fraction: factsTotal === 0 ? 1 : Math.min(1, facts / factsTotal),
    });
    // A memory log commits without leaving the microtask queue; timers and signals need their turn.
    await setImmediate();
  }
}

function unencodable({ fact, row }: FactItem, error: EncodeError): Rejected {
  return {
    type: "rejected",
    topic: fact.topic,
    path: fact.value.source,
    row,
    column: null,
    code: error.code,
    message: error.message,
    raw: JSON.stringify(fact.value),
  };
}
