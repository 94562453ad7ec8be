import type { Detection, Features, Verdict } from "@amc/schemas/generated/events";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DETECTORS } from "../detectors/registry.ts";
import { uuidOf } from "../kernel/ids.ts";
import type { AnyEmission, AnyEvent } from "../kernel/stage.ts";
import { Task } from "../kernel/task.ts";
import { DAY_MS } from "../market/calendar-date.ts";
import {
  arbitraryRecord,
  marketOf,
  type SymbolMarket,
} from "../testing/arbitrary-symbol-market.ts";
import { problemsOfReasons } from "../testing/missing-preconditions.ts";
import { createTopology, DEFAULT_TOPOLOGY } from "../topology/topology.ts";
import { MISSING_REASONS } from "./missing-values.ts";

/** A fixed seed, because the test counts what the markets hold. */
const MARKETS = { seed: 7, numRuns: 400 };
const [SIGNALS] = createTopology({ ...DEFAULT_TOPOLOGY, failFast: true });

function tick(happenedAt: number, discovery: boolean): AnyEvent {
  const value = { happenedAt, cuts: [], discovery, source: "test" };
  return { topic: "ops.clock.v1", id: uuidOf(`clock/${happenedAt}`), key: null, value };
}

/** What features, detectors and gates say of a market at its slot. */
function judged({ facts, askedAtMs }: SymbolMarket) {
  const features: Features[] = [];
  const detections: Detection[] = [];
  const verdicts: Verdict[] = [];
  const take = (emission: AnyEmission): void => {
    if (emission.topic === "signals.features.v1") features.push(emission.value);
    if (emission.topic === "signals.detection.v1") detections.push(emission.value);
    if (emission.topic === "signals.verdict.v1") verdicts.push(emission.value);
  };
  if (SIGNALS === undefined) throw new TypeError("the topology has no signals");
  const owned = { partition: 0, partitions: 1 };
  const task = new Task(SIGNALS, owned, ({ emission }) => take(emission));
  task.step(tick(askedAtMs - 200 * DAY_MS, false));
  for (const fact of facts) task.step(fact);
  task.step(tick(askedAtMs, true));
  return { features, detections, verdicts };
}

/** Nulls of detections without a reason that features give, or that a mark explains. */
function unexplainedComponents(detections: readonly Detection[], { missing }: Features): string[] {
  const stated = new Set(missing.map(({ feature, reason }) => `${feature}: ${reason}`));
  return detections.flatMap(({ detector, components }) =>
    components
      .filter(({ value, reason }) => {
        if (value !== null) return reason !== null;
        if (reason === "suspect:unexplained-jump") return false;
        return reason === null || reason.split(", ").some((one) => !stated.has(one));
      })
      .map(({ name, reason }) => `${detector}.${name}: ${reason}`),
  );
}

/** Features behind each input that a gate can name as missing. */
const INPUTS: Readonly<Record<string, readonly (keyof Features)[]>> = {
  relvol_30: ["relvol30"],
  volume_spike: ["volumeSpike"],
  atr: ["atrPct"],
  price: ["price"],
  vwap: ["vwap"],
  rsi: ["rsi14"],
  ema: ["ema9", "ema20"],
  float: ["floatShares"],
  dollar_volume: ["dollarVolume"],
  momentum: ["ema9", "ema20", "priceChange5d"],
};

/** Gates that show no figure without saying why, or for a reason that does not hold. */
function unexplainedGates({ gates }: Verdict, features: Features): string[] {
  return gates
    .filter(({ gate, value, reason }) => {
      const input = /^missing:(.+)$/.exec(reason ?? "")?.[1];
      if (input !== undefined) return !INPUTS[input]?.some((name) => features[name] === null);
      if (reason === "daily-resolution") return features.intraday || features.vwap !== null;
      // A gate that this session does not ask says so, and one for marks has no figure.
      return value === null && reason !== "not-required" && gate !== "tradable";
    })
    .map(({ gate, reason }) => `${gate}: ${reason}`);
}

describe("the reasons of nulls", () => {
  it("are there for every null of features, detectors and gates, and hold", () => {
    const reasons = new Set<string>();
    fc.assert(
      fc.property(arbitraryRecord, (recorded) => {
        const market = marketOf(recorded);
        const { features, detections, verdicts } = judged(market);
        for (const one of features) {
          expect(problemsOfReasons(one, market)).toEqual([]);
          expect(unexplainedComponents(detections, one)).toEqual([]);
          for (const { reason } of one.missing) reasons.add(reason);
          for (const verdict of verdicts) expect(unexplainedGates(verdict, one)).toEqual([]);
        }
        if (market.facts.length > 0) expect(features).toHaveLength(1);
        expect(detections).toHaveLength(verdicts.length * DETECTORS.length);
      }),
      MARKETS,
    );
    expect([...reasons].sort()).toEqual([...MISSING_REASONS].sort());
  });

  it("would not pass with any other reason in their place (control)", () => {
    let exchanged = 0;
    fc.assert(
      fc.property(arbitraryRecord, (recorded) => {
        const market = marketOf(recorded);
        for (const features of judged(market).features) {
          const [first, ...rest] = features.missing;
          if (first === undefined) continue;
          const silent = problemsOfReasons({ ...features, missing: rest }, market);
          expect(silent).toContain(`${first.feature} has no reason`);
          const early = { ...first, reason: "warming-up", have: 105, need: 30 };
          const lied = problemsOfReasons({ ...features, missing: [early, ...rest] }, market);
          expect(lied).toEqual([`${first.feature}: warming-up does not hold`]);
          exchanged += 1;
        }
      }),
      { ...MARKETS, numRuns: 50 },
    );
    expect(exchanged).toBeGreaterThan(40);
  });
});
