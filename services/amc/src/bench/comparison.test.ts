import { describe, expect, it } from "vitest";
import { compareRuns, comparisonText, readEarlierRuns } from "./comparison.ts";
import { summarise } from "./report.ts";
import type { Workload } from "./workload.ts";

const SCAN: Workload = {
  name: "scan",
  summary: "",
  simulated: true,
  metrics: { perSecond: { unit: "bars/s" }, bytes: { unit: "B" } },
  run: () => Promise.reject(new Error("not run here")),
};

const runsOf = (perSecond: readonly number[]) =>
  summarise(
    SCAN,
    perSecond.map((value) => ({
      values: { perSecond: value, bytes: 64 },
      facts: {},
      peakRssMiB: 1,
    })),
  );

const printed = (perSecond: readonly number[], scale = "full") =>
  [
    JSON.stringify({ type: "machine", node: "24" }),
    JSON.stringify({ type: "progress", fraction: 0.5 }),
    JSON.stringify({ type: "bench", workload: "scan", scale, metrics: runsOf(perSecond) }),
    "",
  ].join("\n");

function compare(before: readonly number[], now: readonly number[]) {
  const earlier = readEarlierRuns(printed(before), "before.jsonl");
  return compareRuns(earlier, { workload: "scan", scale: "full" }, runsOf(now));
}

// TV-AB-03 and TV-AB-04 in thousands; by Welch's way the second has other degrees of freedom.
describe("figures of two benchmarks", () => {
  it("differ when chance alone would rarely set them so far apart", () => {
    const [perSecond] = compare([100, 120, 80, 110, 90], [140, 150, 130, 160, 120]);
    expect(perSecond).toMatchObject({ medianBefore: 100, medianNow: 140, verdict: "differs" });
    expect(perSecond?.pValue).toBeCloseTo(0.00394977, 8);
    expect(perSecond?.effect).toBeCloseTo(2.529822, 6);
  });

  it("are not called different for a median that chance may have moved", () => {
    const [perSecond] = compare([12, 15, 11, 14, 13, 16], [13, 17, 12, 15, 16, 14, 18]);
    expect(perSecond).toMatchObject({ medianNow: 15, verdict: "no difference shown" });
  });

  it("are not decidable from one run, or when every run gives the same", () => {
    expect(compare([100], [200, 210]).map(({ verdict }) => verdict)).toEqual([
      "not decidable",
      "not decidable",
    ]);
    expect(compare([100, 101], [200, 210]).map(({ verdict }) => verdict)).toEqual([
      "differs",
      "not decidable",
    ]);
  });

  it("are compared only with data of the same size", () => {
    const earlier = readEarlierRuns(printed([100, 101], "small"), "before.jsonl");
    expect(compareRuns(earlier, { workload: "scan", scale: "full" }, runsOf([1, 2]))).toEqual([]);
  });

  it("are told with the change, the p-value and the size of the effect", () => {
    const [perSecond, bytes] = compare([100, 120, 80, 110, 90], [140, 150, 130, 160, 120]);
    expect([perSecond, bytes].map((one) => one && comparisonText(one))).toEqual([
      "  perSecond was 100, is 140, +40.0 %: differs (p 0.0039, d 2.5)",
      "  bytes was 64.0, is 64.0, 0.0 %: not decidable",
    ]);
  });

  it("cannot be read from a file that holds none", () => {
    expect(() => readEarlierRuns("workload figure\n{}\n", "table.txt")).toThrowError(
      expect.objectContaining({ exitCode: 66, message: expect.stringContaining("table.txt") }),
    );
  });
});
