import type { Control } from "@amc/schemas/generated/events";
import { describe, expect, it } from "vitest";
import type { StageEvent } from "../kernel/stage.ts";
import { configVersionOf, DEFAULT_SCORING } from "./config.ts";
import { SETTINGS, SettingsInForce } from "./settings.ts";

function control(setting: string, value: string | null, at = 1000): StageEvent<"ops.control.v1"> {
  const record: Control = {
    setting,
    value,
    happenedAt: at,
    publishedAt: at,
    actor: "operator",
    reason: "test",
  };
  const id = `00000000-0000-8000-8000-${String(at).padStart(12, "0")}`;
  return { topic: "ops.control.v1", id, key: setting, value: record };
}

describe("settings in force", () => {
  it("are the configured ones until an operator changes them, and again when taken back", () => {
    const settings = new SettingsInForce("s", DEFAULT_SCORING);
    const configured = settings.version;
    expect(settings.apply(control("preset", "catalyst_heavy"))).toEqual({ type: "done" });
    expect(settings.config.preset).toBe("catalyst_heavy");
    expect(settings.version).not.toBe(configured);
    settings.apply(control("preset", null, 2000));
    expect(settings.config).toEqual(DEFAULT_SCORING);
    expect(settings.version).toBe(configured);
  });

  it.each([
    ["strategy", "hybrid_v1", { strategy: "hybrid_v1" }],
    ["profile", "active", { profile: "active" }],
    ["sessionOverrides", "false", { sessionOverrides: false }],
    ["discovery", "false", { slots: { ...DEFAULT_SCORING.slots, discovery: false } }],
    [
      "premarketDiscovery",
      "false",
      { slots: { ...DEFAULT_SCORING.slots, sessions: { premarket: false, afterhours: true } } },
    ],
    [
      "afterhoursDiscovery",
      "false",
      { slots: { ...DEFAULT_SCORING.slots, sessions: { premarket: true, afterhours: false } } },
    ],
  ])("%s can be set to %s", (setting, value, changed) => {
    const settings = new SettingsInForce("s", DEFAULT_SCORING);
    settings.apply(control(setting, value));
    expect(settings.config).toEqual({ ...DEFAULT_SCORING, ...changed });
  });

  it("take every value that they list or write so, and show it", () => {
    for (const [name, { values, form, of, override }] of Object.entries(SETTINGS)) {
      const written = form === undefined ? [] : ["5000000", "5000000 keep AMC,GME"];
      for (const value of [...values, ...written]) {
        const changed = override(DEFAULT_SCORING, value);
        expect(changed === null ? null : of(changed), name).toBe(value);
      }
    }
  });

  it("keep what is in force when a record makes no sense, and say so", () => {
    const settings = new SettingsInForce("s", DEFAULT_SCORING);
    const skipped = (reason: string) => ({ type: "skip", reason });
    expect(settings.apply(control("strategy", "magic"))).toEqual(skipped("control:unknown-value"));
    expect(settings.apply(control("colour", "red"))).toEqual(skipped("control:unknown-setting"));
    expect(settings.apply(control("toString", "x"))).toEqual(skipped("control:unknown-setting"));
    expect(settings.apply(control("universe", "few"))).toEqual(skipped("control:unknown-value"));
    expect(settings.apply(control("discovery", "yes"))).toEqual(skipped("control:unknown-value"));
    expect(settings.config).toEqual(DEFAULT_SCORING);
  });

  it("the newest record wins in whatever order they come", () => {
    const settings = new SettingsInForce("s", DEFAULT_SCORING);
    settings.apply(control("profile", "proposed", 2000));
    expect(settings.apply(control("profile", "active", 1000))).toEqual({
      type: "skip",
      reason: "control:superseded",
    });
    expect(settings.config.profile).toBe("proposed");
  });

  it("survive a restart", () => {
    const before = new SettingsInForce("s", DEFAULT_SCORING);
    before.apply(control("strategy", "legacy_v0"));
    const after = new SettingsInForce("s", DEFAULT_SCORING);
    for (const { key, value } of before.store.takeChanges()) {
      if (value !== null) after.store.restore(key, value);
    }
    expect(after.config).toEqual(before.config);
    expect(after.version).toBe(before.version);
  });
});

describe("the configuration version", () => {
  it("changes with every setting and with nothing else", () => {
    const versions = [
      DEFAULT_SCORING,
      { ...DEFAULT_SCORING, strategy: "hybrid_v1" as const },
      { ...DEFAULT_SCORING, profile: "active" as const },
      { ...DEFAULT_SCORING, preset: "catalyst_heavy" as const },
      { ...DEFAULT_SCORING, sessionOverrides: false },
      { ...DEFAULT_SCORING, emergencyFallback: false },
      { ...DEFAULT_SCORING, maxCandidates: 10 },
      { ...DEFAULT_SCORING, universe: { floorUsd: 1, keep: [] } },
      { ...DEFAULT_SCORING, universe: { floorUsd: 1, keep: ["GME"] } },
      { ...DEFAULT_SCORING, slots: { ...DEFAULT_SCORING.slots, everyMinutes: 5 } },
    ].map(configVersionOf);
    expect(new Set(versions).size).toBe(versions.length);
    expect(configVersionOf({ ...DEFAULT_SCORING })).toBe(versions[0]);
    expect(configVersionOf({ ...DEFAULT_SCORING, experiments: false })).toBe(versions[0]);
  });
});
