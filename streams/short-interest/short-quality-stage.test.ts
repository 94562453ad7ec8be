import type { CorporateAction, ShortInterest, ShortQuality } from "@amc/schemas/generated/events";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createFeaturesStage } from "../features/features-stage.ts";
import { uuidOf } from "../kernel/ids.ts";
import type { AnyEvent } from "../kernel/stage.ts";
import { Task } from "../kernel/task.ts";
import { DAY_MS } from "../market/calendar-date.ts";
import { newYorkToUtc } from "../market/event-time.ts";
import { DEFAULT_SCORING } from "../scoring/config.ts";
import { referenceFact, shortInterestFact } from "../testing/symbol-facts.ts";
import { publishedAt, settlementDates } from "./finra-calendar.ts";
import { DEFAULT_SHORT_INTEREST } from "./rules.ts";
import { createShortQualityStage } from "./short-quality-stage.ts";

type Known = Partial<Omit<ShortInterest, "symbol" | "publishedAt">>;

/** A complete report of FINRA, published by its calendar unless said otherwise. */
function report(
  settlementDate: string,
  known: Known = {},
  publishedMs = publishedAt(settlementDate),
) {
  return shortInterestFact(publishedMs, {
    settlementDate,
    happenedAt: newYorkToUtc(settlementDate, "16:00"),
    source: "finra",
    confidence: 0.95,
    sharesShort: 5_000_000,
    previousSharesShort: 5_000_000,
    averageDailyVolume: 2_000_000,
    daysToCover: 2.5,
    ...known,
  });
}

const yahoo = (settlementDate: string, known: Known = {}, publishedMs?: number) =>
  report(settlementDate, { source: "yahoo", confidence: 0.65, ...known }, publishedMs);

function split(effectiveAt: number): AnyEvent {
  const value: CorporateAction = {
    ...{ symbol: "TEST", happenedAt: effectiveAt, publishedAt: effectiveAt - DAY_MS },
    ...{ capturedAt: effectiveAt - DAY_MS, source: "vendor", confidence: 1, stale: false },
    ...{ providerLatencyMs: null, simulated: false, action: "SPLIT", effectiveAt, ratio: 4 },
    newSymbol: null,
  };
  return {
    topic: "market.corporate-action.v1",
    id: uuidOf(`split/${effectiveAt}`),
    key: "TEST",
    value,
  };
}

function tick(happenedAt: number): AnyEvent {
  const value = { happenedAt, cuts: [], discovery: false, source: "test" };
  return { topic: "ops.clock.v1", id: uuidOf(`clock/${happenedAt}`), key: null, value };
}

interface Judged {
  readonly id: string;
  readonly value: ShortQuality;
}

/** Features and judgement as they run together; each list of facts is a slice that ends at its tick. */
class Pair {
  readonly judged: Judged[] = [];
  readonly #committed = new Map<string, Map<string, Uint8Array>>();
  #task = this.#open();

  slice(atMs: number, ...facts: readonly AnyEvent[]): readonly Judged[] {
    const before = this.judged.length;
    for (const fact of facts) this.#task.step(fact);
    this.#task.step(tick(atMs));
    this.#commit();
    return this.judged.slice(before);
  }

  /** A crash after a commit: what was committed is all that is left. */
  restart(): void {
    this.#task = this.#open();
    for (const store of this.#task.stores) {
      for (const [key, bytes] of this.#committed.get(store.name) ?? []) store.restore(key, bytes);
    }
  }

  storedBytes(store: string): number {
    return [...(this.#committed.get(store)?.values() ?? [])].reduce(
      (sum, { length }) => sum + length,
      0,
    );
  }

  #commit(): void {
    for (const store of this.#task.stores) {
      const committed = this.#committed.get(store.name) ?? new Map<string, Uint8Array>();
      this.#committed.set(store.name, committed);
      for (const { key, value } of store.takeChanges()) {
        if (value === null) committed.delete(key);
        else committed.set(key, value.slice());
      }
    }
  }

  #open(): Task {
    const stages = [
      createFeaturesStage(DEFAULT_SCORING),
      createShortQualityStage(DEFAULT_SHORT_INTEREST),
    ];
    const owned = { partition: 0, partitions: 1 };
    return new Task({ name: "signals", timed: true, stages }, owned, ({ emission }) => {
      if (emission.topic !== "short.quality.v1") return;
      this.judged.push({ id: emission.id, value: emission.value });
    });
  }
}

const only = (judged: readonly Judged[]): ShortQuality => {
  const [first, ...others] = judged;
  if (first === undefined || others.length > 0) throw new TypeError(`${judged.length} judgements`);
  return first.value;
};

const SETTLED = "2020-12-31";
const AT = publishedAt(SETTLED);
const NEXT = "2021-01-15";

const echo = (settlementDate: string, known: Known = {}, publishedMs?: number) =>
  yahoo(settlementDate, { source: "cache", confidence: 0.7, ...known }, publishedMs);

describe("what Yahoo said before, told again where it does not answer (R-ING-17)", () => {
  it("is judged as what it is, and marked, while nothing else is known", () => {
    expect(only(new Pair().slice(AT, echo(SETTLED)))).toMatchObject({
      ...{ source: "cache", leading: true, sources: ["cache"], agreement: "LOW" },
    });
  });

  it.each([
    ["after", [yahoo(SETTLED), echo(SETTLED)]],
    ["before", [echo(SETTLED), yahoo(SETTLED)]],
  ])("is no second witness beside Yahoo's own word, told %s it", (_, [first, second]) => {
    const pair = new Pair();
    if (first === undefined || second === undefined) throw new TypeError("two reports");
    pair.slice(AT, first);
    const judged = only(pair.slice(AT + DAY_MS, second));
    expect(judged).toMatchObject({ source: "yahoo", sources: ["yahoo"], agreement: "LOW" });
    // Beside another source it bears out nothing either.
    const [leading] = pair.slice(AT + 2 * DAY_MS, report(SETTLED, { sharesShort: 9_000_000 }));
    expect(leading?.value.sources).toEqual(["finra", "yahoo"]);
  });
});

describe("a report of short interest", () => {
  it("is judged at the tick that follows its publication, with float and what follows from it", () => {
    const float = referenceFact(AT - DAY_MS, { field: "FLOAT_SHARES", value: 25_000_000 });
    const quality = only(new Pair().slice(AT, float, report(SETTLED)));
    expect(quality).toMatchObject({
      happenedAt: AT,
      settlementDate: SETTLED,
      source: "finra",
      leading: true,
      vintage: 1,
      percentFloat: 0.2,
      daysToCover: 2.5,
      change: 0,
      completeness: 1,
      accuracy: 0.7,
      freshness: 1,
      consistency: 1,
      // 0.30 + 0.30 x 0.7 + 0.25 + 0.15
      overall: 0.91,
      usable: true,
      exclusions: [],
      agreement: "LOW",
      agreementConfidence: 0.5,
      notes: ["single-source"],
    });
  });

  it("counts its age from publication when it comes late: 18 of 14 days", () => {
    const quality = only(new Pair().slice(AT + 18 * DAY_MS, report(SETTLED)));
    expect(quality.freshness).toBeCloseTo(0.866878, 6);
    // Complete but for the float: 0.30 x 0.8 + 0.30 x 0.7 + 0.25 x 0.866878 + 0.15
    expect(quality.overall).toBe(0.82);
    expect(quality.notes).toContain("float-unknown");
  });

  it("R-SI-08: is kept below a quality of 0.75, excluded and with the reason", () => {
    const quality = only(
      new Pair().slice(AT, report(SETTLED, { averageDailyVolume: null, daysToCover: null })),
    );
    // 0.30 x 0.4 + 0.30 x 0.7 + 0.25 + 0.15 = 0.73
    expect(quality).toMatchObject({
      overall: 0.73,
      usable: false,
      usableUntil: null,
      exclusions: ["quality-below-threshold"],
    });
  });

  it("R-SI-10: is excluded at 999,999 shares a day and not at 1,000,000", () => {
    const at = (averageDailyVolume: number) =>
      only(new Pair().slice(AT, report(SETTLED, { averageDailyVolume })));
    expect(at(999_999)).toMatchObject({ usable: false, exclusions: ["thinly-traded"] });
    expect(at(1_000_000)).toMatchObject({ usable: true, exclusions: [] });
  });

  it("R-ING-19: is noted above one float short and refused above three", () => {
    const shortOf = (value: number) => {
      const float = referenceFact(AT - DAY_MS, { field: "FLOAT_SHARES", value });
      return only(new Pair().slice(AT, float, report(SETTLED)));
    };
    expect(shortOf(3_300_000)).toMatchObject({
      usable: true,
      notes: expect.arrayContaining(["percent-of-float-extreme"]),
    });
    const bound = { field: "SHARES_OUTSTANDING", value: 3_300_000, precision: "BOUND" } as const;
    expect(
      only(new Pair().slice(AT, referenceFact(AT - DAY_MS, bound), report(SETTLED))),
    ).toMatchObject({ notes: ["single-source", "float-bound", "percent-of-float-extreme"] });
    expect(shortOf(1_600_000)).toMatchObject({
      percentFloat: null,
      usable: false,
      exclusions: ["percent-of-float-out-of-range"],
    });
  });

  it("R-SI-12: tells a jump from 2,000,000 to 5,000,000 once, and not of old history", () => {
    const jump = { sharesShort: 5_000_000, previousSharesShort: 2_000_000 };
    const pair = new Pair();
    expect(only(pair.slice(AT, report(SETTLED, jump)))).toMatchObject({
      change: 1.5,
      jump: true,
      jumpIsNew: true,
    });
    const revised = report(SETTLED, { ...jump, revision: true }, AT + DAY_MS);
    expect(only(pair.slice(AT + DAY_MS, revised))).toMatchObject({ jump: true, jumpIsNew: false });
    const late = only(new Pair().slice(AT + 15 * DAY_MS, report(SETTLED, jump)));
    expect(late).toMatchObject({ jump: true, jumpIsNew: false });
  });

  it("is not compared with float and usual volume of after a split", () => {
    const effectiveAt = newYorkToUtc("2021-01-11", "04:00");
    const float = referenceFact(AT - 2 * DAY_MS, { field: "FLOAT_SHARES", value: 100_000_000 });
    const quality = only(new Pair().slice(AT, split(effectiveAt), float, report(SETTLED)));
    expect(quality).toMatchObject({ floatShares: null, percentFloat: null });
    expect(quality.notes).toContain("split-since");
  });
});

describe("several reports of one settlement date", () => {
  it("are judged again when a source joins, and FINRA's stands for the date (R-SI-18)", () => {
    const pair = new Pair();
    const alone = only(pair.slice(AT, yahoo(SETTLED)));
    expect(alone).toMatchObject({ source: "yahoo", leading: true, accuracy: 0.7 });
    const both = pair.slice(AT + DAY_MS, report(SETTLED, {}, AT + DAY_MS));
    expect(both.map(({ value }) => value)).toMatchObject([
      {
        source: "finra",
        leading: true,
        accuracy: 1,
        agreement: "MEDIUM",
        sources: ["finra", "yahoo"],
      },
      { source: "yahoo", leading: false, accuracy: 1, agreementConfidence: 0.7 },
    ]);
  });

  it("are less accurate the further they lie apart, and a third shows who is the outlier", () => {
    const pair = new Pair();
    pair.slice(AT, report(SETTLED), yahoo(SETTLED, { sharesShort: 6_000_000 }));
    // Each lies 0.5 of 5.5 million from the median: 1 - 0.0909 / 0.5
    expect(pair.judged.map(({ value }) => value.accuracy)).toEqual([0.818182, 0.818182]);
    const vendor = { source: "vendor", confidence: 0.7, sharesShort: 9_000_000 };
    const three = pair.slice(AT + DAY_MS, report(SETTLED, vendor, AT + DAY_MS));
    const outlier = three.find(({ value }) => value.source === "vendor")?.value;
    // 3 of 6 million from the median is not more than half of it; 9.1 would be.
    expect(outlier).toMatchObject({ accuracy: 0, outliers: [] });
    const fourth = { ...vendor, sharesShort: 9_100_000, revision: true };
    const revised = pair.slice(AT + 2 * DAY_MS, report(SETTLED, fourth, AT + 2 * DAY_MS));
    expect(revised.find(({ value }) => value.source === "vendor")?.value).toMatchObject({
      vintage: 2,
      revision: true,
      outliers: ["vendor"],
      usable: false,
      notes: expect.arrayContaining(["outlier"]),
    });
  });

  it("keep their vintages apart: a revision is a judgement of its own, aged from the first", () => {
    const pair = new Pair();
    const first = only(pair.slice(AT, report(SETTLED)));
    const revisedAt = AT + 20 * DAY_MS;
    const revision = report(SETTLED, { sharesShort: 5_100_000, revision: true }, revisedAt);
    const second = only(pair.slice(revisedAt, revision));
    expect([first.vintage, second.vintage]).toEqual([1, 2]);
    expect(second).toMatchObject({ sharesShort: 5_100_000, revision: true, firstPublishedAt: AT });
    expect(second.freshness).toBeLessThan(1);
    expect(new Set(pair.judged.map(({ id }) => id)).size).toBe(2);
  });

  it("say nothing new when one of them is read again", () => {
    const pair = new Pair();
    pair.slice(AT, report(SETTLED));
    expect(pair.slice(AT + DAY_MS, report(SETTLED))).toEqual([]);
  });
});

describe("a history of reports", () => {
  const year = settlementDates(2020);

  it("is judged whole when it comes at once, each period against the one before", () => {
    const reports = year.map((date, index) =>
      report(date, { previousSharesShort: null, sharesShort: 1_000_000 + index * 10_000 }),
    );
    const judged = new Pair().slice(AT, ...reports);
    expect(judged.map(({ value }) => value.settlementDate)).toEqual(year);
    expect(judged[0]?.value.notes).toContain("no-previous-report");
    expect(judged.slice(1).map(({ value }) => value.previousSharesShort)).toEqual(
      reports.slice(0, -1).map(({ value }) => value.sharesShort),
    );
  });

  it("R-SI point in time: nothing of 2021-01-15 is known before its publication on 2021-01-27", () => {
    const pair = new Pair();
    pair.slice(AT, report(SETTLED));
    const until = pair.judged.map(({ value }) => value.settlementDate);
    pair.slice(publishedAt(NEXT), report(NEXT));
    expect(until).toEqual([SETTLED]);
    expect(pair.judged.at(-1)?.value).toMatchObject({
      settlementDate: NEXT,
      happenedAt: newYorkToUtc("2021-01-27", "18:00"),
    });
  });

  it("is judged the same whatever the order inside a slice, and after any restart", () => {
    const reports = year
      .slice(-6)
      .flatMap((date, index) => [
        report(date, { sharesShort: 3_000_000 + index, previousSharesShort: null }),
        yahoo(date, { sharesShort: 3_100_000 }),
      ]);
    const whole = new Pair();
    whole.slice(AT, ...reports);
    fc.assert(
      fc.property(fc.shuffledSubarray(reports, { minLength: reports.length }), (shuffled) => {
        const pair = new Pair();
        pair.slice(AT, ...shuffled);
        expect(pair.judged).toEqual(whole.judged);
      }),
      { numRuns: 20 },
    );
    const steps = year.slice(-6).map((date) => [date, report(date), yahoo(date)] as const);
    const straight = new Pair();
    for (const [date, ...facts] of steps) straight.slice(publishedAt(date), ...facts);
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }), (restarts) => {
        const pair = new Pair();
        steps.forEach(([date, ...facts], index) => {
          pair.slice(publishedAt(date), ...facts);
          if (restarts[index]) pair.restart();
        });
        expect(pair.judged).toEqual(straight.judged);
      }),
      { numRuns: 20 },
    );
  });

  it("takes a bounded state, however long it is", () => {
    const pair = new Pair();
    for (const date of [...year, ...settlementDates(2021)])
      pair.slice(publishedAt(date), report(date));
    expect(pair.judged).toHaveLength(48);
    expect(pair.storedBytes("short-quality.reports")).toBeLessThan(6_000);
  });
});
