import { DEFAULT_SCORING } from "@amc/streams/scoring/config";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EXIT } from "../exit-codes.ts";
import { jsonLines, runCommand } from "../testing/run-command.ts";
import { TestDirectory, writeBuiltInSystem } from "../testing/simulated-system.ts";

const directory = new TestDirectory();
const shadowed = directory.at("shadowed");
const without = directory.at("without");
const SCORING = { ...DEFAULT_SCORING, profile: "active" } as const;

beforeAll(async () => {
  await writeBuiltInSystem(shadowed, { ...SCORING, shadow: "legacy_v0" });
  await writeBuiltInSystem(without, SCORING);
});
afterAll(() => directory.dispose());

const PARTITIONS = 4;
const BUILT_IN = [
  ...["replay", "--recording", "built-in", "--profile", "active"],
  ...["--partitions", String(PARTITIONS)],
];

function leavingOut(line: Readonly<Record<string, unknown>>, name: string) {
  return Object.fromEntries(Object.entries(line).filter(([field]) => field !== name));
}

/** What the built-in case comes to; four of its five slots list GME, and only GME has a float. */
const TOTAL = {
  ...{ strategy: "unified_detectors", shadowStrategy: "legacy_v0", profile: "active", runs: 5 },
  overlap: { share: 1, runs: 4, reached: 4, unknown: { "baseline-listed-nothing": 1 } },
  coverage: { share: 1 / 3, runs: 5, reached: 0, unknown: {} },
  ...{ evaluated: 15, shadowFailed: 0, simulated: false },
};

describe("amc shadow", () => {
  it("tells each comparison of a log, and overlap and coverage over all of them", async () => {
    const result = await runCommand(["shadow", "--data-dir", shadowed, "--json"]);
    expect(result.exitCode, result.stderr).toBe(EXIT.ok);
    const lines = jsonLines(result);
    expect(lines.map(({ type }) => type)).toEqual([
      ...Array.from({ length: 5 }, () => "shadow-run"),
      "shadow-total",
    ]);
    expect(lines.at(-1)).toEqual({ type: "shadow-total", ...TOTAL });
    expect(lines[1]).toMatchObject({
      ...{ slot: "2021-01-13T14:45:00.000Z", overlap: 1, inBoth: 1, coverageReached: false },
      candidates: [{ symbol: "GME", label: "TRADE_READY" }],
      shadowCandidates: [{ symbol: "GME", label: "NONE" }],
    });
    expect(lines[0]).toMatchObject({ overlap: null, overlapReason: "baseline-listed-nothing" });
  });

  it("tells people of the slots that found something", async () => {
    const day = ["--from", "2021-01-13T10:00", "--to", "2021-01-13T10:15"];
    const { stdout } = await runCommand(["shadow", "--data-dir", shadowed, ...day]);
    expect(stdout.split("\n")).toEqual([
      "2021-01-13 10:00 ET  unified_detectors: GME; legacy_v0: GME; overlap 1.00, coverage 0.33",
      "2021-01-13 10:15 ET  unified_detectors: GME; legacy_v0: GME; overlap 1.00, coverage 0.33",
      "shadow legacy_v0 beside unified_detectors (active): 2 runs compared; overlap 1.00, at least 0.75 in 2 of 2 runs; coverage 0.33, at least 0.9 in 0 of 2 runs",
      "",
    ]);
  });

  it("says what to set where no run is compared", async () => {
    const { exitCode, stdout, stderr } = await runCommand(["shadow", "--data-dir", without]);
    expect([exitCode, stdout]).toEqual([EXIT.ok, ""]);
    expect(stderr).toContain("SHADOW_TESTING_ENABLED=true");
  });
});

describe("amc replay with a shadow strategy", () => {
  const told = (result: Awaited<ReturnType<typeof runCommand>>) =>
    jsonLines(result)
      .filter(({ type }) => type !== "progress")
      .map((line) => leavingOut(line, "elapsedMs"));

  it("tells what it tells without one, and the comparison beside it (R-ENV-29)", async () => {
    const plain = told(await runCommand([...BUILT_IN, "--json"]));
    const option = await runCommand([...BUILT_IN, "--shadow", "legacy_v0", "--json"]);
    const variable = await runCommand([...BUILT_IN, "--json"], { SHADOW_TESTING_ENABLED: "true" });
    for (const compared of [told(option), told(variable)]) {
      const others = compared
        .filter(({ type }) => type !== "shadow-run")
        .map((line) => leavingOut(line, "shadow"))
        .map(({ applied, ...line }) => ({
          ...line,
          // What each partition told of each of the five runs has been read too.
          ...(typeof applied === "number" ? { applied: applied - 5 * PARTITIONS } : {}),
        }));
      expect(others).toEqual(plain);
      expect(compared.filter(({ type }) => type === "shadow-run")).toHaveLength(5);
      expect(compared.at(-1)?.shadow).toEqual([TOTAL]);
    }
  });

  it("is the other arm of the strategy that the command line names, and nothing to what compares nothing", async () => {
    const words = ["--recording", "built-in", "--strategy", "legacy_v0", "--json"];
    const environment = { SHADOW_TESTING_ENABLED: "true" };
    const replayed = await runCommand(["replay", ...words], environment);
    expect(replayed.exitCode, replayed.stderr).toBe(EXIT.ok);
    const pairs = jsonLines(replayed).filter(({ type }) => type === "shadow-run");
    expect(pairs).toHaveLength(5);
    for (const pair of pairs) {
      expect(pair).toMatchObject({ strategy: "legacy_v0", shadowStrategy: "unified_detectors" });
    }
    const at = ["--symbol", "GME", "--at", "2021-01-13T10:15"];
    const named = { ...environment, SHADOW_STRATEGY: "legacy_v0" };
    const inspected = await runCommand(["inspect", ...at, ...words], named);
    expect(inspected.exitCode, inspected.stderr).toBe(EXIT.ok);
  });

  it("refuses to compare a strategy with itself, and one that it does not know", async () => {
    const itself = await runCommand([...BUILT_IN, "--shadow", "unified_detectors"]);
    expect([itself.exitCode, itself.stderr]).toEqual([
      EXIT.usage,
      expect.stringContaining("the shadow strategy is unified_detectors itself"),
    ]);
    const unknown = await runCommand([...BUILT_IN, "--shadow", "tarot"]);
    expect([unknown.exitCode, unknown.stderr]).toEqual([
      EXIT.usage,
      expect.stringContaining("--shadow takes one of these"),
    ]);
  });

  it("derives from the facts of a shadowed log the comparisons that it holds", async () => {
    const words = ["replay", "--data-dir", shadowed, "--profile", "active", "--compare", "--json"];
    const same = await runCommand([...words, "--shadow", "legacy_v0"]);
    expect(same.exitCode, same.stdout + same.stderr).toBe(EXIT.ok);
    const all = jsonLines(same).filter(({ type }) => type === "comparison");
    expect(all.map(({ isEqual }) => isEqual)).toEqual(all.map(() => true));
    const other = await runCommand([...words, "--shadow", "hybrid_v1"]);
    expect(other.exitCode).toBe(EXIT.failed);
    const unequal = jsonLines(other).filter(({ isEqual }) => isEqual === false);
    expect(unequal.map(({ topic }) => topic)).toEqual(["discovery.shadow-run.v1"]);
  });

  it("compares all but the comparisons where it has no shadow, and says so", async () => {
    const words = ["replay", "--data-dir", shadowed, "--profile", "active", "--compare"];
    const json = await runCommand([...words, "--json"]);
    expect(json.exitCode, json.stdout + json.stderr).toBe(EXIT.ok);
    const compared = jsonLines(json).filter(({ type }) => type === "comparison");
    expect(compared.filter(({ isEqual }) => isEqual !== true)).toMatchObject([
      {
        ...{ topic: "discovery.shadow-run.v1", isEqual: null, reason: "no-shadow-strategy" },
        ...{ live: { records: 5 }, replayed: { records: 0 } },
      },
    ]);
    const { stdout } = await runCommand(words);
    expect(stdout).toContain("  left out discovery.shadow-run.v1: 5 live; --shadow replays them");
    const differing = await runCommand([...words, "--preset", "catalyst_heavy"]);
    expect(differing.exitCode).toBe(EXIT.failed);
  });
});
