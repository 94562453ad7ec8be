import { Registry } from "prom-client";
import { describe, expect, it } from "vitest";
import { addTopicGauge } from "./topic-gauge.ts";

describe("amc_topic_differences", () => {
  it("is looked up every five minutes, and left out while it cannot be", async () => {
    const registry = new Registry();
    let nowMs = 0;
    let looks = 0;
    const answers = [
      { absent: 0, differing: 0 },
      { absent: 0, differing: 2 },
    ];
    const look = async () => {
      const answer = answers[looks];
      looks += 1;
      if (answer === undefined) throw new Error("away");
      return answer;
    };
    addTopicGauge(registry, look, () => nowMs);
    const series = /^amc_topic_differences[{]kind="setting"[}] (\d+)$/m;
    const value = async () => series.exec(await registry.metrics())?.[1];
    expect(await value()).toBe("0");
    nowMs = 299_999;
    expect([await value(), looks]).toEqual(["0", 1]);
    nowMs = 300_000;
    expect([await value(), looks]).toEqual(["2", 2]);
    nowMs = 600_000;
    expect([await value(), looks]).toEqual([undefined, 3]);
  });
});
