import type { Candidate, Recommendation, Run, SlotClosed } from "@amc/schemas/generated/events";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AnyEmission, AnyEvent } from "../kernel/stage.ts";
import { candidateFor, slotClosedFor } from "../testing/candidate-builder.ts";
import { TEN_O_CLOCK } from "../testing/features-builder.ts";
import { createDiscoveryStage } from "./discovery-stage.ts";

const QUARTER_MS = 15 * 60_000;
const LIMITS = { maxCandidates: 100, configuredUniverse: 20 };

function candidate(value: Candidate): AnyEvent {
  const id = `candidate-${value.symbol}-${value.slot}`;
  return { topic: "discovery.candidate.v1", id, key: value.tradingDay, value };
}

function closed(value: SlotClosed): AnyEvent {
  const id = `closed-${value.partition}-${value.slot}`;
  return { topic: "ops.slot-closed.v1", id, key: value.tradingDay, value };
}

function start(limits = LIMITS) {
  const emissions: AnyEmission[] = [];
  const stage = createDiscoveryStage(limits);
  const task = stage.init({
    partition: 0,
    partitions: 1,
    emit: (emission) => emissions.push(emission),
  });
  return { task, emissions };
}

function published(emissions: readonly AnyEmission[]) {
  const runs: Run[] = [];
  const recommendations: Recommendation[] = [];
  for (const { topic, value } of emissions.map((each) => each)) {
    if (topic === "discovery.run.v1" && "runId" in value && "candidates" in value) runs.push(value);
    if (topic === "discovery.recommendation.v1" && "thesis" in value) recommendations.push(value);
  }
  return { runs, recommendations };
}

function play(events: readonly AnyEvent[], limits = LIMITS) {
  const { task, emissions } = start(limits);
  const outcomes = events.map((event) => task.step(event));
  return { outcomes, emissions, ...published(emissions) };
}

const TWO_PARTITIONS = [
  candidate(candidateFor("BBB", { score: 0.72, confidence: 0.6 })),
  candidate(candidateFor("AAA", { score: 0.72, confidence: 0.6 })),
  candidate(candidateFor("CCC", { score: 0.72, confidence: 0.7 })),
  candidate(candidateFor("DDD", { score: 0.8, confidence: 0.45, label: "TRADE_READY" })),
  candidate(candidateFor("EEE", { score: 0.9, confidence: 0.39, listed: false })),
  closed(slotClosedFor(0, 2, 3)),
  closed(slotClosedFor(1, 2, 2)),
];

describe("a discovery run", () => {
  it("ranks by score, then confidence, then symbol, and leaves out what is not listed", () => {
    const { runs } = play(TWO_PARTITIONS);
    expect(runs).toHaveLength(1);
    expect(runs[0]?.candidates.map(({ rank, symbol }) => [rank, symbol])).toEqual([
      [1, "DDD"],
      [2, "CCC"],
      [3, "AAA"],
      [4, "BBB"],
    ]);
  });

  it("is made once every partition has closed and every candidate has come, not before", () => {
    for (const missing of TWO_PARTITIONS) {
      expect(play(TWO_PARTITIONS.filter((event) => event !== missing)).runs).toEqual([]);
    }
  });

  it("does not depend on the order in which its parts come, nor on repetitions", () => {
    const expected = play(TWO_PARTITIONS).emissions;
    const order = fc.shuffledSubarray(TWO_PARTITIONS, { minLength: TWO_PARTITIONS.length });
    fc.assert(
      fc.property(order, order, (first, second) => {
        expect(play([...first, ...second]).emissions).toEqual(expected);
      }),
    );
  });

  it("sums what the partitions counted: eliminations and passes make the universe", () => {
    const [run] = play(TWO_PARTITIONS).runs;
    expect(run).toMatchObject({ universe: 20, evaluable: 18, passed: 5, candidatesBeforeCap: 4 });
    const first = run?.eliminations.reduce((sum, each) => sum + each.first, 0) ?? 0;
    expect(first + (run?.passed ?? 0)).toBe(20);
    expect(run?.stageCounts).toEqual([
      { stage: "readiness", in: 20, out: 18 },
      { stage: "price_volume_gates", in: 18, out: 5 },
      { stage: "hard_gates", in: 20, out: 5 },
      { stage: "confidence", in: 5, out: 4 },
      { stage: "cap", in: 4, out: 4 },
    ]);
    expect(run).toMatchObject({ healthScore: 1, healthStatus: "healthy", healthMessages: [] });
  });

  it("spreads the listed candidates over ten buckets of confidence", () => {
    const buckets = play(TWO_PARTITIONS).runs[0]?.confidenceBuckets ?? [];
    expect(buckets.reduce((sum, { count }) => sum + count, 0)).toBe(4);
    expect(buckets.filter(({ count }) => count > 0)).toEqual([
      { from: 0.4, count: 1 },
      { from: 0.6, count: 2 },
      { from: 0.7, count: 1 },
    ]);
  });

  it("lists at most 100 of 150 and keeps the count before the cap", () => {
    const many = Array.from({ length: 150 }, (_, index) =>
      candidate(candidateFor(`S${index}`, { score: 0.7 + index / 1000 })),
    );
    const [run] = play([...many, closed(slotClosedFor(0, 1, 150))]).runs;
    expect(run?.candidatesBeforeCap).toBe(150);
    expect(run?.candidates).toHaveLength(100);
    expect(run?.candidates[0]?.symbol).toBe("S149");
  });

  it("is the same whether the symbols lay on one partition or on several with empty ones", () => {
    const parts = TWO_PARTITIONS.slice(0, 5);
    const one = play([...parts, closed(slotClosedFor(0, 1, 5, { universe: 20, evaluable: 18 }))]);
    const empty = { universe: 0, evaluable: 0, publishedAt: TEN_O_CLOCK + 5, eliminations: [] };
    const three = play([
      ...parts,
      closed(slotClosedFor(0, 3, 0, { ...empty, listed: 0 })),
      closed(slotClosedFor(1, 3, 5, { universe: 20, evaluable: 18 })),
      closed(slotClosedFor(2, 3, 0, { ...empty, listed: 0 })),
    ]);
    expect(three.emissions).toEqual(one.emissions);
  });

  it("says when candidates were scored by the fallback", () => {
    const events = [
      candidate(candidateFor("AAA", { strategy: "hybrid_v1" })),
      closed(slotClosedFor(0, 1, 1, { universe: 20 })),
    ];
    expect(play(events).runs[0]?.healthMessages).toEqual([
      "1 candidates scored by the fallback hybrid_v1",
    ]);
  });

  it("is made for a slot nobody was evaluated in, but not for such a daily instant", () => {
    const empty = { universe: 0, evaluable: 0, passed: 0 };
    expect(play([closed(slotClosedFor(0, 1, 0, empty))]).runs).toHaveLength(1);
    expect(play([closed(slotClosedFor(0, 1, 0, { ...empty, trigger: "DAILY" }))]).runs).toEqual([]);
  });
});

describe("recommendations", () => {
  function slotWith(index: number, known: Partial<Candidate>, day = "2021-01-13") {
    const slot = TEN_O_CLOCK + index * QUARTER_MS;
    const at = { slot, happenedAt: slot, tradingDay: day };
    return [
      candidate(candidateFor("GME", { ...known, ...at })),
      closed(slotClosedFor(0, 1, 1, at)),
    ];
  }
  const watch = { label: "WATCHLIST", score: 0.72 } as const;
  const ready = { label: "TRADE_READY", score: 0.8 } as const;
  const none = { label: "NONE", score: 0.5 } as const;

  function labels(events: readonly AnyEvent[]) {
    return play(events).recommendations.map(({ slot, previousLabel, label }) => [
      (slot - TEN_O_CLOCK) / QUARTER_MS,
      previousLabel,
      label,
    ]);
  }

  it("are issued at the first watchlist of a day and again only when the label rises", () => {
    const day = [none, watch, watch, none, ready, watch, ready].flatMap((known, index) =>
      slotWith(index, known),
    );
    expect(labels(day)).toEqual([
      [1, "NONE", "WATCHLIST"],
      [4, "WATCHLIST", "TRADE_READY"],
    ]);
  });

  it("start afresh on the next trading day, and old days are forgotten", () => {
    const { task, emissions } = start();
    const events = [...slotWith(0, watch), ...slotWith(96, watch, "2021-01-14")];
    for (const event of events) task.step(event);
    expect(published(emissions).recommendations).toHaveLength(2);
    const issued = task.stores.find(({ name }) => name === "discovery.issued");
    expect(issued?.takeChanges().map(({ key, value }) => [key, value === null])).toEqual([
      ["2021-01-13", true],
      ["2021-01-14", false],
    ]);
  });

  it("wait for an earlier slot whose candidate is still on its way", () => {
    const [earlyCandidate, earlyMarker] = slotWith(0, watch);
    const later = slotWith(1, ready);
    if (earlyCandidate === undefined || earlyMarker === undefined) throw new Error("two events");
    expect(labels([earlyMarker, ...later])).toEqual([]);
    expect(labels([earlyMarker, ...later, earlyCandidate])).toEqual([
      [0, "NONE", "WATCHLIST"],
      [1, "WATCHLIST", "TRADE_READY"],
    ]);
  });

  it("do not hang on a partition that left a slot out, and the run says so", () => {
    const slot = (index: number) => ({
      slot: TEN_O_CLOCK + index * QUARTER_MS,
      happenedAt: TEN_O_CLOCK + index * QUARTER_MS,
    });
    const { runs } = play([
      closed(slotClosedFor(0, 2, 0, slot(0))),
      closed(slotClosedFor(0, 2, 0, slot(1))),
      closed(slotClosedFor(1, 2, 0, slot(1))),
    ]);
    expect(runs.map(({ slot: at }) => at)).toEqual([TEN_O_CLOCK, TEN_O_CLOCK + QUARTER_MS]);
    expect(runs[0]?.healthMessages).toContain("1 of 2 partitions did not take part");
  });

  it("have an id of verdict and label alone, and say why in one sentence", () => {
    const alone = play(slotWith(0, watch));
    const crowded = play([
      ...slotWith(0, watch).slice(0, 1),
      candidate(candidateFor("AAA", { score: 0.9 })),
      closed(slotClosedFor(0, 1, 2)),
    ]);
    const id = (emissions: readonly AnyEmission[]) =>
      emissions.find(({ topic, key }) => topic === "discovery.recommendation.v1" && key === "GME")
        ?.id;
    expect(id(alone.emissions)).toBeDefined();
    expect(id(crowded.emissions)).toBe(id(alone.emissions));
    expect(alone.recommendations[0]?.thesis).toBe(
      "GME joins the watchlist at 10.30 USD: volume 5.4x what is usual by 10:00, " +
        "price 2.7 % above VWAP and RSI(14) at 65.",
    );
  });

  it("go on after a restart in the middle of a slot as if there had been none", () => {
    const events = [...slotWith(0, watch), ...slotWith(1, watch), ...slotWith(2, ready)];
    const expected = play(events).emissions;
    for (let cut = 0; cut <= events.length; cut += 1) {
      const before = start();
      for (const event of events.slice(0, cut)) before.task.step(event);
      const after = start();
      before.task.stores.forEach((store, index) => {
        for (const { key, value } of store.takeChanges()) {
          if (value !== null) after.task.stores[index]?.restore(key, value);
        }
      });
      for (const event of events.slice(cut)) after.task.step(event);
      expect([...before.emissions, ...after.emissions]).toEqual(expected);
    }
  });

  it("refuse a stored state of another shape", () => {
    const { task } = start();
    const [slots] = task.stores;
    const bytes = new TextEncoder().encode(
      `\u0002${JSON.stringify({ closed: [{}], candidates: [] })}`,
    );
    expect(() => slots?.restore("x", bytes)).toThrow(
      expect.objectContaining({ code: "state.unreadable" }),
    );
  });
});

describe("a run of a reduced universe", () => {
  const reduced = (leftOut: number) => ({ reduction: { floorUsd: 5e6, leftOut } });

  it("counts what every partition left out, first in its funnel, and is flagged", () => {
    const parts = [
      closed(slotClosedFor(0, 2, 0, reduced(3))),
      closed(slotClosedFor(1, 2, 0, reduced(4))),
    ];
    const [run] = play(parts).runs;
    expect(run?.universe).toBe(20);
    expect(run?.stageCounts[0]).toEqual({ stage: "universe_floor", in: 27, out: 20 });
    expect(run?.stageCounts[1]).toMatchObject({ stage: "readiness", in: 20 });
    expect(run?.healthMessages).toContain(
      "universe reduced: 7 of 27 symbols left out below 5000000 USD a day",
    );
    expect(run?.healthStatus).toBe("warning");
  });

  it("is told at a daily instant that left out every symbol, and not where nobody was asked", () => {
    const daily = { trigger: "DAILY", universe: 0, evaluable: 0, eliminations: [] } as const;
    const dailyRuns = (leftOut: number) =>
      play([closed(slotClosedFor(0, 1, 0, { ...daily, ...reduced(leftOut) }))]).runs;
    expect(dailyRuns(2)).toHaveLength(1);
    expect(dailyRuns(0)).toEqual([]);
  });

  it("leaves no trace in a run that evaluated every symbol", () => {
    const [run] = play([closed(slotClosedFor(0, 1, 0))]).runs;
    expect(run?.stageCounts.map(({ stage }) => stage)).not.toContain("universe_floor");
    expect(run?.healthMessages.join()).not.toContain("universe reduced");
  });
});
