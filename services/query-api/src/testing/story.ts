import type { Recommendation, Requested, Run } from "@amc/schemas/generated/events";
import type { Stored } from "../read-model/port.ts";
import { type Evaluation, evaluation } from "./story-evaluation.ts";
import { alertOf, recommendationOf, runOf } from "./story-events.ts";
import { FIRST_SLOT, SLOT_MS } from "./story-signals.ts";

/** Four invented discovery slots from 2021-01-13 09:45 ET on. */
export interface Story {
  readonly evaluations: readonly Evaluation[];
  readonly runs: readonly Stored<Run>[];
  readonly recommendations: readonly Stored<Recommendation>[];
  readonly alerts: readonly Stored<Requested>[];
}

export function story(): Story {
  const slots = [0, 1, 2, 3].map((index) => evaluationsAt(FIRST_SLOT + index * SLOT_MS, index));
  const runs = slots.map((evaluations, index) => runOf(FIRST_SLOT + index * SLOT_MS, evaluations));
  const first = recommend(runs, slots, 1, "NONE");
  const raised = recommend(runs, slots, 3, "WATCHLIST");
  return {
    evaluations: slots.flat(),
    runs,
    recommendations: [first, raised],
    alerts: [alertOf(raised)],
  };
}

function recommend(
  runs: readonly Stored<Run>[],
  slots: readonly (readonly Evaluation[])[],
  index: number,
  previousLabel: Recommendation["previousLabel"],
): Stored<Recommendation> {
  const run = runs[index];
  const evaluated = slots[index]?.[0];
  if (run === undefined || evaluated === undefined)
    throw new Error(`the story has no slot ${index}`);
  return recommendationOf(run, evaluated, previousLabel);
}

function evaluationsAt(slot: number, index: number): Evaluation[] {
  const failing = index === 0 ? { min_relvol_30: 2.31 } : {};
  return [
    evaluation({
      symbol: "GME",
      slot,
      price: 21.5 + index,
      score: 0.72 + index * 0.03,
      confidence: 0.61,
      label: index === 3 ? "TRADE_READY" : "WATCHLIST",
      failing,
    }),
    evaluation({
      symbol: "EXPR",
      slot,
      price: 1.02,
      score: 0.68,
      confidence: 0.58,
      failing: { rsi_band: 57.9 },
    }),
    evaluation({
      symbol: "BBBY",
      slot,
      price: 19.35,
      score: 0.63,
      confidence: 0.57,
      failing: { min_relvol_30: 2.2, rsi_band: 55.1 },
    }),
    evaluation({
      symbol: "AMC",
      slot,
      price: 2.18,
      score: 0.58,
      confidence: 0.55,
      failing: { vwap_reclaim: null },
    }),
    evaluation({ symbol: "KOSS", slot, price: 3.34, score: 0.71, confidence: 0.52 }),
    evaluation({
      symbol: "SPY",
      slot,
      price: 378.7,
      score: 0.2,
      confidence: 0.66,
      failing: {
        min_relvol_30: 0.9,
        min_volume_spike: 0.9,
        min_atr_pct: 0.011,
        float_path: 9.1e8,
        price_range: 378.7,
      },
    }),
  ];
}
