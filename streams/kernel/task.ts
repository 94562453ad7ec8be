import type { TopicName } from "@amc/schemas/topics";
import type { Persistent } from "./keyed-store.ts";
import {
  type AnyEmission,
  type AnyEvent,
  DONE,
  type Outcome,
  type Stage,
  type StageTask,
  type Subtopology,
} from "./stage.ts";

/** Told before and after each step, so that the runtime can time stages that never read a clock. */
export interface StepObserver {
  before(stage: number): void;
  after(stage: number): void;
}

/** An emission and the stage it came from. */
export interface Produced {
  readonly stage: Stage;
  readonly emission: AnyEmission;
}

interface Member {
  readonly stage: Stage;
  readonly task: StageTask;
  readonly emitted: AnyEmission[];
}

/** Takes each emission as it comes, before the later stages see it; it must not change it. */
export type TakeProduced = (produced: Produced) => void;

/** A subtopology bound to one partition: routes each event through its stages in order. */
export class Task {
  readonly subtopology: Subtopology;
  readonly #members: readonly Member[];
  readonly #readers = new Map<TopicName, readonly number[]>();
  readonly #take: TakeProduced;
  readonly #observer: StepObserver | undefined;

  constructor(
    subtopology: Subtopology,
    owned: { readonly partition: number; readonly partitions: number },
    take: TakeProduced,
    observer?: StepObserver,
  ) {
    this.subtopology = subtopology;
    this.#take = take;
    this.#observer = observer;
    this.#members = subtopology.stages.map((stage) => {
      const emitted: AnyEmission[] = [];
      const task = stage.init({ ...owned, emit: (emission) => emitted.push(emission) });
      return { stage, task, emitted };
    });
    this.#members.forEach(({ stage }, index) => {
      for (const topic of stage.inputs) {
        this.#readers.set(topic, [...(this.#readers.get(topic) ?? []), index]);
      }
    });
  }

  get stores(): readonly Persistent[] {
    return this.#members.flatMap(({ task }) => task.stores);
  }

  /**
   * Takes one event through every stage that reads its topic. The first outcome that is not `done`
   * decides; what was emitted before it stays.
   */
  step(event: AnyEvent): Outcome {
    return this.#deliver(event, 0);
  }

  #deliver(event: AnyEvent, from: number): Outcome {
    const readers = this.#readers.get(event.topic);
    if (readers === undefined) return DONE;
    let decided = DONE;
    for (const index of readers) {
      if (index < from) continue;
      const outcome = this.#stepOne(index, event);
      if (decided === DONE) decided = outcome;
      if (outcome.type === "stop") break;
    }
    return decided;
  }

  #stepOne(index: number, event: AnyEvent): Outcome {
    const member = this.#members[index];
    if (member === undefined) return DONE;
    if (member.stage.wants?.(event) === false) return DONE;
    this.#observer?.before(index);
    const outcome = member.task.step(event);
    this.#observer?.after(index);
    const { emitted } = member;
    if (emitted.length === 0) return outcome;
    const stopped = this.#passOn(member, index);
    // Only the stage's own step fills the list, and emissions only ever go to later stages.
    emitted.length = 0;
    return stopped ?? outcome;
  }

  /** Takes what a stage has emitted to the stages after it; the outcome that ends the task, if any. */
  #passOn(member: Member, index: number): Outcome | null {
    for (const emission of member.emitted) {
      this.#take({ stage: member.stage, emission });
      const inner = this.#deliver(emission, index + 1);
      // A stage that refuses what another stage of ours emitted is a defect, never bad input.
      if (inner.type === "stop" || inner.type === "reject") {
        return { type: "stop", reason: `${emission.topic} refused: ${inner.reason}` };
      }
    }
    return null;
  }
}
