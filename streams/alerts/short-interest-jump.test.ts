import type { ShortQuality } from "@amc/schemas/generated/events";
import { describe, expect, it } from "vitest";
import type { AnyEmission } from "../kernel/stage.ts";
import { shortQuality } from "../testing/short-quality-events.ts";
import { createAlertPolicyStage } from "./alert-policy-stage.ts";

const JUMP = {
  sharesShort: 5_000_000,
  previousSharesShort: 2_000_000,
  change: 1.5,
  jump: true,
  jumpIsNew: true,
} as const;

function alertFor(known: Partial<ShortQuality>, alertsOnJumps = true) {
  const event = shortQuality(known);
  const emissions: AnyEmission[] = [];
  const outcome = createAlertPolicyStage({ alertsOnJumps })
    .init({ partition: 0, partitions: 1, emit: (emission) => emissions.push(emission) })
    .step(event);
  return { event, outcome, emissions };
}

describe("the alert of a jump in short interest", () => {
  it("R-SI-12: is asked for when 2,000,000 shares short became 5,000,000", () => {
    const { event, emissions } = alertFor(JUMP);
    expect(emissions).toHaveLength(1);
    expect(emissions[0]).toMatchObject({
      topic: "alerts.requested.v1",
      key: "GME",
      happenedAt: event.value.happenedAt,
      value: {
        alertType: "short_interest_anomaly",
        episode: "GME:short-interest:2021-01-15",
        priority: "MEDIUM",
        subjectId: event.id,
        title: "GME short interest rose by 150 % to 2021-01-15",
        message: [
          "GME short interest rose by 150 % to 2021-01-15",
          "2000000 shares before, 5000000 now, as finra states.",
          "Quality 0.89 of 1.",
          "Not investment advice.",
        ].join("\n"),
      },
    });
  });

  it("is not asked for again when the same period is judged again, nor without a jump", () => {
    for (const known of [{ ...JUMP, jumpIsNew: false }, {}]) {
      const { outcome, emissions } = alertFor(known);
      expect(outcome).toEqual({ type: "skip", reason: "short-interest-without-new-jump" });
      expect(emissions).toEqual([]);
    }
  });

  it("is not asked for where ALERT_ON_SHORT_INTEREST_ANOMALIES is off", () => {
    const { outcome, emissions } = alertFor(JUMP, false);
    expect(outcome).toEqual({ type: "skip", reason: "alerts-on-short-interest-are-off" });
    expect(emissions).toEqual([]);
  });

  it("says why the figure is not scored, and that simulated data is simulated", () => {
    const known = { overall: 0.74, exclusions: ["quality-below-threshold"], simulated: true };
    const value = alertFor({ ...JUMP, ...known }).emissions[0]?.value;
    expect(value).toMatchObject({
      simulated: true,
      title: expect.stringMatching(/^\[SIMULATED\]/),
      message: expect.stringContaining("Quality 0.74 of 1: quality-below-threshold."),
    });
  });
});
