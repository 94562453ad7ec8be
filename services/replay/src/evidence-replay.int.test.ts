import { DEFAULT_SCORING } from "@amc/streams/scoring/config";
import { describe, expect, it } from "vitest";
import { checkEvidence } from "./evidence-replay.ts";
import { replayTopology } from "./replay-topologies.ts";
import { runInMemory } from "./run-topology.ts";
import { simulatedMarket } from "./simulated-market.ts";

/** Open enough that many of the made-up symbols are recommended. */
const OPEN = { ...DEFAULT_SCORING, profile: "proposed" } as const;

describe("evidence", () => {
  it("gives the same recommendation when only the listed facts are replayed", async () => {
    const topology = replayTopology(OPEN);
    let checked = 0;
    for (const seed of [1, 2, 3, 4, 5, 6]) {
      const facts = [
        ...simulatedMarket({ symbols: 40, warmupSessions: 105, sessions: 1, minutes: 60, seed }),
      ];
      const log = await runInMemory(facts, topology);
      for (const { symbol, problems } of await checkEvidence(facts, log, topology)) {
        expect({ seed, symbol, problems }).toEqual({ seed, symbol, problems: [] });
        checked += 1;
      }
    }
    expect(checked).toBeGreaterThanOrEqual(10);
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
