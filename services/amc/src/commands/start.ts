import { setTimeout } from "node:timers/promises";
import { describeRecording } from "@amc/ingest-recordings/describe";
import { type PlayResult, playRecording, wasBegun } from "@amc/ingest-recordings/player";
import { loadProcessConfig } from "@amc/platform/config/load-config";
import type { CommandSpec, CommandWords } from "../command.ts";
import { CommandError, EXIT } from "../exit-codes.ts";
import { LIVE_OPTIONS, startLive } from "../live/start-live.ts";
import { isLive } from "../live/universe.ts";
import { logCounts } from "../log-counts.ts";
import { refusedRows } from "../operations/dead-letters/refused-rows.ts";
import { refuseUnreadable } from "../operations/refuse-unreadable.ts";
import { channelsText } from "../operations/sms-channel.ts";
import { formatCount, formatDuration } from "../output/format.ts";
import { alertJson, alertText } from "../output/lines.ts";
import { Printer } from "../output/printer.ts";
import { refusalLines } from "../output/refusal-lines.ts";
import { asCommandError, openRecording } from "../recordings.ts";
import { roleProblems } from "../role-problems.ts";
import { SCORING_OPTIONS, SHADOW_OPTION, scoringOf } from "../scoring-options.ts";
import { isStop, stopSignal } from "../stop-signal.ts";
import { openSystem, type System, type SystemOptions } from "../system.ts";
import { LOOK_EVERY_MS, Told, tellUntil } from "../told.ts";

export const START: CommandSpec = {
  name: "start",
  summary: "Starts everything in one process tree and plays a recording through it, or goes live",
  examples: [
    "npm start",
    "npm start -- --recording gme-2021 --data ../shared/data --data-dir .amc-gme-2021",
    "npm start --silent -- --exit-when-done --json",
    "npm start -- --live GME=GameStop,AMC --data-dir .amc-live",
    "TEST_MODE=true npm start -- --live GME,AMC --at 2025-09-05T14:00Z --data-dir .amc-mock",
  ],
  options: {
    ...LIVE_OPTIONS,
    recording: {
      type: "string",
      value: "<manifest>",
      doc: "name or path of a manifest; the built-in case by default",
    },
    data: { type: "string", value: "<dir>", doc: "root of the recordings; AMC_DATA by default" },
    "data-dir": {
      type: "string",
      value: "<dir>",
      doc: "log and database of this system, AMC_DATA_DIR by default; time in a log only runs forward, so a recording of an earlier time takes another",
    },
    port: { type: "string", value: "<n>", doc: "port of the API and the page; 0 takes a free one" },
    ...SCORING_OPTIONS,
    ...SHADOW_OPTION,
    "exit-when-done": { type: "boolean", doc: "end after the summary instead of serving on" },
    json: { type: "boolean", doc: "one JSON object per line on stdout" },
  },
  run: start,
};

async function start(words: CommandWords): Promise<number> {
  if (isLive(words)) return await startLive(words);
  if (words.text("at") !== undefined) throw new CommandError(EXIT.usage, "--at goes with --live");
  const startedMs = performance.now();
  const configured = loadProcessConfig("system", roleProblems("system"));
  const port = words.count("port", 0, 65_535) ?? configured.PORT;
  const variables = { ...configured, PORT: port };
  const scoring = scoringOf(words, variables);
  const printer = new Printer(words.flag("json"));
  const recording = await openRecording(
    words.text("recording") ?? "built-in",
    words.text("data") ?? variables.AMC_DATA,
  );
  const stop = stopSignal();
  const description = await asCommandError(() => describeRecording(recording));
  refuseUnreadable(description, printer);
  let wasPlayed = false;
  const system = await openedUnless(stop, {
    variables,
    scoring,
    configuredUniverse: description.symbols.length,
    dataDirectory: words.text("data-dir") ?? variables.AMC_DATA_DIR,
    checkLog: async (log) => {
      wasPlayed = await asCommandError(() => wasBegun(log, description));
    },
    showAlert: (id, alert) => printer.line(alertJson(id, alert), alertText(alert)),
  });
  if (system === null) return EXIT.ok;
  try {
    const { address, database } = system;
    printer.note(`${database.description}; page and API at ${address}`);
    printer.note(channelsText(system.sms));
    printer.line({ type: "serving", address, database: database.description }, null);
    const told = await Told.open(system, printer);
    const play = asCommandError(() =>
      playRecording({
        log: system.log,
        ...recording,
        signal: stop,
        onWritten: (appends, elapsedMs) =>
          system.telemetry.written("ingest-recordings", appends, elapsedMs),
        onProgress: ({ fraction, eventTime }) => told.reached(fraction, eventTime),
      }),
    );
    const result = await tellUntilDone(system, told, play, stop);
    printer.done();
    const elapsedMs = Math.round(performance.now() - startedMs);
    await tellSummary(system, told, printer, { result, wasPlayed, elapsedMs });
    if (!words.flag("exit-when-done") && !stop.aborted) {
      printer.note(`Serving at ${system.address} until Ctrl-C.`);
      await tellUntil(system, told, stop);
    }
  } catch (error) {
    // Asked to end before anything was played.
    if (!isStop(error, stop)) throw error;
  } finally {
    printer.done();
    await system.stop();
  }
  return EXIT.ok;
}

/** Null when it was asked to end while it opened. */
async function openedUnless(stop: AbortSignal, options: SystemOptions): Promise<System | null> {
  try {
    return await openSystem({ ...options, signal: stop });
  } catch (error) {
    if (isStop(error, stop)) return null;
    throw error;
  }
}

/** Tells what happens until the recording is played, processed and visible in the tables. */
async function tellUntilDone(
  system: System,
  told: Told,
  play: Promise<PlayResult>,
  stop: AbortSignal,
): Promise<PlayResult> {
  let played: PlayResult | null = null;
  const failed = Promise.race([
    system.ended,
    play.then((result) => {
      played = result;
      return new Promise<never>(() => undefined);
    }),
  ]);
  for (;;) {
    await Promise.race([setTimeout(LOOK_EVERY_MS), failed]);
    await told.look();
    await told.showProgress();
    if (played === null) continue;
    if (stop.aborted) return played;
    if ((await system.processor.lag()) > 0 || !(await system.projector.caughtUp())) continue;
    if ((await told.look()) === 0) return played;
  }
}

interface Played {
  readonly result: PlayResult;
  /** Whether a start before this one has begun the recording in this log. */
  readonly wasPlayed: boolean;
  readonly elapsedMs: number;
}

async function tellSummary(
  system: System,
  told: Told,
  printer: Printer,
  { result, wasPlayed, elapsedMs }: Played,
): Promise<void> {
  const { facts, deadLetters } = await logCounts(system.log);
  const rejected = await refusedRows(system.log);
  const { applied, skipped } = system.processor.counts();
  const total = Object.values(facts).reduce((sum, count) => sum + count, 0);
  printer.line(
    told.summary.json({
      recording: result.description.name,
      complete: result.isDone,
      facts,
      deadLetters,
      rejected,
      applied,
      skipped: Object.fromEntries(skipped),
      elapsedMs,
    }),
    [
      ...(told.summary.isEmpty && wasPlayed
        ? ["Nothing new: the recording was played before this start."]
        : told.summary.text()),
      `${formatCount(total)} facts in the log, ${deadLetters} dead letters, ${formatDuration(elapsedMs)}`,
      ...refusalLines(rejected),
    ].join("\n"),
  );
}
