import type { EventOf, TopicName } from "@amc/schemas/topics";
import type { Persistent } from "./keyed-store.ts";

/** One event as a stage sees it: the value and what identifies it, never where it lay in the log. */
export interface StageEvent<Topic extends TopicName = TopicName> {
  readonly topic: Topic;
  /** UUID from `ce_id`; the same fact has the same id wherever and whenever it is read. */
  readonly id: string;
  readonly key: string | null;
  readonly value: EventOf<Topic>;
  /** Checksum of the encoded fact: two facts with one id and two checksums are in conflict. */
  readonly checksum?: number;
  /** True when the fact was published at or before an earlier tick, yet arrived behind its cut. */
  readonly late?: boolean;
}

/** A `StageEvent` of any topic; narrows by `topic`. */
export type AnyEvent = { [Topic in TopicName]: StageEvent<Topic> }[TopicName];

/** One event to append. The id is a function of the inputs, see `derivedId`. */
export interface Emission<Topic extends TopicName = TopicName> extends StageEvent<Topic> {
  /** Event time, ms since 1970; becomes `ce_time`. */
  readonly happenedAt: number;
}

/** An `Emission` to any topic; a later stage of the same task takes it as it is. */
export type AnyEmission = { [Topic in TopicName]: Emission<Topic> }[TopicName];

export type Emit = (emission: AnyEmission) => void;

/**
 * What became of one input event. The decision about its offset is a value that the runtime reads:
 * `done` and `skip` move on (a skip is counted under its reason), `reject` dead-letters the raw
 * record, `stop` ends the process before anything of the batch is committed.
 */
export type Outcome =
  | { readonly type: "done" }
  | { readonly type: "skip"; readonly reason: string }
  | { readonly type: "reject"; readonly reason: string }
  | { readonly type: "stop"; readonly reason: string };

export const DONE: Outcome = { type: "done" };

export function skip(reason: string): Outcome {
  return { type: "skip", reason };
}

export function reject(reason: string): Outcome {
  return { type: "reject", reason };
}

export interface StageContext {
  /** Input partition this task owns, and how many there are. Neither may reach a derived value. */
  readonly partition: number;
  readonly partitions: number;
  readonly emit: Emit;
}

/** A stage bound to one partition: its keyed state and its step. */
export interface StageTask {
  /** All state of the task; what is not in here is gone after a crash. */
  readonly stores: readonly Persistent[];
  step(event: AnyEvent): Outcome;
}

/**
 * One decision of the system as data plus a pure function. `init` binds it to a partition; the
 * task's `step` may only use its event, its stores and its configuration.
 */
export interface Stage {
  readonly name: string;
  /** Part of every derived id: raise it when the same inputs shall give other outputs. */
  readonly version: number;
  readonly inputs: readonly TopicName[];
  readonly outputs: readonly TopicName[];
  /**
   * Which events of its inputs the stage wants; all when it is left out. Most features events are
   * for reading only: they pass seven stages without a step that would have to be timed.
   */
  readonly wants?: (event: AnyEvent) => boolean;
  init(context: StageContext): StageTask;
}

/**
 * Stages that share partitions and a clock, run in order by one task: each event of a slice goes
 * to the stages that read its topic, emissions go straight to the later ones, then the tick goes
 * through all of them. Everything they emit is committed at once.
 */
export interface Subtopology {
  readonly name: string;
  /** Timed subtopologies take facts slice by slice behind `ops.clock.v1`. */
  readonly timed: boolean;
  readonly stages: readonly Stage[];
}
