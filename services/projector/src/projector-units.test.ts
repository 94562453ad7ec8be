import { WORK_GROUP_NAMES } from "@amc/schemas/work-groups";
import { PROJECTION_NAMES } from "@amc/streams/projections/projections";
import { describe, expect, it } from "vitest";
import { PROJECTOR_UNITS } from "./projector-units.ts";

describe("the units of projectors", () => {
  it("hold every projection once, and are called as groups that have a changelog", () => {
    expect([...PROJECTOR_UNITS.values()].flat().toSorted(byName)).toEqual(
      PROJECTION_NAMES.toSorted(byName),
    );
    expect(WORK_GROUP_NAMES).toEqual(expect.arrayContaining([...PROJECTOR_UNITS.keys()]));
  });
});

function byName(a: string, b: string): number {
  return a < b ? -1 : 1;
}
