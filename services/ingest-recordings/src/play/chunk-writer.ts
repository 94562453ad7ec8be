import { partitionOf } from "@amc/platform/log/partitioner";
import type { Append, Lease, Log } from "@amc/platform/log/port";
import { deadLetterTopic } from "@amc/platform/runtime/dead-letter";
import { encodeEvent } from "@amc/schemas/codec";
import { eventHeaders } from "@amc/schemas/headers";
import { FACT_TOPICS, type FactTopic } from "@amc/schemas/topics";
import type { Fact } from "@amc/streams/kernel/fact";
import { uuidOf } from "@amc/streams/kernel/ids";
import { RecordingError } from "../errors.ts";
import type { Rejected } from "../facts/fact.ts";
import { type PlayState, stateChange } from "./progress-state.ts";

const PRODUCER = "/amc/ingest-recordings";
const CLOCK = "ops.clock.v1";
const CONTROL = "ops.control.v1";
/** What a tick covers, in the order in which topics are ranked. */
const CUT_TOPICS = [...FACT_TOPICS, CONTROL] as const;
/** A header is for reading; the whole row is the value. */
const REASON_CHARACTERS_MAX = 1024;

/** Gathers facts, rejects and ticks into one commit and knows the offsets they will get. */
export class ChunkWriter {
  readonly #log: Log;
  readonly #lease: Lease;
  readonly #recording: string;
  /** By topic and partition: the offset the next record will get. Dead letters are not counted. */
  readonly #ends = new Map<string, number[]>();
  #appends: Append[] = [];
  #predicted: (number | null)[] = [];

  private constructor(log: Log, lease: Lease, recording: string) {
    this.#log = log;
    this.#lease = lease;
    this.#recording = recording;
  }

  static async open(log: Log, lease: Lease, recording: string): Promise<ChunkWriter> {
    const writer = new ChunkWriter(log, lease, recording);
    for (const topic of [...FACT_TOPICS, CLOCK]) await writer.#readEnds(topic);
    await writer.#readSettingEnds();
    return writer;
  }

  get size(): number {
    return this.#appends.length;
  }

  /** Throws EncodeError for a fact that its schema does not allow. */
  addFact(fact: Fact): void {
    const { topic, id, value } = fact;
    const { symbol, happenedAt } = value;
    this.#append({
      topic,
      partition: partitionOf(symbol, this.#count(topic)),
      key: symbol,
      value: encodeEvent<FactTopic>(topic, value),
      headers: eventHeaders({ id, source: PRODUCER, topic, happenedAt }),
    });
  }

  /** The row as it was read, with where and why in its headers. */
  addRejected(rejected: Rejected): void {
    const topic = deadLetterTopic(rejected.topic);
    this.#append({
      topic,
      partition: partitionOf(rejected.path, this.#log.partitions(topic)),
      key: null,
      value: Buffer.from(rejected.raw),
      headers: {
        "dlq-topic": rejected.topic,
        "dlq-stage": "ingest-recordings",
        "dlq-code": rejected.code,
        "dlq-reason": rejected.message.slice(0, REASON_CHARACTERS_MAX).toWellFormed(),
        "dlq-path": rejected.path.toWellFormed(),
        "dlq-row": String(rejected.row),
      },
    });
  }

  /** One tick to every partition, each with the cut of its own partition. */
  addTick(atMs: number, discovery: boolean): void {
    const source = `recording/${this.#recording}`;
    for (let partition = 0; partition < this.#count(CLOCK); partition += 1) {
      const cuts = CUT_TOPICS.flatMap((topic) => {
        const endOffset = this.#ends.get(topic)?.[partition];
        return endOffset === undefined ? [] : [{ topic, endOffset }];
      });
      this.#append({
        topic: CLOCK,
        partition,
        key: null,
        value: encodeEvent(CLOCK, { happenedAt: atMs, cuts, discovery, source }),
        headers: eventHeaders({
          id: uuidOf(`clock/${this.#recording}/${atMs}/${partition}`),
          source: PRODUCER,
          topic: CLOCK,
          happenedAt: atMs,
        }),
      });
    }
  }

  /**
   * Commits what was gathered together with the state that counts it. Throws
   * `recording.cut-mismatch` when a record did not get the offset that a tick may have named.
   */
  async commit(state: PlayState): Promise<void> {
    const appends = this.#appends;
    const predicted = this.#predicted;
    this.#appends = [];
    this.#predicted = [];
    const change = stateChange(this.#recording, state);
    const { offsets } = await this.#log.commit({ appends, lease: this.#lease, state: [change] });
    appends.forEach(({ topic, partition = 0 }, index) => {
      const expected = predicted[index];
      const offset = offsets[index];
      if (expected === null || expected === undefined || expected === offset) return;
      const message = `record ${index} of a commit got offset ${offset} of ${topic}/${partition}, its tick counts on ${expected}: another process writes facts to this log`;
      throw new RecordingError("recording.cut-mismatch", message, {
        topic,
        partition,
        offset,
        expected,
      });
    });
    // Operators write settings at any time; the next ticks cover what has come.
    await this.#readSettingEnds();
  }

  #append(append: Append & { readonly partition: number }): void {
    const ends = this.#ends.get(append.topic);
    const end = ends?.[append.partition];
    if (ends !== undefined && end !== undefined) ends[append.partition] = end + 1;
    this.#predicted.push(end ?? null);
    this.#appends.push(append);
  }

  /**
   * A setting goes to all partitions in one commit, which may happen between two of these reads; the
   * same ends twice in a row are those of one moment. Else one partition would follow it with an
   * earlier tick than the others.
   */
  async #readSettingEnds(): Promise<void> {
    for (let before: string | undefined; ; ) {
      await this.#readEnds(CONTROL);
      const now = this.#ends.get(CONTROL)?.join();
      if (now === before) return;
      before = now;
    }
  }

  async #readEnds(topic: string): Promise<void> {
    const ends: number[] = [];
    for (let partition = 0; partition < this.#log.partitions(topic); partition += 1) {
      ends.push(await this.#log.endOffset(topic, partition));
    }
    this.#ends.set(topic, ends);
  }

  #count(topic: string): number {
    return this.#ends.get(topic)?.length ?? 0;
  }
}
