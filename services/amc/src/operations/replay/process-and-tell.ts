import type { Log } from "@amc/platform/log/port";
import { Processor } from "@amc/processor/processor";
import type { EventRange } from "@amc/replay/compare-logs";
import { isoUtc } from "@amc/streams/market/event-time";
import type { ScoringConfig } from "@amc/streams/scoring/config";
import { createTopology } from "@amc/streams/topology/topology";
import { EventFollower } from "../../event-follower.ts";
import { logCounts } from "../../log-counts.ts";
import { TOLD_TOPICS, tellFollowed } from "../../output/event-printer.ts";
import { formatCount, formatDuration } from "../../output/format.ts";
import type { Printer } from "../../output/printer.ts";
import { refusalLines } from "../../output/refusal-lines.ts";
import { RunSummary } from "../../output/run-summary.ts";
import { refusedRows } from "../dead-letters/refused-rows.ts";

/** Ticks between two looks at what came out. */
const LOOK_EVERY_TICKS = 256;

export interface Told {
  /** What is replayed. */
  readonly name: string;
  /** Whether all of it was read. */
  readonly isComplete: boolean;
  /** In memory, with the facts; gets what is derived. */
  readonly log: Log;
  readonly scoring: ScoringConfig;
  readonly configuredUniverse: number;
  readonly printer: Printer;
  /** Of `performance.now()`. */
  readonly startedMs: number;
  /** Only what happened in it is told; everything by default. */
  readonly range?: EventRange;
}

/** Processes the facts of a log and tells what is found on the way, then the summary. */
export async function processAndTell(told: Told): Promise<void> {
  const { name, isComplete, log, scoring, configuredUniverse, printer, startedMs } = told;
  const processor = await Processor.open({
    log,
    topology: createTopology({ scoring, configuredUniverse, failFast: false }),
    batch: { maxTicks: LOOK_EVERY_TICKS, maxRecords: 50_000 },
  });
  const summary = new RunSummary();
  await processInTurns(processor, told, summary);
  printer.done();
  const { facts, deadLetters } = await logCounts(log);
  const rejected = await refusedRows(log);
  const elapsedMs = Math.round(performance.now() - startedMs);
  const { applied, skipped } = processor.counts();
  const total = Object.values(facts).reduce((sum, count) => sum + count, 0);
  printer.line(
    summary.json({
      recording: name,
      complete: isComplete,
      facts,
      deadLetters,
      rejected,
      applied,
      skipped: Object.fromEntries(skipped),
      elapsedMs,
    }),
    [
      ...summary.text(),
      `${formatCount(total)} facts, ${deadLetters} dead letters, ${formatDuration(elapsedMs)}`,
      ...refusalLines(rejected),
    ].join("\n"),
  );
}

/** Batch by batch in topology order, so that what is found is told on the way. */
async function processInTurns(
  processor: Processor,
  { log, printer, range = { fromMs: -Infinity, toMs: Infinity } }: Told,
  summary: RunSummary,
): Promise<void> {
  const follower = EventFollower.fromStart(log, TOLD_TOPICS);
  const total = await processor.lag();
  for (;;) {
    let taken = 0;
    for (const runner of processor.runners) taken += await runner.runOnce();
    const { events, unreadable } = await follower.poll();
    const inRange = events.filter(
      ({ value: { happenedAt } }) => happenedAt >= range.fromMs && happenedAt <= range.toMs,
    );
    tellFollowed({ events: inRange, unreadable }, printer, summary);
    if (taken === 0) return;
    const lag = await processor.lag();
    const at = processor.runners[0]?.lastTickMs() ?? null;
    printer.progress({
      fraction: total === 0 ? 1 : 0.5 + 0.5 * Math.max(0, 1 - lag / total),
      label: at === null ? "processing" : `processing ${isoUtc(at).slice(0, 16)}Z`,
      phase: "processing",
    });
  }
}
