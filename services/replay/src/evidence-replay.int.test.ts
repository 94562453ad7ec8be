import type { Log } from "@amc/platform/log/port";
import { decodeRecord } from "@amc/platform/runtime/decode-record";
import { INPUT_ROLES } from "@amc/streams/features/used-facts";
import { DEFAULT_SCORING } from "@amc/streams/scoring/config";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkEvidence } from "./evidence-replay.ts";
import { recordsOf } from "./log-digests.ts";
import { replayTopology } from "./replay-topologies.ts";
import { runInMemory } from "./run-topology.ts";
import { simulatedMarket } from "./simulated-market.ts";
import type { FactSlice, SliceFactAppend } from "./slices.ts";
import { eventful } from "./testing/eventful-market.ts";
import { withOptionSnapshots } from "./testing/option-snapshots.ts";

/** Open enough that many of the made-up symbols are recommended. */
const OPEN = { ...DEFAULT_SCORING, profile: "proposed" } as const;

/** The symbols that wake up on the last day, one of four, and are likely to be recommended. */
function* onlyAwake(slices: Iterable<FactSlice>): Generator<FactSlice> {
  const awake = ({ append }: SliceFactAppend): boolean => Number(append.key?.slice(3)) % 4 === 0;
  for (const slice of slices) yield { ...slice, facts: slice.facts.filter(awake) };
}

/** Days in the volatility history behind each recommendation with an IV percentile, by its id. */
async function volatilityHistories(log: Log): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for await (const record of recordsOf(log, "signals.features.v1")) {
    const decoded = decodeRecord(record, false);
    if (!decoded.ok || decoded.event.topic !== "signals.features.v1") continue;
    const { inputs, ivPercentile } = decoded.event.value;
    const history = inputs.find(({ role }) => role === "volatilityHistory");
    if (history !== undefined && ivPercentile !== null) counts.set(decoded.event.id, history.count);
  }
  const byRecommendation = new Map<string, number>();
  for await (const record of recordsOf(log, "discovery.recommendation.v1")) {
    const decoded = decodeRecord(record, false);
    if (!decoded.ok || decoded.event.topic !== "discovery.recommendation.v1") continue;
    const count = counts.get(decoded.event.value.featuresId);
    if (count !== undefined) byRecommendation.set(decoded.event.id, count);
  }
  return byRecommendation;
}

describe("evidence", () => {
  // A property of every seed; what fast-check reports is the seed of the market that broke it.
  it("gives the same recommendation when only the listed facts are replayed", async () => {
    // The profile that lets most through: some six recommendations a market.
    const topology = replayTopology({ ...DEFAULT_SCORING, profile: "active" });
    const roles = new Map<string, number>();
    let checked = 0;
    const market = { symbols: 160, warmupSessions: 105, sessions: 1, minutes: 60 };
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 1_000_000 }), async (seed) => {
        const facts = eventful(onlyAwake(simulatedMarket({ ...market, seed })), seed);
        const log = await runInMemory(facts, topology);
        for (const { symbol, problems, inputs } of await checkEvidence(facts, log, topology)) {
          expect({ seed, symbol, problems }).toEqual({ seed, symbol, problems: [] });
          for (const role of inputs) roles.set(role, (roles.get(role) ?? 0) + 1);
          checked += 1;
        }
      }),
      { numRuns: 10, seed: 3 },
    );
    expect(checked).toBeGreaterThanOrEqual(40);
    expect(INPUT_ROLES.filter((role) => (roles.get(role) ?? 0) < 3)).toEqual([]);
  }, 240_000);

  it("says so when a headline with a polarity is not there (control)", async () => {
    const topology = replayTopology(OPEN);
    const market = { symbols: 160, warmupSessions: 105, sessions: 1, minutes: 60, seed: 1 };
    const facts = eventful(onlyAwake(simulatedMarket(market)), 1);
    const log = await runInMemory(facts, topology);
    const crippled = facts.map((slice) => ({
      ...slice,
      facts: slice.facts.filter(({ topic }) => topic !== "market.news.v1"),
    }));
    const checks = await checkEvidence(crippled, log, topology);
    const withNews = checks.filter(({ inputs }) => inputs.includes("news"));
    expect(withNews.length).toBeGreaterThan(0);
    for (const { problems } of withNews) {
      expect(problems.join("; ")).toMatch(/news: \d+ facts are listed, 0 found/);
    }
  });

  it("covers the days of option snapshots that an IV percentile is ranked in", async () => {
    const topology = replayTopology(OPEN);
    let checked = 0;
    for (const seed of [1, 2, 3, 4]) {
      const market = { symbols: 40, warmupSessions: 105, sessions: 1, minutes: 60, seed };
      const facts = [...withOptionSnapshots(simulatedMarket(market))];
      const log = await runInMemory(facts, topology);
      const histories = await volatilityHistories(log);
      for (const { recommendationId, symbol, problems } of await checkEvidence(
        facts,
        log,
        topology,
      )) {
        expect({ seed, symbol, problems }).toEqual({ seed, symbol, problems: [] });
        expect(histories.get(recommendationId)).toBe(105);
        checked += 1;
      }
    }
    expect(checked).toBeGreaterThanOrEqual(5);
  });

  it("says so when a day of the volatility history is not there (control)", async () => {
    const topology = replayTopology(OPEN);
    const market = { symbols: 40, warmupSessions: 105, sessions: 1, minutes: 60, seed: 1 };
    const facts = [...withOptionSnapshots(simulatedMarket(market))];
    const log = await runInMemory(facts, topology);
    const crippled = facts.map((slice, index) => ({
      ...slice,
      facts: slice.facts.filter(({ topic }) => index !== 50 || topic !== "market.options.v1"),
    }));
    const checks = await checkEvidence(crippled, log, topology);
    expect(checks.length).toBeGreaterThan(0);
    for (const { problems } of checks) {
      expect(problems.join("; ")).toContain("volatilityHistory: the hash does not fit the facts");
    }
  });

  it("says so when a listed fact is not there (control)", async () => {
    const topology = replayTopology(OPEN);
    const facts = [
      ...simulatedMarket({ symbols: 40, warmupSessions: 105, sessions: 1, minutes: 60, seed: 2 }),
    ];
    const log = await runInMemory(facts, topology);
    const crippled = facts.map((slice) => ({
      ...slice,
      facts: slice.facts.filter(({ topic }) => topic !== "short.interest.v1"),
    }));
    const checks = await checkEvidence(crippled, log, topology);
    expect(checks.length).toBeGreaterThan(0);
    for (const { problems } of checks) {
      expect(problems.join("; ")).toContain("shortInterest: 1 facts are listed, 0 found");
    }
  });
});
