import type { ShadowSlot } from "@amc/schemas/generated/events";
import { derivedId } from "../kernel/ids.ts";
import { isText } from "../kernel/json-shape.ts";
import { KeyedStore } from "../kernel/keyed-store.ts";
import {
  type AnyEvent,
  DONE,
  type Emit,
  type Outcome,
  type Stage,
  type StageContext,
  type StageTask,
  skip,
} from "../kernel/stage.ts";
import { jsonCodec } from "../kernel/state-codec.ts";
import type { RunLimits } from "./run.ts";
import { knownSymbols, shadowRunOf } from "./shadow-run.ts";
import { isComplete, isShadowParts, NO_PARTS, type ShadowParts, withPart } from "./shadow-state.ts";
import { slotKey } from "./slot-state.ts";

const NAME = "shadow";
const VERSION = 1;

/** Of the stored states. */
const PARTS_FORMAT = 1;
const FINISHED_FORMAT = 1;
const LAST = "last";

/**
 * Runs that may wait for parts: some three weeks of the 66 slots of a day. Where only some processes
 * shadow, the parts of the others never come, and what waits must not grow for ever.
 */
const OPEN_RUNS_MAX = 1_000;

/**
 * Makes one comparison per discovery run out of what all partitions compared (R-ABT-10). Nothing
 * reads it but people: no run, candidate or recommendation depends on it.
 */
export function createShadowStage({ maxCandidates }: Pick<RunLimits, "maxCandidates">): Stage {
  return {
    name: NAME,
    version: VERSION,
    inputs: ["ops.shadow-slot.v1"],
    outputs: ["discovery.shadow-run.v1"],
    init: ({ emit }: StageContext) => new ShadowTask(emit, maxCandidates),
  };
}

class ShadowTask implements StageTask {
  readonly #emit: Emit;
  readonly #maxCandidates: number;
  readonly #open = new KeyedStore<ShadowParts>(
    "shadow.parts",
    jsonCodec(PARTS_FORMAT, isShadowParts),
  );
  /** The newest run that is done with, so that a repeated part does not open it again. */
  readonly #finished = new KeyedStore("shadow.finished", jsonCodec(FINISHED_FORMAT, isText));

  constructor(emit: Emit, maxCandidates: number) {
    this.#emit = emit;
    this.#maxCandidates = maxCandidates;
  }

  get stores(): StageTask["stores"] {
    return [this.#open, this.#finished];
  }

  step(event: AnyEvent): Outcome {
    if (event.topic !== "ops.shadow-slot.v1") return skip("topic");
    return this.#take(event.value);
  }

  #take(part: ShadowSlot): Outcome {
    const key = slotKey(part);
    const last = this.#finished.get(LAST);
    if (last !== undefined && key <= last) return skip("duplicate");
    const known = this.#open.get(key) ?? NO_PARTS;
    const changed = withPart(known, part);
    if (changed === known) return skip("duplicate");
    this.#open.set(key, changed);
    // Every partition sends its parts in order: what is missing before a complete run never comes.
    if (isComplete(changed)) this.#finishUpTo(key);
    else if (this.#open.size > OPEN_RUNS_MAX)
      this.#finishUpTo([...this.#open.keys()].sort()[0] ?? key);
    return DONE;
  }

  #finishUpTo(last: string): void {
    for (const key of [...this.#open.keys()].sort()) {
      if (key > last) break;
      const { parts } = this.#open.get(key) ?? NO_PARTS;
      this.#open.delete(key);
      this.#publish(parts);
    }
    this.#finished.set(LAST, last);
  }

  #publish(parts: readonly ShadowSlot[]): void {
    const value = shadowRunOf(parts, this.#maxCandidates);
    if (value === null) return;
    // As with runs: the daily instant is asked of every market, and of most nobody answers.
    if (value.trigger === "DAILY" && knownSymbols(parts) === 0) return;
    const { runId, shadowRunId, happenedAt } = value;
    const id = derivedId(NAME, VERSION, [runId, shadowRunId]);
    this.#emit({ topic: "discovery.shadow-run.v1", id, key: runId, happenedAt, value });
  }
}
