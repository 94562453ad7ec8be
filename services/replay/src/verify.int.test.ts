import { createMemoryLog } from "@amc/platform/log/memory";
import { systemLayout } from "@amc/platform/runtime/layout";
import { technicals } from "@amc/streams/detectors/technicals/detect";
import { describe, expect, it, vi } from "vitest";
import { disorderly } from "./disorderly-market.ts";
import { recordsOf } from "./log-digests.ts";
import { replayTopology, withDetector } from "./replay-topologies.ts";
import { runInMemory } from "./run-topology.ts";
import { simulatedMarket } from "./simulated-market.ts";
import { verifyDeterminism } from "./verify.ts";
import { WAYS } from "./verify-ways.ts";

// Eleven ways of processing the same market, on a machine that may have other work.
vi.setConfig({ testTimeout: 240_000 });

const market = (symbols: number) => [
  ...simulatedMarket({ symbols, warmupSessions: 105, sessions: 1, minutes: 35, seed: 11 }),
];

/** The same log for each who opens it, as on a cluster. */
const MEMORY = {
  makeStore: async (partitions: number) => {
    const log = createMemoryLog(systemLayout(partitions), () => 0);
    return { open: async () => log, remove: async () => undefined };
  },
};

describe("determinism", () => {
  it("gives equal digests for 200 simulated symbols in every way of processing them", async () => {
    const result = await verifyDeterminism(market(200), replayTopology());
    expect(result.variants.map(({ name, differences }) => [name, differences])).toEqual(
      result.variants.map(({ name }) => [name, []]),
    );
    expect(result.ok).toBe(true);
    expect(result.records["signals.verdict.v1"]).toBeGreaterThan(400);
    expect(result.records["discovery.run.v1"]).toBeGreaterThan(2);
  });

  it("does so on a day of late facts, copies, conflicts, embargoes, a split, halts and a new profile", async () => {
    const facts = disorderly(market(40), 5);
    const result = await verifyDeterminism(facts, replayTopology());
    expect(result.variants.map(({ name, differences }) => [name, differences])).toEqual(
      result.variants.map(({ name }) => [name, []]),
    );
    const log = await runInMemory(facts, replayTopology());
    const reasons = new Map<string, number>();
    for await (const { headers } of recordsOf(log, "market.price-tick.v1.dlq")) {
      const code = headers["dlq-code"] ?? "";
      reasons.set(code, (reasons.get(code) ?? 0) + 1);
    }
    expect(reasons.get("id.conflict")).toBeGreaterThan(5);
    expect(result.digests).not.toEqual(
      (await verifyDeterminism(market(40), replayTopology())).digests,
    );
  });

  it("names the table that two projectors fill in another way than one of the file log (control)", async () => {
    const file = WAYS.find(({ projectors }) => projectors === 1);
    if (file === undefined) throw new Error("no way of one process fills tables");
    const moreWays = [{ ...file, ...MEMORY, name: "two projectors", projectors: 2 }];
    const result = await verifyDeterminism(market(4), replayTopology(), {
      moreWays,
      tablesOf: async (logs) => ({ runs: "same", verdicts: `by ${logs.length}` }),
    });
    expect(result.ok).toBe(false);
    expect(result.variants.filter(({ readModel }) => readModel !== null)).toMatchObject([
      { ok: true, readModel: { projectors: 1, tables: { runs: "same", verdicts: "by 1" } } },
      { ok: false, differences: ["table verdicts: differs from that of the file log"] },
    ]);
  });

  it("catches a detector that depends on what else its process has seen (control)", async () => {
    let calls = 0;
    const counting = {
      ...technicals,
      detect: (...asked: Parameters<typeof technicals.detect>) => {
        calls += 1;
        return { ...technicals.detect(...asked), confidence: (calls % 1000) / 1000 };
      },
    };
    const result = await verifyDeterminism(market(12), withDetector(replayTopology(), counting));
    expect(result.ok).toBe(false);
    const broken = result.variants.filter(({ ok }) => !ok).map(({ name }) => name);
    expect(broken).toContain("memory, 12 partitions");
  });
});
