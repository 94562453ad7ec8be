import { encodeEvent } from "@amc/schemas/codec";
import { eventHeaders } from "@amc/schemas/headers";
import { uuidOf } from "@amc/streams/kernel/ids";
import type { Subtopology } from "@amc/streams/kernel/stage";
import type { Produced, StepObserver } from "@amc/streams/kernel/task";
import type { Append } from "../log/port.ts";

const TOPIC = "ops.stage-timing.v1";

interface Timing {
  events: number;
  totalMs: number;
  maxMs: number;
  /** Detections with an error mark; of other stages an error stops the runtime. */
  errors: number;
}

/**
 * Measures stages from outside, because a stage never measures itself. Times are written as
 * `ops.stage-timing.v1` facts when a slot closes; nothing that is compared ever reads them.
 */
export class StageTimer implements StepObserver {
  readonly #subtopology: Subtopology;
  readonly #now: () => number;
  readonly #timings: readonly Timing[];
  #startedMs = 0;
  #slot: number | null = null;

  constructor(subtopology: Subtopology, now: () => number) {
    this.#subtopology = subtopology;
    this.#now = now;
    this.#timings = subtopology.stages.map(() => ({ events: 0, totalMs: 0, maxMs: 0, errors: 0 }));
  }

  before(_stage: number): void {
    this.#startedMs = this.#now();
  }

  after(stage: number): void {
    const timing = this.#timings[stage];
    if (timing === undefined) return;
    const ms = this.#now() - this.#startedMs;
    timing.events += 1;
    timing.totalMs += ms;
    if (ms > timing.maxMs) timing.maxMs = ms;
  }

  /** Learns from the closing marker which slot the slice belonged to, and counts error marks. */
  sawEmission({ stage, emission }: Produced): void {
    if (emission.topic === "ops.slot-closed.v1") this.#slot = emission.value.slot;
    if (emission.topic !== "signals.detection.v1" || emission.value.error === null) return;
    const timing = this.#timings[this.#subtopology.stages.indexOf(stage)];
    if (timing !== undefined) timing.errors += 1;
  }

  /** Timing facts of a slice that closed a slot; none for other slices. */
  closeSlice(tickMs: number, partition: number): Append[] {
    const slot = this.#slot;
    const appends: Append[] = [];
    if (slot !== null) {
      this.#subtopology.stages.forEach((stage, index) => {
        const timing = this.#timings[index];
        if (timing === undefined) return;
        appends.push(timingAppend(stage.name, timing, { tickMs, partition, slot }));
      });
    }
    this.#slot = null;
    for (const timing of this.#timings) {
      timing.events = 0;
      timing.totalMs = 0;
      timing.maxMs = 0;
      timing.errors = 0;
    }
    return appends;
  }
}

function timingAppend(
  stage: string,
  timing: Timing,
  at: { readonly tickMs: number; readonly partition: number; readonly slot: number },
): Append {
  const id = uuidOf(`stage-timing/${stage}/${at.partition}/${at.slot}/${at.tickMs}`);
  return {
    topic: TOPIC,
    partition: at.partition,
    key: stage,
    value: encodeEvent(TOPIC, {
      stage,
      partition: at.partition,
      slot: at.slot,
      happenedAt: at.tickMs,
      events: timing.events,
      totalMs: timing.totalMs,
      maxMs: timing.maxMs,
      errors: timing.errors,
    }),
    headers: eventHeaders({ id, source: "/amc/runtime", topic: TOPIC, happenedAt: at.tickMs }),
  };
}
