import { partitioningInput } from "@amc/platform/runtime/inputs";
import { systemGroups, systemLayout } from "@amc/platform/runtime/layout";
import { WORK_GROUP_NAMES, WORK_GROUPS } from "@amc/schemas/work-groups";
import { PROJECTION_NAMES } from "@amc/streams/projections/projections";
import { createTopology, DEFAULT_TOPOLOGY } from "@amc/streams/topology/topology";
import { describe, expect, it } from "vitest";

/** The groups of the table stand where nothing knows the topology; here both are known. */
describe("the groups that have a changelog on Kafka", () => {
  const namesOf = (runner: string) =>
    WORK_GROUP_NAMES.filter((name) => WORK_GROUPS[name].runner === runner);

  it("are the subtopologies, with a unit for each partition of their input", () => {
    const topology = createTopology(DEFAULT_TOPOLOGY);
    expect(namesOf("processor")).toEqual(topology.map(({ name }) => name));
    const units = new Map(systemGroups(12).map(({ group, partitions }) => [group, partitions]));
    const layout = new Map(systemLayout(12).map(({ topic, partitions }) => [topic, partitions]));
    for (const subtopology of topology) {
      expect(units.get(subtopology.name)).toBe(layout.get(partitioningInput(subtopology)));
    }
  });

  it("are the exports of every projection's dead letters, and the jobs that projectors take", () => {
    const exports = PROJECTION_NAMES.map((name) => `projector.${name}`);
    expect(namesOf("projector")).toEqual([...exports, "jobs.projector"]);
  });
});
