import { loadConfig } from "@amc/platform/config/load-config";
import { DAY_MS } from "@amc/streams/market/calendar-date";
import { configVersionOf, DEFAULT_SCORING } from "@amc/streams/scoring/config";
import { describe, expect, it } from "vitest";
import { CommandWords } from "./command.ts";
import { configuredScoring, scoringOf, scoringWithoutShadow } from "./scoring-options.ts";

const configured = (environment: Readonly<Record<string, string>>) =>
  configuredScoring(loadConfig(environment));

describe("what the environment says about short interest", () => {
  it("is the planning documents' when it says nothing, under the version that runs had before", () => {
    expect(configured({}).shortInterest).toEqual(DEFAULT_SCORING.shortInterest);
    expect(configVersionOf(configured({}))).toBe(configVersionOf(DEFAULT_SCORING));
  });

  it.each([
    [{ SHORT_INTEREST_QUALITY_THRESHOLD: "0.6" }, { qualityMin: 0.6 }],
    [{ SHORT_INTEREST_MAX_AGE_DAYS: "30" }, { maxAgeMs: 30 * DAY_MS }],
    [{ SHORT_INTEREST_MIN_VOLUME_FILTER: "50000" }, { averageVolumeMin: 50_000 }],
    [{ ENABLE_SHORT_INTEREST_VALIDATION: "false" }, { isValidated: false }],
  ])(
    "%j is the rule by which figures are scored, and another version of it",
    (environment, rule) => {
      const scoring = configured(environment);
      expect(scoring.shortInterest).toEqual({ ...DEFAULT_SCORING.shortInterest, ...rule });
      expect(configVersionOf(scoring)).not.toBe(configVersionOf(DEFAULT_SCORING));
    },
  );

  it("decides about alerts without another version: they score nothing", () => {
    const scoring = configured({ ALERT_ON_SHORT_INTEREST_ANOMALIES: "false" });
    expect(scoring.shortInterest.alertsOnJumps).toBe(false);
    expect(configVersionOf(scoring)).toBe(configVersionOf(DEFAULT_SCORING));
  });

  it.each([
    { SHORT_INTEREST_QUALITY_THRESHOLD: "75" },
    { SHORT_INTEREST_MAX_AGE_DAYS: "0" },
    { SHORT_INTEREST_MIN_VOLUME_FILTER: "-1" },
    { ENABLE_SHORT_INTEREST_VALIDATION: "maybe" },
  ])("%j is refused", (environment) => {
    const [name = ""] = Object.keys(environment);
    expect(() => configured(environment)).toThrow(name);
  });
});

describe("what the environment says about staleness (R-ENV-25)", () => {
  it.each([
    [{ MARKET_DATA_STALENESS_MINUTES: "60" }, { marketMs: 3_600_000 }],
    [{ OPTIONS_DATA_STALENESS_HOURS: "48" }, { optionsMs: 2 * DAY_MS }],
    [{ NEWS_DATA_STALENESS_HOURS: "12" }, { newsMs: DAY_MS / 2 }],
  ])("%j is the age by which inputs are charged, and another version", (environment, limits) => {
    const scoring = configured(environment);
    expect(scoring.staleness).toEqual({ ...DEFAULT_SCORING.staleness, ...limits });
    expect(configVersionOf(scoring)).not.toBe(configVersionOf(DEFAULT_SCORING));
  });

  it("is the planning documents' when it says nothing, under the version that runs had before", () => {
    expect(configured({}).staleness).toEqual(DEFAULT_SCORING.staleness);
  });

  it.each([
    { MARKET_DATA_STALENESS_MINUTES: "0" },
    { SHORT_INTEREST_STALENESS_HOURS: "-1" },
    { OPTIONS_DATA_STALENESS_HOURS: "a day" },
  ])("%j is refused", (environment) => {
    const [name = ""] = Object.keys(environment);
    expect(() => configured(environment)).toThrow(name);
  });
});

describe("what the environment says about a shadow strategy (R-ENV-29)", () => {
  const enabled = { SHADOW_TESTING_ENABLED: "true" };

  it.each([
    [{}, null],
    [{ SHADOW_STRATEGY: "hybrid_v1" }, null],
    [enabled, "legacy_v0"],
    [{ ...enabled, SCORING_STRATEGY: "legacy_v0" }, "unified_detectors"],
    [{ ...enabled, SHADOW_STRATEGY: "hybrid_v1" }, "hybrid_v1"],
  ])("%j makes %s the shadow, under the version that runs have without it", (given, shadow) => {
    const scoring = configured(given);
    expect(scoring.shadow).toBe(shadow);
    expect(configVersionOf(scoring)).toBe(configVersionOf({ ...scoring, shadow: null }));
  });
});

describe("what the command line says about a shadow strategy", () => {
  const enabled = { SHADOW_TESTING_ENABLED: "true" };
  const named = { ...enabled, SHADOW_STRATEGY: "hybrid_v1" };
  const asked = (environment: Readonly<Record<string, string>>, words: Record<string, string>) =>
    scoringOf(new CommandWords(words, []), loadConfig(environment));

  it.each([
    [enabled, {}, "legacy_v0"],
    [enabled, { strategy: "legacy_v0" }, "unified_detectors"],
    [enabled, { strategy: "hybrid_v1" }, "unified_detectors"],
    [{ ...enabled, SCORING_STRATEGY: "legacy_v0" }, { strategy: "unified_detectors" }, "legacy_v0"],
    [named, { strategy: "legacy_v0" }, "hybrid_v1"],
    [named, { strategy: "hybrid_v1", shadow: "legacy_v0" }, "legacy_v0"],
    [{}, { strategy: "legacy_v0" }, null],
    [{}, { shadow: "hybrid_v1" }, "hybrid_v1"],
  ])("%j with %j is shadowed by %s", (environment, words, shadow) => {
    expect(asked(environment, words).shadow).toBe(shadow);
  });

  it.each([
    [named, { strategy: "hybrid_v1" }],
    [{}, { shadow: "unified_detectors" }],
    [enabled, { strategy: "legacy_v0", shadow: "legacy_v0" }],
  ])("%j with %j names the strategy itself, which is refused", (environment, words) => {
    expect(() => asked(environment, words)).toThrow(/is (\w+) itself: name another with --shadow/);
  });

  it("is nothing to commands that compare nothing: they take any strategy", () => {
    const words = new CommandWords({ strategy: "hybrid_v1" }, []);
    expect(scoringWithoutShadow(words, loadConfig(named))).toEqual({
      ...configuredScoring(loadConfig({ SCORING_STRATEGY: "hybrid_v1" })),
      shadow: null,
    });
  });
});
