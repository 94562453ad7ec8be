import type { PlayProgress } from "@amc/ingest-recordings/player";
import { playRecording } from "@amc/ingest-recordings/player";
import { loadProcessConfig } from "@amc/platform/config/load-config";
import { createMemoryLog } from "@amc/platform/log/memory";
import { systemLayout } from "@amc/platform/runtime/layout";
import { Processor } from "@amc/processor/processor";
import { isoUtc } from "@amc/streams/market/event-time";
import { createTopology } from "@amc/streams/topology/topology";
import type { CommandSpec, CommandWords } from "../command.ts";
import { EventFollower } from "../event-follower.ts";
import { EXIT } from "../exit-codes.ts";
import { logCounts } from "../log-counts.ts";
import { printEvent, TOLD_TOPICS } from "../output/event-printer.ts";
import { formatCount, formatDuration } from "../output/format.ts";
import { Printer } from "../output/printer.ts";
import { RunSummary } from "../output/run-summary.ts";
import { asCommandError, openRecording, type Recording } from "../recordings.ts";
import { configuredScoring, SCORING_OPTIONS, scoringOf } from "../scoring-options.ts";

/** Ticks between two looks at what came out. */
const LOOK_EVERY_TICKS = 256;

export const REPLAY: CommandSpec = {
  name: "replay",
  summary: "Processes a recording in memory and tells what would have been recommended",
  examples: [
    "npm run amc -- replay --recording gme-2021",
    "npm run --silent amc -- replay --recording built-in --json",
    "npm run amc -- replay --recording gme-2021 --profile active --from 2021-01-13 --to 2021-01-13",
  ],
  options: {
    recording: {
      type: "string",
      value: "<manifest>",
      doc: "name or path of a manifest; built-in by default",
    },
    data: { type: "string", value: "<dir>", doc: "root of the recordings; AMC_DATA by default" },
    ...SCORING_OPTIONS,
    symbols: { type: "string", value: "<A,B>", doc: "only these symbols" },
    partitions: {
      type: "string",
      value: "<n>",
      doc: "partitions of the log in memory; 1 by default",
    },
    from: { type: "string", value: "<time>", doc: "first instant at which slots fire" },
    to: { type: "string", value: "<time>", doc: "last instant at which slots fire" },
    json: { type: "boolean", doc: "one JSON object per line on stdout" },
  },
  run: replay,
};

async function replay(words: CommandWords): Promise<number> {
  const startedMs = performance.now();
  const variables = loadProcessConfig();
  const printer = new Printer(words.flag("json"));
  const scoring = scoringOf(words, configuredScoring(variables));
  const recording = withRange(
    await openRecording(
      words.text("recording") ?? "built-in",
      words.text("data") ?? variables.AMC_DATA,
    ),
    words,
  );
  const log = createMemoryLog(systemLayout(words.count("partitions", 1, 64) ?? 1), () => 0);
  const { description } = await asCommandError(() =>
    playRecording({
      log,
      ...recording,
      symbols: symbolsOf(words),
      onProgress: (progress) => printer.progress(readingState(progress)),
    }),
  );
  const configuredUniverse = description.symbols.length;
  const topology = createTopology({ scoring, configuredUniverse, failFast: false });
  const processor = await Processor.open({
    log,
    topology,
    batch: { maxTicks: LOOK_EVERY_TICKS, maxRecords: 50_000 },
  });
  const summary = new RunSummary();
  await processAndTell(processor, EventFollower.fromStart(log, TOLD_TOPICS), printer, summary);
  printer.done();
  const { facts, deadLetters } = await logCounts(log);
  const elapsedMs = Math.round(performance.now() - startedMs);
  const { applied, skipped } = processor.counts();
  printer.line(
    summary.json({
      recording: recording.manifest.name,
      facts,
      deadLetters,
      applied,
      skipped: Object.fromEntries(skipped),
      elapsedMs,
    }),
    [
      ...summary.text(),
      `${formatCount(Object.values(facts).reduce((sum, count) => sum + count, 0))} facts, ` +
        `${deadLetters} dead letters, ${formatDuration(elapsedMs)}`,
    ].join("\n"),
  );
  return EXIT.ok;
}

/** Batch by batch in topology order, so that what is found is told on the way. */
async function processAndTell(
  processor: Processor,
  follower: EventFollower,
  printer: Printer,
  summary: RunSummary,
): Promise<void> {
  const total = await processor.lag();
  for (;;) {
    let taken = 0;
    for (const runner of processor.runners) taken += await runner.runOnce();
    for (const event of await follower.poll()) {
      summary.take(event);
      printEvent(printer, event);
    }
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

function readingState({ fraction, factsDone, factsTotal }: PlayProgress) {
  return {
    fraction: fraction / 2,
    label: `reading ${formatCount(factsDone)} of ${formatCount(factsTotal)} facts`,
    phase: "reading",
    factsDone,
    factsTotal,
  };
}

function symbolsOf(words: CommandWords): ReadonlySet<string> | undefined {
  const text = words.text("symbols");
  return text === undefined ? undefined : new Set(text.split(",").map((symbol) => symbol.trim()));
}

/** `--from` and `--to` move the range in which slots fire; the rest of the recording warms up. */
function withRange(recording: Recording, words: CommandWords): Recording {
  const from = words.text("from");
  const to = words.text("to");
  if (from === undefined && to === undefined) return recording;
  const { manifest } = recording;
  const evaluate = {
    from: from ?? manifest.evaluate?.from ?? "1998-01-01",
    to: to ?? manifest.evaluate?.to ?? "2028-12-31",
  };
  return { ...recording, manifest: { ...manifest, evaluate } };
}
