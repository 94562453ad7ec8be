import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AnyEvent } from "../kernel/stage.ts";
import { hourMetric, jobFailed, jobRun, jobSkipped, jobStarted } from "../testing/job-events.ts";
import { recommendation, run } from "../testing/projected-events.ts";
import { questionBody } from "./question.ts";
import { type Aggregates, type InsightSpan, InsightTally } from "./tally.ts";

const DAY = "2021-01-13";
/** 10:00 in New York, on the day of the events below. */
const TEN_O_CLOCK = Date.UTC(2021, 0, 13, 15);
const SPAN: InsightSpan = { from: "2021-01-11", through: DAY };

function told(events: readonly AnyEvent[], span = SPAN): Aggregates | null {
  const tally = new InsightTally(span);
  for (const event of events) tally.take(event);
  return tally.aggregates();
}

/** Two runs, of which one is simulated, with what became of them. */
const EVENTS: readonly AnyEvent[] = [
  run({
    ...{ universe: 100, evaluable: 90, priceVolumePassed: 9, passed: 4, healthScore: 0.8 },
    eliminations: [
      { gate: "min_relvol_30", first: 70, all: 80 },
      { gate: "vwap_reclaim", first: 26, all: 50 },
    ],
  }),
  run({
    ...{ slot: TEN_O_CLOCK + 900_000, session: "PREMARKET", simulated: true },
    ...{ universe: 200, evaluable: 150, priceVolumePassed: 1, passed: 1, healthScore: 0.5 },
    eliminations: [{ gate: "min_relvol_30", first: 199, all: 199 }],
  }),
  recommendation(),
  recommendation({ symbol: "AMC", label: "TRADE_READY" }),
  jobStarted({ job: "data_cleanup", dueAt: TEN_O_CLOCK }),
  jobRun({ job: "data_cleanup", dueAt: TEN_O_CLOCK }),
  jobFailed({ job: "data_cleanup", dueAt: TEN_O_CLOCK + 1, retryAt: TEN_O_CLOCK + 60_000 }),
  jobFailed({ job: "data_cleanup", dueAt: TEN_O_CLOCK + 2 }),
  // Begun and over within one millisecond, at the second attempt.
  jobFailed({ retryAt: TEN_O_CLOCK + 62_400 }),
  jobStarted({ attempt: 2, happenedAt: TEN_O_CLOCK + 62_400 }),
  jobRun({ attempt: 2 }),
  jobSkipped({ job: "data_cleanup", dueAt: TEN_O_CLOCK + 3 }),
  hourMetric(),
  hourMetric({ subject: "polygon", verdict: "ANOMALOUS" }),
];

describe("figures of a span", () => {
  it("are sums over its runs and counts of what became of them, as counted by hand", () => {
    expect(told(EVENTS)).toEqual({
      ...SPAN,
      simulated: true,
      figures: {
        "days.with-runs": 1,
        "runs.all": 2,
        "runs.simulated": 1,
        "health.mean": 0.65,
        "evaluations.all": 300,
        "evaluations.with-price-and-volume-inputs": 240,
        "evaluations.price-and-volume-passed": 10,
        "evaluations.passed": 5,
        "evaluations.passed-share": 0.0167,
        "candidates.before-cap": 2,
        "candidates.listed": 2,
        "session.regular.runs": 1,
        "session.regular.evaluations": 100,
        "session.regular.passed": 4,
        "session.premarket.runs": 1,
        "session.premarket.evaluations": 200,
        "session.premarket.passed": 1,
        "strategy.unified_detectors.runs": 2,
        "strategy.unified_detectors.evaluations": 300,
        "strategy.unified_detectors.passed": 5,
        "gate.min_relvol_30.failed-or-unknown": 279,
        "gate.min_relvol_30.first-failed-or-unknown": 269,
        "gate.vwap_reclaim.failed-or-unknown": 50,
        "gate.vwap_reclaim.first-failed-or-unknown": 26,
        "recommendations.watchlist": 1,
        "recommendations.trade_ready": 1,
        "job.collect-short-interest-data.succeeded": 1,
        "job.data_cleanup.succeeded": 1,
        "job.data_cleanup.failed": 1,
        "job.data_cleanup.skipped": 1,
        "job.data_cleanup.unfinished": 1,
        "hour-figures.provider.calls.usual": 1,
        "hour-figures.provider.calls.anomalous": 1,
      },
    });
  });

  it("are the same bytes in whatever order and however often their events come", () => {
    const body = (events: readonly AnyEvent[]) => {
      const known = told(events);
      return known === null ? null : questionBody("claude-sonnet-4-6", known);
    };
    const shuffled = fc.shuffledSubarray([...EVENTS, ...EVENTS], {
      minLength: 2 * EVENTS.length,
      maxLength: 2 * EVENTS.length,
    });
    const whole = body(EVENTS);
    expect(whole).not.toBeNull();
    fc.assert(
      fc.property(shuffled, (events) => {
        expect(body(events)).toBe(whole);
      }),
    );
  });

  it("are of its days alone, both ends included", () => {
    const days = ["2021-01-08", "2021-01-11", "2021-01-13", "2021-01-14"];
    const events = days.map((tradingDay, index) => run({ tradingDay, slot: TEN_O_CLOCK + index }));
    expect(told(events)?.figures["runs.all"]).toBe(2);
    const jobs = [-1, 0].map((ms) => jobRun({ dueAt: Date.UTC(2021, 0, 14, 5) + ms }));
    // Midnight in New York is at 05:00 UTC.
    const ended = told([...events, ...jobs])?.figures ?? {};
    expect(Object.entries(ended).filter(([name]) => name.startsWith("job."))).toEqual([
      ["job.collect-short-interest-data.succeeded", 1],
    ]);
  });

  it("of past days have no end of a job that came days later", () => {
    const dueAt = TEN_O_CLOCK;
    const ends = [1, 9].map((days) => jobRun({ dueAt, happenedAt: dueAt + days * 86_400_000 }));
    const states = ends.map((end) => {
      const known = told([run(), jobStarted({ dueAt }), end]);
      return Object.keys(known?.figures ?? {}).filter((name) => name.startsWith("job."));
    });
    expect(states).toEqual([
      ["job.collect-short-interest-data.succeeded"],
      ["job.collect-short-interest-data.unfinished"],
    ]);
  });

  it("are none without a run, and null where they cannot be", () => {
    expect(told([recommendation(), jobRun(), hourMetric()])).toBeNull();
    const figures = told([run({ universe: 0, passed: 0 })])?.figures;
    expect(figures).toMatchObject({ "evaluations.passed-share": null, "health.mean": null });
  });

  it("say nothing but numbers under names of this code, whatever the events say", () => {
    const canary = fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(canary, (text) => {
        const word = `canary ${text}`;
        const known = told(canaryEvents(word));
        const names = Object.keys(known?.figures ?? {});
        expect(names).toContain("gate.other.failed-or-unknown");
        expect(names).toContain("job.other.failed");
        expect(names).toContain("strategy.other.runs");
        expect(names).toContain("hour-figures.other.unknown");
        for (const name of names) expect(name).toMatch(/^[a-z0-9_.-]+$/);
        expect(JSON.stringify(known)).not.toContain("canary");
        expect(JSON.stringify(known)).not.toContain(String(ODD));
        if (known !== null)
          expect(questionBody("claude-sonnet-4-6", known)).not.toContain("canary");
      }),
    );
  });
});

/** A price, a quantity or a score that is no aggregate. */
const ODD = 73_193.73193;

/** Events with a word of no table in each text, and an odd number in each figure of one thing. */
function canaryEvents(word: string): readonly AnyEvent[] {
  const candidate = {
    ...{ rank: 1, symbol: word, verdictId: word, score: ODD, confidence: ODD },
    ...({ label: "WATCHLIST", price: ODD } as const),
  };
  const rules = { strategy: word, profile: word, preset: word, configVersion: word };
  return [
    run({
      ...{ runId: word, candidates: [candidate], ...rules },
      eliminations: [{ gate: word, first: 1, all: 1 }],
      stageCounts: [{ stage: word, in: 1, out: 1 }],
      ...{ healthStatus: word, healthMessages: [word] },
    }),
    recommendation({
      ...{ symbol: word, runId: word, thesis: word, reasons: [word], ...rules },
      ...{ score: ODD, confidence: ODD, price: ODD, sharesShort: ODD, volumeSpike: ODD },
      ...{ verdictId: word, featuresId: word, squeezeLabel: word, squeezeScore: ODD },
    }),
    jobFailed({ job: word, errorCode: word, errorMessage: word, processed: ODD }),
    jobSkipped({ job: word, dueAt: TEN_O_CLOCK + 1, reason: word }),
    hourMetric({ metric: word, subject: word, verdict: "UNKNOWN", reason: word, value: ODD }),
  ];
}
