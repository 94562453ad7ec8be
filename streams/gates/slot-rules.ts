import type { Exposure } from "@amc/schemas/generated/events";
import { runIdOf } from "../discovery/run-id.ts";
import type { FiredSlot } from "../discovery/slots.ts";
import { ExperimentsInForce } from "../experiments/experiments-in-force.ts";
import { expose } from "../experiments/exposure.ts";
import { experimentOfSetting } from "../experiments/setting-name.ts";
import type { Persistent } from "../kernel/keyed-store.ts";
import type { Outcome, StageEvent } from "../kernel/stage.ts";
import { configVersionOf, type ScoringConfig } from "../scoring/config.ts";
import { SettingsInForce } from "../scoring/settings.ts";

/** What the evaluations of one slot are judged by. */
export interface SlotRules {
  readonly config: ScoringConfig;
  /** `configVersionOf` the configuration. */
  readonly version: string;
  /** The experiment that chose the strategy; null where the one in force scores. */
  readonly exposure: Exposure | null;
}

type SlotIdentity = Pick<FiredSlot, "slot" | "trigger">;

/**
 * Rules out of the configuration, the operators' settings and the experiment of the slot. Partitions
 * that know the same controls have the same rules: nothing else enters.
 */
export class RulesInForce {
  readonly #settings: SettingsInForce;
  readonly #experiments: ExperimentsInForce;
  /** Of the slot that was asked for last: a slice asks for the same one symbol after symbol. */
  #last: (SlotIdentity & { readonly rules: SlotRules }) | null = null;

  /** `storeName` is what its stores begin with. */
  constructor(storeName: string, configured: ScoringConfig) {
    this.#settings = new SettingsInForce(`${storeName}.settings`, configured);
    this.#experiments = new ExperimentsInForce(`${storeName}.experiments`);
  }

  get stores(): readonly Persistent[] {
    return [this.#settings.store, this.#experiments.store];
  }

  apply(control: StageEvent<"ops.control.v1">): Outcome {
    this.#last = null;
    const isExperiment = experimentOfSetting(control.value.setting) !== null;
    return isExperiment ? this.#experiments.apply(control) : this.#settings.apply(control);
  }

  /** What is in force between two slots, where nothing is shared among arms. */
  get between(): SlotRules {
    const { config, version } = this.#settings;
    return { config, version, exposure: null };
  }

  of({ slot, trigger }: SlotIdentity): SlotRules {
    if (this.#last?.slot !== slot || this.#last.trigger !== trigger) {
      this.#last = { slot, trigger, rules: this.#rulesOf({ slot, trigger }) };
    }
    return this.#last.rules;
  }

  /**
   * The subject is the id that the run has without the experiment: its own follows from the arm that
   * is looked for.
   */
  #rulesOf({ slot, trigger }: SlotIdentity): SlotRules {
    const { config, version } = this.#settings;
    const fallback = { config, version, exposure: null };
    const experiment = config.experiments ? this.#experiments.runningAt(slot) : null;
    if (experiment === null) return fallback;
    const { strategy, profile } = config;
    const subject = runIdOf({ strategy, profile, configVersion: version, slot, trigger });
    const exposed = expose(experiment, subject);
    if (exposed === null) return fallback;
    const armed = { ...config, strategy: exposed.strategy };
    return { config: armed, version: configVersionOf(armed), exposure: exposed.exposure };
  }
}
