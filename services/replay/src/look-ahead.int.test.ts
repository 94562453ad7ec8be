import { decodeEvent } from "@amc/schemas/codec";
import { FACT_TOPICS } from "@amc/schemas/topics";
import { DETECTOR_NAMES } from "@amc/streams/detectors/detector";
import { technicals } from "@amc/streams/detectors/technicals/detect";
import { GATE_NAMES } from "@amc/streams/gates/hard-gates";
import type { Subtopology } from "@amc/streams/kernel/stage";
import { DEFAULT_SCORING } from "@amc/streams/scoring/config";
import { STRATEGIES } from "@amc/streams/scoring/strategies/registry";
import { STRATEGY_NAMES } from "@amc/streams/scoring/strategies/strategy";
import { describe, expect, it } from "vitest";
import { recordsOf } from "./log-digests.ts";
import { findLookAhead } from "./look-ahead.ts";
import { replayTopology, withDetector, withGate, withStrategy } from "./replay-topologies.ts";
import { rewriteAfter } from "./rewritten-future.ts";
import { runInMemory } from "./run-topology.ts";
import { simulatedMarket } from "./simulated-market.ts";
import type { FactSlice, SliceFactAppend } from "./slices.ts";
import { eventful } from "./testing/eventful-market.ts";

const BARS = { symbols: 30, warmupSessions: 105, sessions: 1, minutes: 60, seed: 5 };
/** Facts of every topic, so that no detector is silent and every topic has a future to be rewritten. */
const FACTS: readonly FactSlice[] = eventful(simulatedMarket(BARS), 5);
/** An instant of the running session with slots before and after it. */
const T = FACTS.at(-25)?.atMs ?? 0;
const SCORING = { ...DEFAULT_SCORING, profile: "proposed" } as const;
/** Answers up to T that make a comparison worth something; there are some 90 evaluations. */
const ANSWERS_MIN = 30;

function factsOn(side: "before" | "after", facts: readonly FactSlice[] = FACTS): SliceFactAppend[] {
  const all = facts.flatMap((slice) => slice.facts);
  return all.filter(({ publishedAt }) => publishedAt > T === (side === "after"));
}

/** What a fact says, whoever says it. */
function figuresOf({ topic, append }: SliceFactAppend): string {
  const decoded = append.value === null ? null : decodeEvent(topic, append.value);
  if (decoded?.ok !== true) throw new TypeError(`a fact of ${topic} cannot be read`);
  return JSON.stringify(decoded.value, (field, value: unknown) =>
    field === "source" || field === "confidence" ? undefined : value,
  );
}

const idOf = ({ append }: SliceFactAppend) => append.headers.ce_id;

/** Mean of all closes that are published after T: nobody can know it at T. */
function futureCloses(facts: readonly FactSlice[]): number {
  const closes = factsOn("after", facts).flatMap(({ topic, append }) => {
    if (topic !== "market.price-tick.v1" || append.value === null) return [];
    const decoded = decodeEvent(topic, append.value);
    return decoded.ok ? [decoded.value.close] : [];
  });
  return closes.reduce((sum, close) => sum + close, 0) / closes.length;
}

/** Judges that are caught when something knows the mean of the closes after T. */
async function caught(plant: (future: number) => readonly Subtopology[]): Promise<string[]> {
  const findings = await findLookAhead(FACTS, T, (facts) => plant(futureCloses(facts)));
  return findings.filter(({ changed }) => changed > 0).map(({ judge }) => judge);
}

describe("look-ahead", () => {
  it.each(STRATEGY_NAMES)(
    "finds that no detector, gate or scorer changes when every later fact does: %s",
    async (strategy) => {
      const topology = replayTopology({ ...SCORING, strategy });
      const findings = await findLookAhead(FACTS, T, () => topology);
      expect(findings.filter(({ changed }) => changed > 0)).toEqual([]);
      const answers = new Map(findings.map(({ judge, answers: given }) => [judge, given]));
      const judges = [
        ...DETECTOR_NAMES.map((name) => `detector ${name}`),
        `scorer ${strategy}`,
        ...GATE_NAMES.map((name) => `gate ${name}`),
      ];
      const silent = judges.filter((judge) => (answers.get(judge) ?? 0) < ANSWERS_MIN);
      expect(silent).toEqual([]);
    },
  );

  it("really changes the future it compares with, in every topic of facts", async () => {
    const rewritten = rewriteAfter(FACTS, T, 1);
    expect(factsOn("before", rewritten)).toEqual(factsOn("before"));
    for (const topic of FACT_TOPICS) {
      const told = (side: "before" | "after", facts = FACTS) =>
        factsOn(side, facts).filter((fact) => fact.topic === topic);
      const [real, other] = [told("after"), told("after", rewritten)];
      expect({ topic, before: told("before").length > 2 }).toEqual({ topic, before: true });
      expect({ topic, after: other.length > 2 }).toEqual({ topic, after: true });
      for (const said of [figuresOf, idOf]) {
        const was = new Set(real.map(said));
        expect(other.filter((fact) => was.has(said(fact)))).toEqual([]);
      }
    }
    const log = await runInMemory(rewritten, replayTopology(SCORING));
    for (const topic of FACT_TOPICS) {
      for await (const refused of recordsOf(log, `${topic}.dlq`)) expect(refused).toBeNull();
    }
  });

  it("catches a planted detector that reads tomorrow's prices (control)", async () => {
    const judges = await caught((future) =>
      withDetector(replayTopology(SCORING), {
        ...technicals,
        detect: (features, staleness) => ({
          ...technicals.detect(features, staleness),
          score: Math.min(1, future / 100),
        }),
      }),
    );
    expect(judges).toContain("detector technicals");
    expect(judges).not.toContain("detector squeeze");
  });

  it("catches a planted gate that reads tomorrow's prices (control)", async () => {
    const judges = await caught((future) =>
      withGate(replayTopology(SCORING), (result) =>
        result.gate === "min_relvol_30" ? { ...result, margin: future } : result,
      ),
    );
    expect(judges.filter((judge) => judge.startsWith("gate "))).toEqual(["gate min_relvol_30"]);
    expect(judges.filter((judge) => /^(detector|scorer) /.test(judge))).toEqual([]);
  });

  it("catches a planted scorer that reads tomorrow's prices (control)", async () => {
    const honest = STRATEGIES.unified_detectors;
    const judges = await caught((future) =>
      withStrategy(replayTopology(SCORING), SCORING, {
        ...honest,
        evaluate: (input) => ({ ...honest.evaluate(input), score: Math.min(1, future / 100) }),
      }),
    );
    expect(judges).toContain("scorer unified_detectors");
    expect(judges.filter((judge) => /^(detector|gate) /.test(judge))).toEqual([]);
  });
});
