import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HOUR_METRICS, type HourMetricName } from "./hour-metrics.ts";
import { ANOMALY_RULE, anomalyVerdict } from "./metric-anomaly.ts";

const metrics = fc.constantFrom(...HOUR_METRICS);
const counts = fc.nat({ max: 100_000 });
const histories = fc.array(counts, { minLength: 10, maxLength: 20 });

const tenOf = (value: number) => Array.from({ length: 10 }, () => value);

function judged(metric: HourMetricName, value: number | null, history: readonly number[]) {
  return anomalyVerdict({ metric, value, samples: 1_000 }, history);
}

describe("the judgement on a figure of an hour (R-MET-10)", () => {
  it("is the modified z-score of Iglewicz and Hoaglin, computed by hand", () => {
    // Median 500, deviations 100 60 40 20 0 0 0 20 40 60 100: MAD 40, and 0.6745 * 600 / 40 = 10.1175.
    const history = [400, 440, 460, 480, 500, 500, 500, 520, 540, 560, 600];
    const verdict = judged("provider.calls", 1_100, history);
    expect(verdict).toMatchObject({ verdict: "ANOMALOUS", usual: 500, hours: 11, reason: null });
    expect(verdict.score).toBeCloseTo(10.1175, 10);
    // 3.5 * 40 / 0.6745 = 207.56 off.
    expect(judged("provider.calls", 707, history).verdict).toBe("USUAL");
    expect(judged("provider.calls", 708, history).verdict).toBe("ANOMALOUS");
    expect(judged("provider.calls", 292, history).verdict).toBe("ANOMALOUS");
  });

  it("raises nothing on a constant series", () => {
    fc.assert(
      fc.property(metrics, counts, fc.integer({ min: 10, max: 20 }), (metric, value, hours) => {
        const verdict = judged(
          metric,
          value,
          Array.from({ length: hours }, () => value),
        );
        expect(verdict).toMatchObject({ verdict: "USUAL", score: 0, usual: value });
      }),
    );
  });

  it("finds a spike that lies far beyond whatever there was", () => {
    fc.assert(
      fc.property(metrics, histories, (metric, history) => {
        const [least, most] = [Math.min(...history) + 1, Math.max(...history) + 1];
        const spike = metric.includes("latency")
          ? 1_000 * most * (most / least) ** 10
          : most + 10 * (most - least) + 10 * Math.sqrt(most);
        expect(judged(metric, spike, history).verdict).toBe("ANOMALOUS");
      }),
    );
  });

  it("does not depend on the order of the hours before", () => {
    const shuffled = histories.chain((history) =>
      fc.tuple(
        fc.constant(history),
        fc.shuffledSubarray(history, { minLength: history.length, maxLength: history.length }),
      ),
    );
    fc.assert(
      fc.property(metrics, counts, shuffled, (metric, value, [history, other]) => {
        expect(judged(metric, value, other)).toEqual(judged(metric, value, history));
      }),
    );
  });

  it("says so where there is too little to compare with, and never raises anything then", () => {
    const few = fc.array(counts, { maxLength: ANOMALY_RULE.hoursMin - 1 });
    fc.assert(
      fc.property(metrics, counts, few, (metric, value, history) => {
        expect(judged(metric, value, history)).toEqual({
          ...{ verdict: "UNKNOWN", reason: "short-history", usual: null, score: null },
          hours: history.length,
        });
      }),
    );
  });

  it("says so where there is no value, or a quantile of too few calls", () => {
    const history = tenOf(100);
    expect(judged("discovery.evaluable", null, history)).toMatchObject({
      ...{ verdict: "UNKNOWN", reason: "no-value" },
    });
    const slow = { metric: "provider.latency-p95", value: 60_000 } as const;
    expect(anomalyVerdict({ ...slow, samples: 9 }, history)).toMatchObject({
      ...{ verdict: "UNKNOWN", reason: "few-samples" },
    });
    expect(anomalyVerdict({ ...slow, samples: 10 }, history).verdict).toBe("ANOMALOUS");
  });

  it.each([
    "provider.failures",
    "provider.latency-p50",
    "provider.latency-p95",
    "jobs.given-up",
  ] as const)("finds nothing wrong with less of %s than usual", (metric) => {
    fc.assert(
      fc.property(histories, (history) => {
        expect(judged(metric, Math.min(...history), history).verdict).toBe("USUAL");
      }),
    );
  });

  it("takes what two hours of five have for a habit, and what one of twenty has for none", () => {
    const mondaysAndWednesdays = Array.from({ length: 20 }, (_, at) => (at % 5 < 2 ? 50 : 0));
    expect(judged("provider.calls", 50, mondaysAndWednesdays).verdict).toBe("USUAL");
    expect(judged("provider.calls", 0, mondaysAndWednesdays).verdict).toBe("USUAL");
    const once = Array.from({ length: 20 }, (_, at) => (at === 7 ? 50 : 0));
    expect(judged("provider.calls", 50, once).verdict).toBe("ANOMALOUS");
  });

  it("lets a count vary as independent events do, and an answer be a little slower", () => {
    const four = tenOf(4);
    // sqrt(4) = 2, 3.5 times that is 7.
    expect(judged("provider.failures", 11, four).verdict).toBe("USUAL");
    expect(judged("provider.failures", 12, four).verdict).toBe("ANOMALOUS");
    const even = tenOf(1_000);
    // 1.1 to the power of 3.5 is 1.39596.
    expect(judged("provider.latency-p95", 1_395, even).verdict).toBe("USUAL");
    expect(judged("provider.latency-p95", 1_396, even).verdict).toBe("ANOMALOUS");
    // Three times as long, and nobody would notice.
    expect(judged("provider.latency-p50", 300, tenOf(100)).verdict).toBe("USUAL");
    expect(judged("provider.latency-p50", 301, tenOf(100)).verdict).toBe("ANOMALOUS");
  });
});
