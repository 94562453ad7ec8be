import type { ShortInterest, ShortQuality } from "@amc/schemas/generated/events";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { inputQuality } from "../detectors/feature-inputs.ts";
import { squeeze } from "../detectors/squeeze/detect.ts";
import { uuidOf } from "../kernel/ids.ts";
import type { AnyEmission, AnyEvent } from "../kernel/stage.ts";
import { Task } from "../kernel/task.ts";
import { DAY_MS } from "../market/calendar-date.ts";
import { newYorkToUtc } from "../market/event-time.ts";
import { DEFAULT_STALENESS } from "../market/shelf-life.ts";
import { DEFAULT_SCORING } from "../scoring/config.ts";
import { publishedAt } from "../short-interest/finra-calendar.ts";
import { DEFAULT_SHORT_INTEREST, type ShortInterestRules } from "../short-interest/rules.ts";
import { createShortQualityStage } from "../short-interest/short-quality-stage.ts";
import { detected } from "../testing/detected.ts";
import { barFact, dailyFact, referenceFact, shortInterestFact } from "../testing/symbol-facts.ts";
import { createFeaturesStage } from "./features-stage.ts";

const SETTLED = "2020-12-31";
const NEXT = "2021-01-15";
/** Public on 12 January 2021 at 18:00 ET, and the next on the 27th. */
const PUBLISHED = publishedAt(SETTLED);
const NEXT_PUBLISHED = publishedAt(NEXT);
const SLOT = newYorkToUtc("2021-01-13", "10:00");

/** A complete report of FINRA: 0.30 + 0.30 x 0.7 + 0.25 + 0.15 x consistency. */
function report(known: Partial<ShortInterest> = {}) {
  const { settlementDate = SETTLED, publishedAt: publishedMs = PUBLISHED, ...rest } = known;
  return shortInterestFact(publishedMs, {
    settlementDate,
    happenedAt: newYorkToUtc(settlementDate, "16:00"),
    ...{ source: "finra", confidence: 0.95, sharesShort: 5_000_000 },
    ...{ previousSharesShort: 5_000_000, averageDailyVolume: 2_000_000, daysToCover: 2.5 },
    ...rest,
  });
}

const yahoo = (known: Partial<ShortInterest> = {}) =>
  report({ source: "yahoo", confidence: 0.65, ...known });

function tick(happenedAt: number): AnyEvent {
  const value = { happenedAt, cuts: [], discovery: true, source: "test" };
  return { topic: "ops.clock.v1", id: uuidOf(`clock/${happenedAt}`), key: null, value };
}

const FLOAT = referenceFact(PUBLISHED - DAY_MS, { field: "FLOAT_SHARES", value: 25_000_000 });
const PRICE = dailyFact(newYorkToUtc("2021-01-08", "20:00"));

/** Features of the newest slot, and what the judgement told, of facts in the order of publication. */
function told(
  facts: readonly ReturnType<typeof report>[],
  atMs = SLOT,
  rules: Partial<ShortInterestRules> = {},
) {
  const shortInterest = { ...DEFAULT_SHORT_INTEREST, ...rules };
  const emitted: AnyEmission[] = [];
  const stages = [
    createFeaturesStage({ ...DEFAULT_SCORING, shortInterest }),
    createShortQualityStage(shortInterest),
  ];
  const owned = { partition: 0, partitions: 1 };
  const task = new Task({ name: "signals", timed: true, stages }, owned, ({ emission }) =>
    emitted.push(emission),
  );
  const all = [PRICE, FLOAT, ...facts, barFact(atMs)];
  const published = all.filter(({ value }) => value.publishedAt <= atMs);
  for (const instant of new Set(published.map(({ value }) => value.publishedAt))) {
    for (const fact of published) if (fact.value.publishedAt === instant) task.step(fact);
    task.step(tick(instant));
  }
  const features = emitted.flatMap((one) =>
    one.topic === "signals.features.v1" ? [one.value] : [],
  );
  const judged = emitted.flatMap((one) => (one.topic === "short.quality.v1" ? [one.value] : []));
  const newest = features.at(-1);
  if (newest === undefined) throw new TypeError("no features");
  return { features: newest, judged };
}

function measures({ features }: ReturnType<typeof told>) {
  const { sharesShort, shortFraction, daysToCover, shortInterestQuality: quality } = features;
  const reasons = new Set(
    features.missing
      .filter(({ feature }) => feature === "shortFraction" || feature === "daysToCover")
      .map(({ reason }) => reason),
  );
  return { sharesShort, shortFraction, daysToCover, quality, reasons: [...reasons] };
}

const shortMetrics = ({ features }: ReturnType<typeof told>) =>
  detected(squeeze, features).components.find(({ name }) => name === "short_metrics");

describe("short interest that is scored", () => {
  it("is in the features with its quality", () => {
    expect(measures(told([report()]))).toEqual({
      ...{ sharesShort: 5_000_000, shortFraction: 0.2, daysToCover: 2.5, quality: 0.91 },
      reasons: [],
    });
  });

  it("R-SI-08: is kept below a quality of 0.75, not scored, and the detector misses it", () => {
    // Without volume, float and days to cover 2 of 5 fields are known: (0.12 + 0.21 + 0.25) / 0.85.
    const sparse = report({ previousSharesShort: 4_000_000 });
    const low = told([sparse], SLOT, { qualityMin: 0.89 });
    // 0.30 + 0.21 + 0.25 + 0.15 x 0.75 = 0.8725
    expect(measures(low)).toEqual({
      ...{ sharesShort: 5_000_000, shortFraction: null, daysToCover: null, quality: 0.87 },
      reasons: ["quality-below-threshold"],
    });
    expect(shortMetrics(low)).toMatchObject({ value: null });
    expect(shortMetrics(low)?.reason).toContain("quality-below-threshold");
    const same = told([sparse], SLOT, { qualityMin: 0.87 });
    expect(measures(same).shortFraction).toBe(0.2);
    expect(shortMetrics(same)?.value).not.toBeNull();
  });

  it.each([
    [0.74, true],
    [0.75, true],
    [0.76, false],
  ])("R-SI-08: of a quality of 0.75 is used where %f is asked for: %s", (qualityMin, isUsed) => {
    // Doubled, so that consistency is 0; 0.30 x 0.8 + 0.21 + 0.25 + 0 = 0.70 and with all fields 0.76.
    const doubled = report({ previousSharesShort: 2_688_000 });
    const { quality, shortFraction } = measures(told([doubled], SLOT, { qualityMin }));
    expect(quality).toBeCloseTo(0.78, 2);
    const asked = measures(told([doubled], SLOT, { qualityMin: qualityMin + 0.03 }));
    expect(shortFraction !== null).toBe(true);
    expect(asked.shortFraction !== null).toBe(isUsed);
  });

  it.each([
    [999_999, null, ["thinly-traded"]],
    [1_000_000, 0.2, []],
  ])("R-SI-10: of a symbol with %d shares a day is %j", (averageDailyVolume, fraction, reasons) => {
    const found = measures(told([report({ averageDailyVolume })]));
    expect(found).toMatchObject({ sharesShort: 5_000_000, shortFraction: fraction, reasons });
  });

  it("R-SI-18: is FINRA's, whoever states the same date later", () => {
    const later = yahoo({ publishedAt: PUBLISHED + 3_600_000, sharesShort: 5_500_000 });
    const found = told([report(), later]);
    expect(measures(found)).toMatchObject({ sharesShort: 5_000_000, shortFraction: 0.2 });
    const input = found.features.inputs.find(({ role }) => role === "shortInterest");
    expect(input).toMatchObject({ source: "finra", confidence: 0.95, count: 2 });
  });

  it("R-SI-18: becomes FINRA-backed when FINRA joins, and its confidence rises", () => {
    const first = yahoo({ publishedAt: PUBLISHED - DAY_MS });
    const backed = told([first, report()]);
    const alone = told([first]);
    const confidence = (one: ReturnType<typeof told>) =>
      inputQuality(one.features, ["daysToCover"], DEFAULT_STALENESS).confidence;
    expect(confidence(alone)).toBe(0.65);
    expect(confidence(backed)).toBe(0.95);
    expect(backed.judged.map(({ source, leading }) => [source, leading])).toEqual([
      ["yahoo", true],
      ["finra", true],
      ["yahoo", false],
    ]);
  });

  it("R-SI-11: of others than FINRA is kept and not scored where no two agree", () => {
    // Medians lie at 7.3 million: 31.5 % away, which leaves an accuracy of 0.37.
    const stated = { sharesShort: 9_600_000, previousSharesShort: 9_600_000 };
    const other = report({ source: "polygon", confidence: 0.9, ...stated });
    const found = measures(told([yahoo(), other]));
    expect(found).toMatchObject({ shortFraction: null, reasons: ["sources-disagree"] });
    expect(measures(told([report(), other])).reasons).toEqual([]);
  });

  it("R-SI-11: is less believed the further another source lies away, more so than alone never", () => {
    const beside = (sharesShort: number) =>
      inputQuality(
        told([report(), yahoo({ sharesShort })]).features,
        ["daysToCover"],
        DEFAULT_STALENESS,
      ).confidence;
    expect(beside(5_000_000)).toBe(0.95);
    expect(beside(6_000_000)).toBe(0.95);
    // The median is 6.5 million, 23 % away: accuracy 0.538, of 0.7 for a single source.
    expect(beside(8_000_000)).toBeCloseTo((0.95 * (1 - 1.5 / 6.5 / 0.5)) / 0.7, 12);
  });

  it("is scored as published where ENABLE_SHORT_INTEREST_VALIDATION is off", () => {
    const thin = report({ averageDailyVolume: 10_000 });
    const found = told([thin], SLOT, { isValidated: false });
    expect(measures(found)).toMatchObject({ shortFraction: 0.2, reasons: [] });
    expect(found.judged).toMatchObject([{ usable: true, exclusions: [] }]);
  });

  it("has a quality that falls with age beyond SHORT_INTEREST_MAX_AGE_DAYS", () => {
    const atMs = newYorkToUtc("2021-02-01", "10:00");
    const aged = measures(told([report()], atMs));
    expect(aged.quality).toBeLessThan(0.91);
    const patient = measures(told([report()], atMs, { maxAgeMs: 30 * DAY_MS }));
    expect(patient.quality).toBe(0.91);
  });
});

describe("point in time", () => {
  it("sees the settlement of 2020-12-31 until 2021-01-27, and that of 01-15 from then on", () => {
    const next = report({ settlementDate: NEXT, publishedAt: NEXT_PUBLISHED, sharesShort: 6e6 });
    const seen = (atMs: number) => told([report(), next], atMs).features.shortSettlementDate;
    expect(seen(PUBLISHED - 60_000)).toBeNull();
    expect(seen(SLOT)).toBe(SETTLED);
    expect(seen(newYorkToUtc("2021-01-27", "16:00"))).toBe(SETTLED);
    expect(NEXT_PUBLISHED).toBe(newYorkToUtc("2021-01-27", "18:00"));
    expect(seen(newYorkToUtc("2021-01-27", "19:00"))).toBe(NEXT);
  });

  it("is the judgement that short.quality.v1 told, whatever was reported by whom, date after date", () => {
    const source = fc.constantFrom("finra", "yahoo", "polygon");
    const reports = fc.array(
      fc.record({
        source,
        settlementDate: fc.constantFrom(SETTLED, NEXT),
        sharesShort: fc.integer({ min: 0, max: 90_000_000 }),
        previousSharesShort: fc.option(fc.integer({ min: 0, max: 9_000_000 }), { nil: null }),
        averageDailyVolume: fc.option(fc.integer({ min: 0, max: 3_000_000 }), { nil: null }),
      }),
      { minLength: 1, maxLength: 6 },
    );
    fc.assert(
      fc.property(reports, (known) => {
        const first = newYorkToUtc("2021-01-28", "09:00");
        const byDate = known.toSorted((a, b) => (a.settlementDate < b.settlementDate ? -1 : 1));
        const facts = byDate.map((one, index) =>
          report({ ...one, publishedAt: first + index * 60_000 }),
        );
        const atMs = first + known.length * 60_000;
        const { features, judged } = told(facts, atMs);
        const newest = judged
          .map(({ settlementDate }) => settlementDate)
          .sort()
          .at(-1);
        const isLeading = (one: ShortQuality) => one.leading && one.settlementDate === newest;
        const standing = judged.findLast(isLeading);
        expect(features.shortInterestQuality).toBe(standing?.overall);
        expect(features.sharesShort).toBe(standing?.sharesShort);
        expect(features.shortFraction === null).toBe(standing?.usable === false);
      }),
      { numRuns: 200 },
    );
  });
});
