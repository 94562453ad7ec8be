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
 * Makes one comparison per discovery run out of what all partitions compared (R-ABT-10). Nothing
 * reads it but people: no run, candidate or recommendation depends on it.
 *
 * A run waits for the parts of all partitions however far one of them is ahead, as runs themselves do: whatever
 * was given up by the number that waits would hang on which partition is read first. Where a process does not shadow,
 * its partitions tell nothing and all runs wait, some 5 kB each at most, until it does.
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
