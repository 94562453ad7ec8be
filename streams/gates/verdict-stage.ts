import type { Candidate, Features, SlotClosed } from "@amc/schemas/generated/events";
import { isUpForEvaluation } from "../detectors/detector-stage.ts";
import { type FiredSlot, slotsFiredBy } from "../discovery/slots.ts";
import { derivedId } from "../kernel/ids.ts";
import { isNumber } from "../kernel/json-shape.ts";
import { KeyedStore } from "../kernel/keyed-store.ts";
import {
  type AnyEvent,
  DONE,
  type Outcome,
  type Stage,
  type StageContext,
  type StageEvent,
  type StageTask,
  skip,
} from "../kernel/stage.ts";
import { jsonCodec } from "../kernel/state-codec.ts";
import { sessionOf } from "../market/sessions.ts";
import type { ScoringConfig } from "../scoring/config.ts";
import { STRATEGIES } from "../scoring/strategies/registry.ts";
import { isLeftOut } from "../universe/universe.ts";
import { PendingEvaluations } from "./pending-evaluations.ts";
import { PROFILES } from "./profiles.ts";
import { ShadowSlots } from "./shadow-slots.ts";
import { RulesInForce, type SlotRules } from "./slot-rules.ts";
import { candidateOf, newTally, type SlotTally, slotClosedOf, tallyVerdict } from "./slot-tally.ts";
import { type Evaluation, type Judgement, judge } from "./verdict.ts";

const NAME = "verdict";
const VERSION = 1;
const LAST_TICK = "tick";
const CLOCK_FORMAT = 1;

const REPEATED: Outcome = skip("duplicate");

/**
 * Gates and scores each features event once its six detections are there, and at a slot's tick
 * hands the day's partition what passed, with a marker that this partition is done with the slot.
 */
export function createVerdictStage(
  configured: ScoringConfig,
  strategies: Judgement["strategies"] = STRATEGIES,
): Stage {
  return {
    name: NAME,
    version: VERSION,
    inputs: ["ops.control.v1", "ops.clock.v1", "signals.features.v1", "signals.detection.v1"],
    outputs: [
      "signals.verdict.v1",
      "discovery.candidate.v1",
      "ops.slot-closed.v1",
      "ops.shadow-slot.v1",
    ],
    wants: (event) => isUpForEvaluation(event) || isOfSlot(event),
    init: (context) => new VerdictTask(context, configured, strategies),
  };
}

/** What its slot left out gets no verdict and is counted. */
function isOfSlot({ topic, value }: AnyEvent): boolean {
  return topic === "signals.features.v1" && value.slot !== null;
}

/** Verdicts of one trigger in the running slice. */
interface OpenSlot {
  readonly tally: SlotTally;
  readonly passed: { readonly id: string; readonly make: (fired: FiredSlot) => Candidate }[];
}

class VerdictTask implements StageTask {
  readonly #context: StageContext;
  readonly #strategies: Judgement["strategies"];
  readonly #rules: RulesInForce;
  readonly #clock = new KeyedStore("verdict.clock", jsonCodec(CLOCK_FORMAT, isNumber));
  readonly #pending = new PendingEvaluations();
  /** By trigger; empty between two slices, so that no commit can lose it. */
  readonly #open = new Map<string, OpenSlot>();
  /** Likewise empty between two slices; null while nothing is shadowed. */
  readonly #shadow: ShadowSlots | null;

  constructor(
    context: StageContext,
    configured: ScoringConfig,
    strategies: Judgement["strategies"],
  ) {
    this.#context = context;
    this.#strategies = strategies;
    this.#rules = new RulesInForce("verdict", configured);
    const { shadow } = configured;
    this.#shadow = shadow === null ? null : new ShadowSlots(shadow, strategies);
  }

  get stores(): StageTask["stores"] {
    return [...this.#rules.stores, this.#clock];
  }

  step(event: AnyEvent): Outcome {
    switch (event.topic) {
      case "signals.features.v1":
        if (isLeftOut(event.value)) return this.#leaveOut(event.value);
        return this.#take(this.#pending.addFeatures(event));
      case "signals.detection.v1":
        return this.#take(this.#pending.addDetection(event));
      case "ops.control.v1":
        return this.#rules.apply(event);
      case "ops.clock.v1":
        return this.#takeTick(event);
      default:
        return skip("topic");
    }
  }

  #take(evaluation: Evaluation | null): Outcome {
    if (evaluation === null) return DONE;
    const rules = this.#rulesOf(evaluation.features);
    const { config, version: configVersion } = rules;
    const verdict = judge(evaluation, { config, configVersion, strategies: this.#strategies });
    const id = derivedId(NAME, VERSION, [evaluation.featuresId, configVersion]);
    this.#context.emit({
      topic: "signals.verdict.v1",
      id,
      key: verdict.symbol,
      happenedAt: verdict.happenedAt,
      value: verdict,
    });
    if (verdict.trigger === "SLOT" || verdict.trigger === "DAILY") {
      const listed = verdict.confidence >= PROFILES[config.profile].listedConfidence;
      const open = this.#openSlot(verdict.trigger);
      const squeeze = evaluation.detections.squeeze.value;
      tallyVerdict(open.tally, verdict, listed);
      if (verdict.passed) {
        open.passed.push({
          id: derivedId(`${NAME}/candidate`, VERSION, [id]),
          make: (fired) => candidateOf(id, verdict, fired, squeeze, listed),
        });
      }
      this.#shadow?.take(evaluation, verdict, listed, rules);
    }
    return DONE;
  }

  #leaveOut({ symbol, trigger }: Features): Outcome {
    this.#openSlot(trigger).tally.leftOut.add(symbol);
    return DONE;
  }

  #takeTick({ value: { happenedAt: tickMs, discovery } }: StageEvent<"ops.clock.v1">): Outcome {
    const lastTickMs = this.#clock.get(LAST_TICK) ?? Number.NEGATIVE_INFINITY;
    if (tickMs <= lastTickMs) return REPEATED;
    // The stages before answer within the slice: whoever is silent is broken, and a slot closed
    // without an answer could never be mended.
    if (this.#pending.size > 0) {
      return { type: "stop", reason: `verdict.detections-missing:${this.#pending.size}` };
    }
    const { slots } = this.#rules.between.config;
    const fired = discovery ? slotsFiredBy(lastTickMs, tickMs, slots) : [];
    for (const slot of fired) this.#close(slot, tickMs);
    this.#open.clear();
    this.#shadow?.endSlice();
    this.#pending.endSlice();
    this.#clock.set(LAST_TICK, tickMs);
    return DONE;
  }

  /** Only what becomes part of a run is shared among the arms of an experiment. */
  #rulesOf({ slot, trigger }: Features): SlotRules {
    const isOfRun = slot !== null && (trigger === "SLOT" || trigger === "DAILY");
    return isOfRun ? this.#rules.of({ slot, trigger }) : this.#rules.between;
  }

  #openSlot(trigger: string): OpenSlot {
    let open = this.#open.get(trigger);
    if (open === undefined) {
      open = { tally: newTally(), passed: [] };
      this.#open.set(trigger, open);
    }
    return open;
  }

  #close(fired: FiredSlot, tickMs: number): void {
    const { tally, passed } = this.#openSlot(fired.trigger);
    const { tradingDay, slot, trigger } = fired;
    // One key for all of them, and the log keeps the events of a key and instant in id order.
    for (const { id, make } of passed.sort((a, b) => (a.id < b.id ? -1 : 1))) {
      const value = make(fired);
      this.#context.emit({
        topic: "discovery.candidate.v1",
        id,
        key: tradingDay,
        happenedAt: tickMs,
        value,
      });
    }
    const rules = this.#rules.of(fired);
    const session = trigger === "DAILY" ? "REGULAR" : sessionOf(slot);
    const marker = slotClosedOf(tally, fired, tickMs, rules, this.#context, session);
    this.#context.emit({
      topic: "ops.slot-closed.v1",
      // One marker per partition is the point of this topic, so here the partition may enter.
      id: derivedId(`${NAME}/slot-closed`, VERSION, [
        String(slot),
        trigger,
        rules.version,
        `${this.#context.partition}/${this.#context.partitions}`,
      ]),
      key: tradingDay,
      happenedAt: tickMs,
      value: marker,
    });
    this.#tellShadow(marker, rules);
  }

  #tellShadow(marker: SlotClosed, rules: SlotRules): void {
    const value = this.#shadow?.close(marker, rules) ?? null;
    if (value === null) return;
    const { slot, trigger, configVersion, shadowConfigVersion, partition, partitions } = value;
    this.#context.emit({
      topic: "ops.shadow-slot.v1",
      // As of the marker: one per partition.
      id: derivedId(`${NAME}/shadow-slot`, VERSION, [
        ...[String(slot), trigger, configVersion, shadowConfigVersion],
        `${partition}/${partitions}`,
      ]),
      key: value.tradingDay,
      happenedAt: value.happenedAt,
      value,
    });
  }
}
