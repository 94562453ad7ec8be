import { setTimeout } from "node:timers/promises";
import { describeRecording } from "@amc/ingest-recordings/describe";
import { type PlayResult, playRecording, wasBegun } from "@amc/ingest-recordings/player";
import { loadProcessConfig } from "@amc/platform/config/load-config";
import { isoUtc } from "@amc/streams/market/event-time";
import type { CommandSpec, CommandWords } from "../command.ts";
import { EventFollower } from "../event-follower.ts";
import { EXIT } from "../exit-codes.ts";
import { logCounts } from "../log-counts.ts";
import { refusedRows } from "../operations/dead-letters/refused-rows.ts";
import { refuseUnreadable } from "../operations/refuse-unreadable.ts";
import { tellFollowed } from "../output/event-printer.ts";
import { formatCount, formatDuration } from "../output/format.ts";
import { alertJson, alertText } from "../output/lines.ts";
import { Printer } from "../output/printer.ts";
import { refusalLines } from "../output/refusal-lines.ts";
import { RunSummary } from "../output/run-summary.ts";
import { asCommandError, openRecording } from "../recordings.ts";
import { configuredScoring, SCORING_OPTIONS, scoringOf } from "../scoring-options.ts";
import { isStop, stopSignal } from "../stop-signal.ts";
import { openSystem, type System } from "../system.ts";

/** How often the terminal looks for something new. */
const LOOK_EVERY_MS = 50;
/** Names under which the terminal's positions are kept. */
const TOLD = "console-told";
const TOPICS = ["discovery.run.v1", "discovery.recommendation.v1", "signals.verdict.v1"] as const;

export const START: CommandSpec = {
  name: "start",
  summary: "Starts everything in one process tree and plays a recording through it",
  examples: [
    "npm start",
    "npm start -- --recording gme-2021 --data ../shared/data --data-dir .amc-gme-2021",
    "npm start --silent -- --exit-when-done --json",
  ],
  options: {
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
    "exit-when-done": { type: "boolean", doc: "end after the summary instead of serving on" },
    json: { type: "boolean", doc: "one JSON object per line on stdout" },
  },
  run: start,
};

async function start(words: CommandWords): Promise<number> {
  const startedMs = performance.now();
  const configured = loadProcessConfig("system");
  const port = words.count("port", 0, 65_535) ?? configured.PORT;
  const variables = { ...configured, PORT: port };
  const scoring = scoringOf(words, configuredScoring(variables));
  const printer = new Printer(words.flag("json"));
  const recording = await openRecording(
    words.text("recording") ?? "built-in",
    words.text("data") ?? variables.AMC_DATA,
  );
  const stop = stopSignal();
  const description = await asCommandError(() => describeRecording(recording));
  refuseUnreadable(description, printer);
  let wasPlayed = false;
  const system = await openSystem({
    variables,
    scoring,
    configuredUniverse: description.symbols.length,
    dataDirectory: words.text("data-dir") ?? variables.AMC_DATA_DIR,
    checkLog: async (log) => {
      wasPlayed = await asCommandError(() => wasBegun(log, description));
    },
    showAlert: (id, alert) => printer.line(alertJson(id, alert), alertText(alert)),
  });
  try {
    const { address, database } = system;
    printer.note(`${database.description}; page and API at ${address}`);
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

/** What the terminal has told: recommendations and runs as they come, alerts by the sender. */
class Told {
  readonly summary = new RunSummary();
  readonly #system: System;
  readonly #printer: Printer;
  readonly #follower: EventFollower;
  #fraction = 0;
  #eventTime: number | null = null;

  private constructor(system: System, printer: Printer, follower: EventFollower) {
    this.#system = system;
    this.#printer = printer;
    this.#follower = follower;
  }

  static async open(system: System, printer: Printer): Promise<Told> {
    return new Told(system, printer, await EventFollower.resume(system.log, TOPICS, TOLD));
  }

  /** How far the recording has been written to the log. */
  reached(fraction: number, eventTime: number | null): void {
    this.#fraction = fraction;
    this.#eventTime = eventTime;
  }

  /** Tells what is new; returns how many events that were. */
  async look(): Promise<number> {
    const followed = await this.#follower.poll();
    tellFollowed(followed, this.#printer, this.summary);
    const alerts = await this.#system.alerts.deliverPending();
    const told = followed.events.length + followed.unreadable.length;
    if (told > 0) await this.#follower.acknowledge();
    this.summary.delivered(alerts);
    return told + alerts;
  }

  async showProgress(): Promise<void> {
    const behind = await this.#system.processor.lag();
    const ticks = this.#system.processor.counts().ticks;
    const processed = ticks + behind === 0 ? 0 : ticks / (ticks + behind);
    const at = this.#eventTime === null ? "" : ` ${isoUtc(this.#eventTime).slice(0, 16)}Z`;
    this.#printer.progress({
      fraction: this.#fraction * processed,
      label: `playing${at}`,
      phase: "playing",
      eventTime: this.#eventTime === null ? null : isoUtc(this.#eventTime),
    });
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

async function tellUntil(system: System, told: Told, stop: AbortSignal): Promise<void> {
  while (!stop.aborted) {
    await Promise.race([setTimeout(LOOK_EVERY_MS * 4), system.ended]);
    await told.look();
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
