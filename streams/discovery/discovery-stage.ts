import type { Candidate, Label } from "@amc/schemas/generated/events";
import { experimentResultId, experimentResultOf } from "../experiments/result.ts";
import { derivedId } from "../kernel/ids.ts";
import { isText, listOf, oneOf, recordOf } from "../kernel/json-shape.ts";
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
import { isHigher } from "./label-order.ts";
import { recommendationOf } from "./recommendation.ts";
import { type RankedRun, type RunLimits, runOf } from "./run.ts";
import {
  EMPTY_SLOT,
  hasAllCandidates,
  isFullyClosed,
  isSlotState,
  type SlotState,
  slotKey,
  withCandidate,
  withClosed,
} from "./slot-state.ts";

const NAME = "discovery";
const VERSION = 1;

/** Of the stored states. */
/** 2: candidates carry the quality of their short interest. */
const SLOTS_FORMAT = 2;
const ISSUED_FORMAT = 1;
const FINISHED_FORMAT = 1;

const REPEATED: Outcome = skip("duplicate");

/** The best label each symbol has been recommended with on one trading day. */
interface IssuedLabels {
  readonly labels: readonly { readonly symbol: string; readonly label: Label }[];
}

const isIssuedLabels = recordOf<IssuedLabels>({
  labels: listOf(
    recordOf<IssuedLabels["labels"][number]>({
      symbol: isText,
      label: oneOf("NONE", "WATCHLIST", "TRADE_READY"),
    }),
  ),
});

/** A slot that is done with leaves this behind, so that a repeated event does not open it again. */
interface FinishedSlots {
  /** Newest slot key of the day for which a run was made. */
  readonly last: string;
}

const isFinishedSlots = recordOf<FinishedSlots>({ last: isText });

/**
 * Makes one ranked run per slot out of what all partitions sent, and recommends a symbol when it
 * first reaches the watchlist on a trading day and again only when its label rises.
 */
export function createDiscoveryStage(limits: RunLimits): Stage {
  return {
    name: NAME,
    version: VERSION,
    inputs: ["discovery.candidate.v1", "ops.slot-closed.v1"],
    outputs: ["discovery.run.v1", "discovery.recommendation.v1", "experiments.result.v1"],
    init: (context) => new DiscoveryTask(context, limits),
  };
}

class DiscoveryTask implements StageTask {
  readonly #emit: Emit;
  readonly #limits: RunLimits;
  readonly #slots = new KeyedStore<SlotState>(
    "discovery.slots",
    jsonCodec(SLOTS_FORMAT, isSlotState),
  );
  readonly #issued = new KeyedStore<IssuedLabels>(
    "discovery.issued",
    jsonCodec(ISSUED_FORMAT, isIssuedLabels),
  );
  readonly #finished = new KeyedStore<FinishedSlots>(
    "discovery.finished",
    jsonCodec(FINISHED_FORMAT, isFinishedSlots),
  );

  constructor({ emit }: StageContext, limits: RunLimits) {
    this.#emit = emit;
    this.#limits = limits;
  }

  get stores(): StageTask["stores"] {
    return [this.#slots, this.#issued, this.#finished];
  }

  step(event: AnyEvent): Outcome {
    if (event.topic === "discovery.candidate.v1") {
      return this.#put(slotKey(event.value), (state) => withCandidate(state, event.value));
    }
    if (event.topic === "ops.slot-closed.v1") {
      return this.#put(slotKey(event.value), (state) => withClosed(state, event.value));
    }
    return skip("topic");
  }

  #put(key: string, change: (state: SlotState) => SlotState): Outcome {
    const finished = this.#finished.get("last");
    if (finished !== undefined && key <= finished.last) return REPEATED;
    const state = this.#slots.get(key) ?? EMPTY_SLOT;
    const changed = change(state);
    if (changed === state) return REPEATED;
    this.#slots.set(key, changed);
    this.#finishInOrder();
    return DONE;
  }

  /**
   * Runs are made in slot order: a later slot may be complete while a candidate of an earlier one
   * is still on its way, and whether a label rises depends on the earlier ones. Every partition
   * sends its markers in order: once all have closed a later slot, a marker missing from an
   * earlier one never comes (a setting reached that partition late), and its run is made without.
   */
  #finishInOrder(): void {
    const keys = [...this.#slots.keys()].sort();
    const lastFullyClosed = keys.findLast((key) =>
      isFullyClosed(this.#slots.get(key) ?? EMPTY_SLOT),
    );
    if (lastFullyClosed === undefined) return;
    for (const key of keys) {
      const state = this.#slots.get(key);
      if (state === undefined || key > lastFullyClosed || !hasAllCandidates(state)) return;
      const made = runOf(state, this.#limits);
      this.#slots.delete(key);
      this.#finished.set("last", { last: key });
      if (made !== null) this.#publish(made);
    }
  }

  #publish(made: RankedRun): void {
    const { run, reduction } = made;
    const known = run.universe + (reduction?.leftOut ?? 0);
    // The daily instant is asked of every market; where all symbols have minutes nobody answers.
    if (run.trigger === "DAILY" && known === 0) return;
    this.#emit({
      topic: "discovery.run.v1",
      id: run.runId,
      key: run.runId,
      happenedAt: run.happenedAt,
      value: run,
    });
    this.#tellExperiment(made);
    this.#forgetDaysBefore(run.tradingDay);
    this.#recommend(made);
  }

  #tellExperiment({ run, ranked, exposure }: RankedRun): void {
    if (exposure === null) return;
    const value = experimentResultOf(run, ranked, exposure);
    this.#emit({
      topic: "experiments.result.v1",
      id: experimentResultId(value),
      key: run.runId,
      happenedAt: run.happenedAt,
      value,
    });
  }

  #recommend({ run, ranked }: RankedRun): void {
    const issued = this.#issued.get(run.tradingDay)?.labels ?? [];
    const best = new Map(issued.map(({ symbol, label }) => [symbol, label]));
    let changed = false;
    ranked.forEach((candidate, index) => {
      const previousLabel = best.get(candidate.symbol) ?? "NONE";
      if (!isHigher(candidate.label, previousLabel)) return;
      best.set(candidate.symbol, candidate.label);
      changed = true;
      const value = recommendationOf({ run, candidate, rank: index + 1, previousLabel });
      this.#emit({
        topic: "discovery.recommendation.v1",
        id: recommendationId(candidate),
        key: candidate.symbol,
        happenedAt: run.happenedAt,
        value,
      });
    });
    if (!changed) return;
    this.#issued.set(run.tradingDay, {
      labels: [...best].map(([symbol, label]) => ({ symbol, label })).sort(bySymbol),
    });
  }

  #forgetDaysBefore(tradingDay: string): void {
    for (const day of this.#issued.keys()) if (day < tradingDay) this.#issued.delete(day);
  }
}

/** Rank and run stay out: replaying the evidence alone gives the same recommendation. */
function recommendationId({ verdictId, label }: Candidate): string {
  return derivedId(NAME, VERSION, [verdictId, label]);
}

function bySymbol(a: { readonly symbol: string }, b: { readonly symbol: string }): number {
  return a.symbol < b.symbol ? -1 : 1;
}
