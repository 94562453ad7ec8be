import type { Append, Log } from "@amc/platform/log/port";
import { publishedAt as publishedAtOf } from "@amc/streams/short-interest/finra-calendar";
import { experimentPlanned, experimentResult } from "@amc/streams/testing/experiment-events";
import { TEN_O_CLOCK } from "@amc/streams/testing/features-builder";
import {
  alertRaised,
  hourMetric,
  jobFailed,
  jobRun,
  jobSkipped,
  jobStarted,
} from "@amc/streams/testing/job-events";
import { position } from "@amc/streams/testing/portfolio-events";
import {
  breakerChange,
  clockTick,
  providerCall,
  recommendation,
  shortInterest,
} from "@amc/streams/testing/projected-events";
import { periodDecided } from "@amc/streams/testing/schedule-events";
import { shortQuality } from "@amc/streams/testing/short-quality-events";
import { emptyLog, recordOf } from "./log-of-events.ts";
import { QUARTER_MS, sequence, simulatedMarket } from "./simulated-market.ts";

/** Ticks before and after a publication, what was published, and a later one that people have put off. */
function calendar(log: Log): Append[] {
  const publishedAt = publishedAtOf("2020-12-31");
  const partitions = Array.from({ length: log.partitions("ops.clock.v1") }, (_, index) => index);
  const ticks = [publishedAt - 60_000, TEN_O_CLOCK].flatMap((happenedAt) =>
    partitions.map((partition) => ({ ...recordOf(clockTick({ happenedAt })), partition })),
  );
  const decided = ["published=2021-01-29", "published=2021-01-28"].flatMap((value, index) => {
    const event = periodDecided("2021-01-15", value, TEN_O_CLOCK + index);
    return partitions.map((partition) => ({ ...recordOf(event), partition }));
  });
  return [...ticks, recordOf(shortInterest({ publishedAt })), ...decided];
}

/** A call every ten minutes around the first slots, one in three a failure, one of them twice. */
function providerCalls(): readonly Append[] {
  const calls = Array.from({ length: 24 }, (_, index) =>
    recordOf(
      providerCall({
        provider: index % 2 === 0 ? "finra_short" : "yahoo",
        happenedAt: TEN_O_CLOCK + (index - 6) * 600_000,
        success: index % 3 > 0,
        simulated: index % 4 === 0,
      }),
    ),
  );
  return [...calls, ...calls.slice(0, 1), recordOf(breakerChange())];
}

/** Positions of two accounts that open, change, close and turn short, one of the records twice. */
function positions(): readonly Append[] {
  const held = [
    position({ happenedAt: TEN_O_CLOCK, quantity: 100 }),
    position({ happenedAt: TEN_O_CLOCK, quantity: 3, symbol: "AMC" }),
    position({ happenedAt: TEN_O_CLOCK, quantity: 0.5, account: "ira" }),
    position({ happenedAt: TEN_O_CLOCK + 1, quantity: -40 }),
    position({ happenedAt: TEN_O_CLOCK + 1, quantity: 0, averageEntryPrice: null, symbol: "AMC" }),
  ].map(recordOf);
  return [...held.slice(0, 1), ...held];
}

/** One report as two sources state it, judged again when it was revised; one judgement is there twice. */
function judgements(): readonly Append[] {
  const first = shortQuality();
  const later = first.value.happenedAt + QUARTER_MS;
  const judged = [
    shortQuality({ source: "yahoo", leading: false }),
    first,
    shortQuality({ vintage: 2, happenedAt: later, publishedAt: later, sharesShort: 70_000_000 }),
  ].map(recordOf);
  return [...judged.slice(0, 1), ...judged];
}

/** Runs that succeed, fail for good and are skipped, one of their steps twice, and what they found. */
function jobRuns(): readonly Append[] {
  const retryAt = TEN_O_CLOCK + QUARTER_MS;
  const told = [
    jobStarted(),
    jobFailed({ retryAt }),
    jobStarted({ attempt: 2, startedAt: retryAt, happenedAt: retryAt }),
    jobRun({ attempt: 2, startedAt: retryAt, happenedAt: retryAt + 61_000 }),
    jobSkipped({ dueAt: TEN_O_CLOCK - QUARTER_MS }),
    jobStarted({ job: "data_cleanup" }),
    jobFailed({ job: "data_cleanup" }),
    alertRaised({ happenedAt: TEN_O_CLOCK - QUARTER_MS }),
    // Raised again by whoever took over.
    alertRaised(),
    alertRaised({ raisedAt: TEN_O_CLOCK + 3_600_000 }),
    hourMetric(),
    hourMetric({ metric: "provider.latency-p95", value: null, verdict: "UNKNOWN", usual: null }),
  ].map(recordOf);
  return [...told.slice(0, 2), ...told];
}

/** Decisions in every partition about one experiment that ends within the day, and what it gave. */
function experiment(log: Log): Append[] {
  const partitions = Array.from({ length: log.partitions("ops.control.v1") }, (_, index) => index);
  const endAt = TEN_O_CLOCK + 6 * QUARTER_MS;
  const decisions = [
    experimentPlanned({ endAt }),
    experimentPlanned({ endAt, status: "PAUSED" }, TEN_O_CLOCK + 1),
    experimentPlanned({ endAt }, TEN_O_CLOCK + 2),
  ];
  const results = [0, 1, 2, 3, 4, 5].map((index) =>
    recordOf(experimentResult({ slot: TEN_O_CLOCK + index * QUARTER_MS })),
  );
  const told = decisions.flatMap((event) =>
    partitions.map((partition) => ({ ...recordOf(event), partition })),
  );
  return [...results, ...results.slice(0, 1), ...told];
}

/** A log of some 4,800 records, one in fifty of them poison and one in fifty written twice. */
export async function recordedLog(seed: number): Promise<Log> {
  const log = emptyLog();
  const random = sequence(seed + 1);
  const events = simulatedMarket(seed, { symbols: 40, slots: 8, slices: 5 });
  const appends = events.flatMap((event) => {
    const record = recordOf(event);
    const chance = random();
    if (chance < 0.02) return [record, poisoned(record, random)];
    return chance < 0.04 ? [record, record] : [record];
  });
  await log.commit({
    appends: [
      ...appends,
      ...calendar(log),
      ...providerCalls(),
      ...positions(),
      ...judgements(),
      ...jobRuns(),
      ...experiment(log),
      ...tooLargeForTheirColumns(),
    ],
  });
  return log;
}

/** One of the ways in which a record cannot be read. */
export function poisoned(record: Append, random: () => number): Append {
  const value = record.value ?? new Uint8Array();
  const ways: readonly Append[] = [
    { ...record, value: null },
    { ...record, value: new Uint8Array() },
    { ...record, value: value.subarray(0, Math.floor(value.length * random())) },
    { ...record, value: Uint8Array.of(1, ...value.subarray(1)) },
    { ...record, value: Uint8Array.of(0, 0, 0, 255, 255, ...value.subarray(5)) },
    { ...record, value: Uint8Array.of(...value, 0) },
    { ...record, headers: { ...record.headers, ce_id: "not-a-uuid" } },
    { ...record, headers: {} },
  ];
  return ways[Math.floor(random() * ways.length)] ?? record;
}

/** Sound events that no row can hold: by our own rules, and by PostgreSQL's alone. */
export function tooLargeForTheirColumns(): readonly Append[] {
  return [
    recordOf(recommendation({ symbol: "HIGH", price: 1_000_000 })),
    recordOf(recommendation({ symbol: "FEB", tradingDay: "2021-02-30" })),
  ];
}
