import { isTopicName } from "@amc/schemas/topics";
import { describe, expect, it } from "vitest";
import { createTopology, DEFAULT_TOPOLOGY } from "./topology.ts";

const topology = createTopology(DEFAULT_TOPOLOGY);
const stages = topology.flatMap((subtopology) => subtopology.stages);

describe("the topology", () => {
  it("is three subtopologies of which only the signals run behind the clock", () => {
    expect(topology.map(({ name, timed }) => [name, timed])).toEqual([
      ["signals", true],
      ["discovery", false],
      ["alerts", false],
    ]);
  });

  it("names every stage once, in the way of one tick", () => {
    expect(stages.map(({ name }) => name)).toEqual([
      "features",
      "short-quality",
      "volume_momentum",
      "squeeze",
      "catalyst_news",
      "options_flow",
      "technicals",
      "vigl_pattern",
      "verdict",
      "discovery",
      "shadow",
      "alert-policy",
    ]);
  });

  it("reads no derived topic before a stage has written it, and reads what it writes", () => {
    const written = new Set<string>();
    for (const { inputs, outputs } of stages) {
      for (const topic of inputs) {
        const isDerived = /^(signals|discovery|alerts)\.|slot-closed|shadow|short\.quality/.test(
          topic,
        );
        if (isDerived) expect(written).toContain(topic);
      }
      for (const topic of outputs) written.add(topic);
    }
    expect([...written].every(isTopicName)).toBe(true);
  });
});
