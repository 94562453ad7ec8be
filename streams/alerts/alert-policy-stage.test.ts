import type { Recommendation } from "@amc/schemas/generated/events";
import { describe, expect, it } from "vitest";
import type { AnyEmission } from "../kernel/stage.ts";
import { candidateFor } from "../testing/candidate-builder.ts";
import { createAlertPolicyStage } from "./alert-policy-stage.ts";

const RECOMMENDATION_ID = "00000000-0000-8000-8000-00000000000b";

function alertFor(known: Partial<Recommendation>) {
  const { listed: _, trigger: __, ...candidate } = candidateFor("GME", { label: "TRADE_READY" });
  const value: Recommendation = {
    ...candidate,
    runId: "run",
    rank: 1,
    previousLabel: "NONE",
    thesis: "GME is ready to trade.",
    ...known,
  };
  const emissions: AnyEmission[] = [];
  const outcome = createAlertPolicyStage({ alertsOnJumps: true })
    .init({ partition: 0, partitions: 1, emit: (emission) => emissions.push(emission) })
    .step({ topic: "discovery.recommendation.v1", id: RECOMMENDATION_ID, key: "GME", value });
  return { outcome, emissions };
}

describe("the alert policy", () => {
  it("asks for one alert of high priority when a symbol is ready to trade", () => {
    const { emissions } = alertFor({ score: 0.8123, confidence: 0.62 });
    expect(emissions).toHaveLength(1);
    expect(emissions[0]).toMatchObject({
      topic: "alerts.requested.v1",
      key: "GME",
      value: {
        alertType: "discovery_event",
        episode: "GME:long:2021-01-13",
        priority: "HIGH",
        subjectId: RECOMMENDATION_ID,
        title: "GME is ready to trade at 10.30 USD",
        message: [
          "GME is ready to trade at 10.30 USD",
          "Score 0.81 of 1, confidence 62 %.",
          "Why:",
          "- volume 5.4x what is usual by 10:00",
          "- price 2.7 % above VWAP",
          "- RSI(14) at 65",
          "Not investment advice.",
        ].join("\n"),
      },
    });
  });

  it("says nothing about a watchlist symbol", () => {
    const { outcome, emissions } = alertFor({ label: "WATCHLIST" });
    expect(outcome).toEqual({ type: "skip", reason: "label-below-trade-ready" });
    expect(emissions).toEqual([]);
  });

  it("says that simulated data is simulated, in title and text", () => {
    const value = alertFor({ simulated: true }).emissions[0]?.value;
    expect(value).toMatchObject({
      simulated: true,
      title: expect.stringMatching(/^\[SIMULATED\]/),
    });
    expect(value).toMatchObject({ message: expect.stringContaining("not a real event") });
  });

  it("keeps to the lengths that its columns and a text message have", () => {
    const value = alertFor({
      reasons: Array(40).fill("a rather long reason of sixty characters, over and over"),
    }).emissions[0]?.value;
    expect(value).toMatchObject({ message: expect.stringMatching(/…$/) });
    if (value !== undefined && "message" in value) expect(value.message.length).toBe(1600);
  });

  it("gives the same request when the same recommendation comes again", () => {
    expect(alertFor({}).emissions).toEqual(alertFor({}).emissions);
  });
});
