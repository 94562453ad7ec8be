import { partitionOf } from "@amc/platform/log/partitioner";
import type { Append, Lease, Log, StateChange } from "@amc/platform/log/port";
import { settledEnds } from "@amc/platform/log/settled-ends";
import { deadLetterTopic } from "@amc/platform/runtime/dead-letter";
import { encodeEvent } from "@amc/schemas/codec";
import { eventHeaders } from "@amc/schemas/headers";
import { FACT_TOPICS, type FactTopic } from "@amc/schemas/topics";
import type { Fact } from "@amc/streams/kernel/fact";
import { uuidOf } from "@amc/streams/kernel/ids";
import type { Rejected } from "../facts/fact.ts";
import { type PlayState, stateChange } from "./progress-state.ts";
import { WrittenAhead } from "./written-ahead.ts";

const PRODUCER = "/amc/ingest-recordings";
/** Who refused a row, in the header of its dead letter. */
const STAGE = "ingest-recordings";
const CLOCK = "ops.clock.v1";
const CONTROL = "ops.control.v1";
/** What a tick covers, in the order in which topics are ranked. */
const CUT_TOPICS = [...FACT_TOPICS, CONTROL] as const;
/** A header is for reading; the whole row is the value. */
const REASON_CHARACTERS_MAX = 1024;

interface PlacedAppend extends Append {
  readonly partition: number;
}

interface Pending {
  readonly id: string;
  readonly append: PlacedAppend;
}

/** Where records lie, and which of them were not there before. */
interface Placed {
  readonly offsets: readonly number[];
  readonly appended: readonly PlacedAppend[];
}

interface PendingTick {
  readonly atMs: number;
  readonly discovery: boolean;
  /** Facts of this chunk that come before it. */
  readonly facts: number;
}

/**
 * Gathers facts, rejects and ticks into a chunk. Its facts are written first, then the ticks with
 * the offsets those got, together with the progress: nobody ever sees a tick without the facts it
 * covers, on a log whose commits become visible partition by partition, too, and what a play that was
 * killed in between has written is found again.
 */
export class ChunkWriter {
  readonly #log: Log;
  readonly #lease: Lease;
  readonly #recording: string;
  /** By topic and partition, of all topics that are written. */
  readonly #written = new Map<string, readonly WrittenAhead[]>();
  #settingEnds: readonly number[] = [];
  #facts: Pending[] = [];
  #ticks: PendingTick[] = [];
  #rejected: Pending[] = [];

  private constructor(log: Log, lease: Lease, recording: string) {
    this.#log = log;
    this.#lease = lease;
    this.#recording = recording;
  }

  /** `state` is where the play before stopped. */
  static async open(
    log: Log,
    lease: Lease,
    recording: string,
    state: Pick<PlayState, "ends">,
  ): Promise<ChunkWriter> {
    const writer = new ChunkWriter(log, lease, recording);
    for (const topic of [...FACT_TOPICS, CLOCK, ...FACT_TOPICS.map(deadLetterTopic)]) {
      const partitions: WrittenAhead[] = [];
      for (let partition = 0; partition < log.partitions(topic); partition += 1) {
        // An earlier version wrote facts and progress at once: nothing lies behind that.
        const from =
          state.ends === undefined
            ? await log.endOffset(topic, partition)
            : (state.ends[topic]?.[partition] ?? (await log.startOffset(topic, partition)));
        partitions.push(
          await WrittenAhead.read(log, topic, partition, {
            from,
            producer: PRODUCER,
            stage: STAGE,
          }),
        );
      }
      writer.#written.set(topic, partitions);
    }
    writer.#settingEnds = await settledEnds(log, CONTROL);
    return writer;
  }

  /** Records of the chunk. */
  get size(): number {
    const ticks = this.#ticks.length * this.#count(CLOCK);
    return this.#facts.length + ticks + this.#rejected.length;
  }

  /** Throws EncodeError for a fact that its schema does not allow. */
  addFact(fact: Fact): void {
    const { topic, id, value } = fact;
    const { symbol, happenedAt } = value;
    this.#facts.push({
      id,
      append: {
        topic,
        partition: partitionOf(symbol, this.#count(topic)),
        key: symbol,
        value: encodeEvent<FactTopic>(topic, value),
        headers: eventHeaders({ id, source: PRODUCER, topic, happenedAt }),
      },
    });
  }

  /** The row as it was read, with where and why in its headers. */
  addRejected(rejected: Rejected): void {
    const topic = deadLetterTopic(rejected.topic);
    const id = rejectedId(this.#recording, rejected);
    this.#rejected.push({
      id,
      append: {
        topic,
        partition: partitionOf(rejected.path, this.#count(topic)),
        key: null,
        value: Buffer.from(rejected.raw),
        headers: {
          ce_id: id,
          ce_source: PRODUCER,
          "dlq-topic": rejected.topic,
          "dlq-stage": STAGE,
          "dlq-code": rejected.code,
          "dlq-reason": rejected.message.slice(0, REASON_CHARACTERS_MAX).toWellFormed(),
          "dlq-path": rejected.path.toWellFormed(),
          "dlq-row": String(rejected.row),
        },
      },
    });
  }

  /** One tick to every partition, each with the cut of its own partition. */
  addTick(atMs: number, discovery: boolean): void {
    this.#ticks.push({ atMs, discovery, facts: this.#facts.length });
  }

  /**
   * Writes what was gathered, and at last the state that counts it. Returns the records that this play
   * wrote, without those that it found written.
   */
  async commit(state: PlayState): Promise<readonly Append[]> {
    const [facts, ticks, rejected] = [this.#facts, this.#ticks, this.#rejected];
    this.#facts = [];
    this.#ticks = [];
    this.#rejected = [];
    const { offsets, appended } = await this.#write(facts);
    const others: Pending[] = [];
    let accounted = 0;
    for (const tick of ticks) {
      this.#account(facts.slice(accounted, tick.facts), offsets.slice(accounted, tick.facts));
      accounted = tick.facts;
      others.push(...this.#tickRecords(tick));
    }
    this.#account(facts.slice(accounted), offsets.slice(accounted));
    others.push(...rejected);
    const change = stateChange(this.#recording, { ...state, ends: this.#ends() });
    const counted = await this.#write(others, change);
    this.#account(others, counted.offsets);
    // Operators write settings at any time; the next ticks cover what has come.
    this.#settingEnds = await settledEnds(this.#log, CONTROL);
    return [...appended, ...counted.appended];
  }

  /** Appends those that are not there yet, with the state if one is given; offsets are of all. */
  async #write(records: readonly Pending[], change?: StateChange): Promise<Placed> {
    const there = records.map(({ id, append }) => this.#at(append).take(id));
    const appended = records.flatMap(({ append }, at) => (there[at] === null ? [append] : []));
    if (appended.length === 0 && change === undefined) {
      return { offsets: there.flatMap((offset) => offset ?? []), appended };
    }
    const { offsets } = await this.#log.commit({
      appends: appended,
      lease: this.#lease,
      state: change === undefined ? [] : [change],
    });
    const written = offsets.values();
    return { offsets: there.map((offset) => offset ?? written.next().value ?? 0), appended };
  }

  #account(records: readonly Pending[], offsets: readonly number[]): void {
    for (const [index, { append }] of records.entries()) {
      const offset = offsets[index];
      if (offset !== undefined) this.#at(append).account(offset);
    }
  }

  #tickRecords({ atMs, discovery }: PendingTick): Pending[] {
    const source = `recording/${this.#recording}`;
    return Array.from({ length: this.#count(CLOCK) }, (_, partition) => {
      const cuts = CUT_TOPICS.flatMap((topic) => {
        const endOffset = this.#endOf(topic, partition);
        return endOffset === undefined ? [] : [{ topic, endOffset }];
      });
      const id = uuidOf(`clock/${this.#recording}/${atMs}/${partition}`);
      return {
        id,
        append: {
          topic: CLOCK,
          partition,
          key: null,
          value: encodeEvent(CLOCK, { happenedAt: atMs, cuts, discovery, source }),
          headers: eventHeaders({ id, source: PRODUCER, topic: CLOCK, happenedAt: atMs }),
        },
      };
    });
  }

  #endOf(topic: string, partition: number): number | undefined {
    if (topic === CONTROL) return this.#settingEnds[partition];
    return this.#written.get(topic)?.[partition]?.end;
  }

  #ends(): Record<string, number[]> {
    return Object.fromEntries(
      [...this.#written].map(([topic, partitions]) => [topic, partitions.map(({ end }) => end)]),
    );
  }

  #at({ topic, partition }: PlacedAppend): WrittenAhead {
    const place = this.#written.get(topic)?.[partition];
    if (place === undefined) throw new RangeError(`nothing is written to ${topic}/${partition}`);
    return place;
  }

  #count(topic: string): number {
    return this.#written.get(topic)?.length ?? 0;
  }
}

/** The same in every play of the recording, so that a dead letter is found again, too. */
function rejectedId(recording: string, { topic, path, row, column, code, raw }: Rejected): string {
  return uuidOf(JSON.stringify(["rejected", recording, topic, path, row, column, code, raw]));
}
