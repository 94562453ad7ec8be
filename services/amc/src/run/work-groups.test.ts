import { CONSOLE_GROUP } from "@amc/alert-sender/console-sender";
import { PLAYER_GROUP } from "@amc/ingest-recordings/play/progress-state";
import { PROJECTOR_UNITS } from "@amc/projector/projector-units";
import { WORK_GROUPS } from "@amc/schemas/work-groups";
import { PROJECTION_NAMES } from "@amc/streams/projections/projections";
import { createTopology, DEFAULT_TOPOLOGY } from "@amc/streams/topology/topology";
import { describe, expect, it } from "vitest";
import { REDRIVE_GROUP } from "../operations/dead-letters/redriven.ts";

describe("the table of groups", () => {
  it("has every group that commits something, so that its changelog is there", () => {
    const perPartition = [
      ...createTopology(DEFAULT_TOPOLOGY).map(({ name }) => name),
      CONSOLE_GROUP,
    ];
    const one = [
      PLAYER_GROUP,
      REDRIVE_GROUP,
      // Copies of dead letters are committed per projection.
      ...PROJECTION_NAMES.map((projection) => `projector.${projection}`),
    ];
    expect(WORK_GROUPS).toEqual(
      Object.fromEntries([
        ...perPartition.map((group) => [group, "per-partition"]),
        ...one.map((group) => [group, "one"]),
      ]),
    );
  });
});

describe("the units of projectors", () => {
  it("hold every projection once, and have names of groups with a changelog", () => {
    expect([...PROJECTOR_UNITS.values()].flat().toSorted()).toEqual(PROJECTION_NAMES.toSorted());
    for (const group of PROJECTOR_UNITS.keys()) expect(WORK_GROUPS).toHaveProperty([group]);
  });
});
