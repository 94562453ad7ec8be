import type { SlotClosed } from "@amc/schemas/generated/events";
import { describe, expect, it } from "vitest";
import { runOf } from "../../discovery/run.ts";
import { TEN_O_CLOCK } from "../../testing/features-builder.ts";
import { verdict } from "../../testing/projected-events.ts";
import { runIdOfVerdict } from "./run-id.ts";

function runOfSlot(trigger: "SLOT" | "DAILY"): string | undefined {
  const { strategy, profile, preset, configVersion } = verdict().value;
  const marker: SlotClosed = {
    strategy,
    profile,
    preset,
    configVersion,
    trigger,
    tradingDay: "2021-01-13",
    slot: TEN_O_CLOCK,
    happenedAt: TEN_O_CLOCK,
    publishedAt: TEN_O_CLOCK,
    capturedAt: TEN_O_CLOCK,
    simulated: false,
    session: "REGULAR",
    partition: 0,
    partitions: 1,
    universe: 1,
    evaluable: 1,
    priceVolumePassed: 1,
    passed: 0,
    listed: 0,
    eliminations: [],
    experiment: null,
    reduction: null,
  };
  const limits = { maxCandidates: 100, configuredUniverse: 1 };
  return runOf({ closed: [marker], candidates: [] }, limits)?.run.runId;
}

describe("runIdOfVerdict", () => {
  it.each(["SLOT", "DAILY"] as const)(
    "is the id that the discovery stage gives the run of a %s evaluation",
    (trigger) => {
      expect(runIdOfVerdict(verdict({ trigger }).value)).toBe(runOfSlot(trigger));
    },
  );

  it("tells the runs of one instant apart by their trigger", () => {
    expect(runOfSlot("SLOT")).not.toBe(runOfSlot("DAILY"));
  });

  it("is null for an evaluation that belongs to no slot", () => {
    expect(runIdOfVerdict(verdict({ trigger: "CROSSING", slot: null }).value)).toBeNull();
  });
});
