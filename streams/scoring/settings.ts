import type { Control } from "@amc/schemas/generated/events";
import { experimentOfSetting } from "../experiments/setting-name.ts";
import { isProfileName, PROFILE_NAMES } from "../gates/profiles.ts";
import { isNumber, isText, nullOr, recordOf } from "../kernel/json-shape.ts";
import { KeyedStore } from "../kernel/keyed-store.ts";
import { DONE, type Outcome, type StageEvent, skip } from "../kernel/stage.ts";
import { jsonCodec } from "../kernel/state-codec.ts";
import { periodOfSetting } from "../short-interest/schedule-override.ts";
import { parseUniverse, UNIVERSE_FORM, universeText } from "../universe/universe.ts";
import { configVersionOf, type ScoringConfig } from "./config.ts";
import { isPresetName, PRESET_NAMES } from "./presets.ts";
import { isStrategyName, STRATEGY_NAMES } from "./strategies/strategy.ts";

/** The newest operator record of one setting. */
interface SettingRecord {
  /** null returns to the configured value. */
  readonly value: string | null;
  readonly publishedAt: number;
  readonly id: string;
}

const SETTING_FORMAT = 1;
const isSettingRecord = recordOf<SettingRecord>({
  value: nullOr(isText),
  publishedAt: isNumber,
  id: isText,
});

/** What operators may change while the system runs. */
export interface Setting {
  /** Every value it can have, as text, but for those of a `form`. */
  readonly values: readonly string[];
  /** How further values are written, for people. */
  readonly form?: string;
  /** Its value in a configuration. */
  readonly of: (config: ScoringConfig) => string;
  /** The configuration with another value; null when the setting cannot have it. */
  readonly override: (config: ScoringConfig, value: string) => ScoringConfig | null;
}

export const SETTINGS: Readonly<Record<string, Setting>> = {
  strategy: {
    values: STRATEGY_NAMES,
    of: ({ strategy }) => strategy,
    override: (config, strategy) => (isStrategyName(strategy) ? { ...config, strategy } : null),
  },
  profile: {
    values: PROFILE_NAMES,
    of: ({ profile }) => profile,
    override: (config, profile) => (isProfileName(profile) ? { ...config, profile } : null),
  },
  preset: {
    values: PRESET_NAMES,
    of: ({ preset }) => preset,
    override: (config, preset) => (isPresetName(preset) ? { ...config, preset } : null),
  },
  sessionOverrides: onOff(
    ({ sessionOverrides }) => sessionOverrides,
    (config, sessionOverrides) => ({ ...config, sessionOverrides }),
  ),
  experiments: onOff(
    ({ experiments }) => experiments,
    (config, experiments) => ({ ...config, experiments }),
  ),
  discovery: onOff(
    ({ slots }) => slots.discovery,
    (config, discovery) => ({ ...config, slots: { ...config.slots, discovery } }),
  ),
  premarketDiscovery: onOff(
    ({ slots }) => slots.sessions.premarket,
    (config, premarket) => withSessions(config, { premarket }),
  ),
  afterhoursDiscovery: onOff(
    ({ slots }) => slots.sessions.afterhours,
    (config, afterhours) => withSessions(config, { afterhours }),
  ),
  universe: {
    values: ["all"],
    form: UNIVERSE_FORM,
    of: ({ universe }) => universeText(universe),
    override: (config, value) => {
      const universe = parseUniverse(value);
      return universe === null ? null : { ...config, universe };
    },
  },
};

/** The configuration with what operators have changed since, out of `ops.control.v1`. */
export class SettingsInForce {
  readonly store: KeyedStore<SettingRecord>;
  readonly #configured: ScoringConfig;
  /** Computed at the first question after a change; a restored store is read at the first of all. */
  #current: { readonly config: ScoringConfig; readonly version: string } | null = null;

  constructor(storeName: string, configured: ScoringConfig) {
    this.store = new KeyedStore(storeName, jsonCodec(SETTING_FORMAT, isSettingRecord));
    this.#configured = configured;
  }

  get config(): ScoringConfig {
    return this.#inForce().config;
  }

  /** `configVersionOf` the configuration in force. */
  get version(): string {
    return this.#inForce().version;
  }

  /** The newest record by publication wins, in whatever order they come. */
  apply({ id, value: control }: StageEvent<"ops.control.v1">): Outcome {
    if (experimentOfSetting(control.setting) !== null) return skip("control:experiment");
    if (periodOfSetting(control.setting) !== null) return skip("control:finra-schedule");
    const setting = Object.hasOwn(SETTINGS, control.setting)
      ? SETTINGS[control.setting]
      : undefined;
    if (setting === undefined) return skip("control:unknown-setting");
    if (control.value !== null && setting.override(this.#configured, control.value) === null) {
      return skip("control:unknown-value");
    }
    const known = this.store.get(control.setting);
    if (known !== undefined && !isNewer(control, id, known)) return skip("control:superseded");
    const { value, publishedAt } = control;
    this.store.set(control.setting, { value, publishedAt, id });
    this.#current = null;
    return DONE;
  }

  #inForce(): { readonly config: ScoringConfig; readonly version: string } {
    if (this.#current === null) {
      let config = this.#configured;
      for (const [name, setting] of Object.entries(SETTINGS)) {
        const value = this.store.get(name)?.value ?? null;
        if (value !== null) config = setting.override(config, value) ?? config;
      }
      this.#current = { config, version: configVersionOf(config) };
    }
    return this.#current;
  }
}

function isNewer(control: Control, id: string, known: SettingRecord): boolean {
  if (control.publishedAt !== known.publishedAt) return control.publishedAt > known.publishedAt;
  return id > known.id;
}

function onOff(
  isOn: (config: ScoringConfig) => boolean,
  change: (config: ScoringConfig, on: boolean) => ScoringConfig,
): Setting {
  const values = ["true", "false"];
  return {
    values,
    of: (config) => String(isOn(config)),
    override: (config, value) => (values.includes(value) ? change(config, value === "true") : null),
  };
}

function withSessions(
  config: ScoringConfig,
  changed: Partial<ScoringConfig["slots"]["sessions"]>,
): ScoringConfig {
  const { slots } = config;
  return { ...config, slots: { ...slots, sessions: { ...slots.sessions, ...changed } } };
}
