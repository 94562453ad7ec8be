import type { HourMetric } from "@amc/schemas/generated/events";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TEN_O_CLOCK } from "../testing/features-builder.ts";
import { hourMetric, jobFailed, jobRun, jobSkipped, jobStarted } from "../testing/job-events.ts";
import { providerCall, recommendation, run } from "../testing/projected-events.ts";
import type { MeasuredEvent } from "./hour-metrics.ts";
import { anomalyFinding, hourMetricId, hourReport } from "./hour-report.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const HOUR = { endMs: TEN_O_CLOCK, sessionMinutes: 30 };
const inHour = (minutes: number) => ({ happenedAt: TEN_O_CLOCK - minutes * 60_000 });

/** Figures as `metric subject` to value. */
function valuesOf(events: readonly MeasuredEvent[], before: readonly HourMetric[] = []) {
  return Object.fromEntries(
    hourReport(events, before, HOUR).map(({ metric, subject, simulated, value }) => [
      `${metric} ${subject}${simulated ? " (simulated)" : ""}`,
      value,
    ]),
  );
}

function calls(latencies: readonly number[], known: Parameters<typeof providerCall>[0] = {}) {
  return latencies.map((responseMs, index) =>
    providerCall({ ...inHour(50), attempt: index + 1, responseMs, ...known }),
  );
}

const USUAL = [40, 41, 40, 39, 40, 40, 41, 40, 39, 40];

/** The same hour of sessions before, each with a value. */
function sessionsBefore(values: readonly (number | null)[], known: Partial<HourMetric> = {}) {
  return values.map((value, index) => {
    const happenedAt = TEN_O_CLOCK - (index + 1) * DAY_MS;
    return hourMetric({ subject: "finra_short", happenedAt, value, ...known }).value;
  });
}

describe("the figures of an hour (R-JOB-15)", () => {
  it("are counts and quantiles of calls by provider, a mock's by themselves", () => {
    const failed = { success: false, provider: "yahoo" };
    const values = valuesOf([
      ...calls(Array.from({ length: 20 }, (_, index) => (index + 1) * 10)),
      ...calls([5_000, 7_000], failed),
      ...calls([1], { provider: "yahoo", simulated: true, ...inHour(10) }),
    ]);
    expect(values).toMatchObject({
      ...{ "provider.calls finra_short": 20, "provider.failures finra_short": 0 },
      // Nearest rank: the 10th and the 19th of 20.
      ...{ "provider.latency-p50 finra_short": 100, "provider.latency-p95 finra_short": 190 },
      ...{ "provider.calls yahoo": 2, "provider.failures yahoo": 2 },
      ...{ "provider.latency-p50 yahoo": 5_000, "provider.latency-p95 yahoo": 7_000 },
      ...{ "provider.calls yahoo (simulated)": 1, "provider.failures yahoo (simulated)": 0 },
    });
  });

  it("are the runs of jobs that were over, not those that began, wait or were skipped", () => {
    const values = valuesOf([
      jobRun(inHour(10)),
      jobFailed({ ...inHour(20), dueAt: TEN_O_CLOCK - DAY_MS }),
      jobFailed({ ...inHour(30), job: "data_cleanup", retryAt: TEN_O_CLOCK }),
      jobStarted({ ...inHour(40), job: "data_cleanup", dueAt: 1 }),
      jobSkipped({ ...inHour(50), job: "data_cleanup", dueAt: 2 }),
    ]);
    expect(values).toMatchObject({ "jobs.ended all": 2, "jobs.given-up all": 1 });
  });

  it("are what discovery did, and 0 where it did nothing", () => {
    expect(valuesOf([])).toEqual({
      ...{ "alerts.requested all": 0, "discovery.evaluable all": null, "discovery.runs all": 0 },
      ...{ "discovery.recommendations all": 0, "jobs.ended all": 0, "jobs.given-up all": 0 },
    });
    const one = run({ ...inHour(15), evaluable: 1_900 });
    const other = run({ ...inHour(30), evaluable: 2_000 });
    expect(valuesOf([one, other, recommendation(inHour(15))])).toMatchObject({
      ...{ "discovery.runs all": 2, "discovery.evaluable all": 1_900 },
      "discovery.recommendations all": 1,
    });
  });

  it("have what was over in the hour: its beginning is in it, its end is of the next", () => {
    const at = (happenedAt: number, responseMs = 0) => providerCall({ happenedAt, responseMs });
    expect(valuesOf([at(TEN_O_CLOCK - HOUR_MS)])["provider.calls finra_short"]).toBe(1);
    expect(valuesOf([at(TEN_O_CLOCK - HOUR_MS - 1, 1)])["provider.calls finra_short"]).toBe(1);
    expect(valuesOf([at(TEN_O_CLOCK - HOUR_MS - 1)])).not.toHaveProperty([
      "provider.calls finra_short",
    ]);
    expect(valuesOf([at(TEN_O_CLOCK - 1, 1)])).not.toHaveProperty(["provider.calls finra_short"]);
  });

  it("of a provider that such hours had calls of are 0, and its latency is unknown, when there are none", () => {
    const report = hourReport([], sessionsBefore(USUAL), HOUR);
    const figures = report.filter(({ subject }) => subject === "finra_short");
    expect(figures).toMatchObject([
      { metric: "provider.calls", value: 0, verdict: "ANOMALOUS", usual: 40 },
      { metric: "provider.failures", value: 0, verdict: "UNKNOWN", reason: "short-history" },
      { metric: "provider.latency-p50", value: null, verdict: "UNKNOWN", reason: "no-value" },
      { metric: "provider.latency-p95", value: null, verdict: "UNKNOWN", reason: "no-value" },
    ]);
  });
});

describe("hours that are compared", () => {
  const spike = calls(Array.from({ length: 400 }, () => 10));
  const callsIn = (before: readonly HourMetric[]) =>
    hourReport(spike, before, HOUR).find(({ metric }) => metric === "provider.calls");

  it("are those of the same time of the session, of the same provider and of its mock or not", () => {
    expect(callsIn(sessionsBefore(USUAL))).toMatchObject({ verdict: "ANOMALOUS", hours: 10 });
    for (const other of [{ sessionMinutes: 90 }, { subject: "yahoo" }, { simulated: true }]) {
      expect(callsIn(sessionsBefore(USUAL, other))).toMatchObject({ verdict: "UNKNOWN", hours: 0 });
    }
  });

  it("are those before this one, the newest twenty that have a value", () => {
    const later = [0, 1, 2, 3, 4].map((day) => ({ happenedAt: TEN_O_CLOCK + day * DAY_MS }));
    const future = later.map((known) => sessionsBefore([400], known)[0] ?? hourMetric().value);
    expect(callsIn(future)).toMatchObject({ verdict: "UNKNOWN", hours: 0 });
    const old = [...Array.from({ length: 20 }, () => 40), ...Array.from({ length: 60 }, () => 400)];
    expect(callsIn(sessionsBefore(old))).toMatchObject({ verdict: "ANOMALOUS", hours: 20 });
    expect(callsIn(sessionsBefore([null, null, 40, 40, 40, 40]))).toMatchObject({ hours: 4 });
  });

  it("neither order nor copies of events and of hours before matter", () => {
    const before = sessionsBefore([40, 45, 38, 52, 41, 44, 47, 39, 43, 42, 40]);
    const events: readonly MeasuredEvent[] = [
      ...calls([10, 20, 30]),
      ...[jobRun(inHour(10)), run(inHour(15)), recommendation(inHour(15))],
    ];
    const expected = hourReport(events, before, HOUR);
    const shuffledOf = <Value>(values: readonly Value[]) =>
      fc.array(fc.constantFrom(...values), { maxLength: 5 }).chain((copies) =>
        fc.shuffledSubarray([...values, ...copies], {
          minLength: values.length + copies.length,
        }),
      );
    fc.assert(
      fc.property(shuffledOf(events), shuffledOf(before), (someEvents, someBefore) => {
        expect(hourReport(someEvents, someBefore, HOUR)).toEqual(expected);
      }),
    );
  });
});

describe("what operators hear of an anomaly", () => {
  const [figure] = hourReport(
    calls(Array.from({ length: 400 }, () => 10)),
    sessionsBefore(USUAL),
    HOUR,
  ).filter(({ verdict }) => verdict === "ANOMALOUS");

  it("is the figure, what is usual, and where to look", () => {
    if (figure === undefined) throw new TypeError("no anomaly");
    expect(anomalyFinding(figure)).toEqual({
      ...{ kind: "metric.anomaly", severity: "WARNING", simulated: false },
      subject: "provider.calls of finra_short",
      // sqrt(40) = 6.32 is more than the MAD: 360 / 6.32 = 56.9.
      finding:
        "provider.calls of finra_short was 400 in the hour to 2021-01-13T15:00:00.000Z; usual are 40 (10 sessions; score 56.9, limit 3.5)",
      advice: expect.stringContaining("GET /operations/hours?metric=provider.calls"),
    });
  });

  it("is nothing of a figure that is as usual, or of which nobody can tell", () => {
    for (const verdict of ["USUAL", "UNKNOWN"] as const) {
      expect(figure && anomalyFinding({ ...figure, verdict })).toBeNull();
    }
  });

  it("is once of each figure and hour: its id is that of content", () => {
    const same = hourMetric({ value: 1 }).value;
    expect(hourMetricId(same)).toBe(hourMetricId({ ...same, value: 2, verdict: "UNKNOWN" }));
    for (const other of [{ metric: "jobs.ended" }, { subject: "all" }, { simulated: true }]) {
      expect(hourMetricId({ ...same, ...other })).not.toBe(hourMetricId(same));
    }
    expect(hourMetricId({ ...same, happenedAt: 1 })).not.toBe(hourMetricId(same));
  });
});
