import type { Control } from "@amc/schemas/generated/events";
import { isProfileName } from "../gates/profiles.ts";
import { isNumber, isText, nullOr, parseAs, recordOf } from "../kernel/json-shape.ts";
import { jsonCodec, KeyedStore } from "../kernel/keyed-store.ts";
import { DONE, type Outcome, type StageEvent, skip } from "../kernel/stage.ts";
import { configVersionOf, type ScoringConfig } from "./config.ts";
import { isPresetName } from "./presets.ts";
import { isStrategyName } from "./strategies/strategy.ts";

/** The newest operator record of one setting. */
interface SettingRecord {
  /** null returns to the configured value. */
  readonly value: string | null;
  readonly publishedAt: number;
  readonly id: string;
}

const isSettingRecord = recordOf<SettingRecord>({
  value: nullOr(isText),
  publishedAt: isNumber,
  id: isText,
});

/** null when the value is none that the setting can have. */
type Override = (config: ScoringConfig, value: string) => ScoringConfig | null;

const OVERRIDES: Readonly<Record<string, Override>> = {
  strategy: (config, strategy) => (isStrategyName(strategy) ? { ...config, strategy } : null),
  profile: (config, profile) => (isProfileName(profile) ? { ...config, profile } : null),
  preset: (config, preset) => (isPresetName(preset) ? { ...config, preset } : null),
  sessionOverrides: (config, value) =>
    onOff(value, (sessionOverrides) => ({ ...config, sessionOverrides })),
  discovery: (config, value) =>
    onOff(value, (discovery) => ({ ...config, slots: { ...config.slots, discovery } })),
  premarketDiscovery: (config, value) =>
    onOff(value, (premarket) => withSessions(config, { premarket })),
  afterhoursDiscovery: (config, value) =>
    onOff(value, (afterhours) => withSessions(config, { afterhours })),
};

/** The configuration with what operators have changed since, out of `ops.control.v1`. */
export class SettingsInForce {
  readonly store: KeyedStore<SettingRecord>;
  readonly #configured: ScoringConfig;
  /** Computed at the first question after a change; a restored store is read at the first of all. */
  #current: { readonly config: ScoringConfig; readonly version: string } | null = null;

  constructor(storeName: string, configured: ScoringConfig) {
    this.store = new KeyedStore(storeName, jsonCodec(parseAs(storeName, isSettingRecord)));
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
    const override = OVERRIDES[control.setting];
    if (override === undefined) return skip("control:unknown-setting");
    if (control.value !== null && override(this.#configured, control.value) === null) {
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
      for (const setting of Object.keys(OVERRIDES)) {
        const value = this.store.get(setting)?.value ?? null;
        if (value !== null) config = OVERRIDES[setting]?.(config, value) ?? config;
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

function onOff(value: string, change: (on: boolean) => ScoringConfig): ScoringConfig | null {
  if (value !== "true" && value !== "false") return null;
  return change(value === "true");
}

function withSessions(
  config: ScoringConfig,
  changed: Partial<ScoringConfig["slots"]["sessions"]>,
): ScoringConfig {
  const { slots } = config;
  return { ...config, slots: { ...slots, sessions: { ...slots.sessions, ...changed } } };
}
