import { loadProcessConfig } from "@amc/platform/config/load-config";
import type { Log } from "@amc/platform/log/port";
import { eventJson, type Json } from "@amc/query-api/json/event-json";
import { replayTopology } from "@amc/replay/replay-topologies";
import { runInMemory } from "@amc/replay/run-topology";
import type { Features } from "@amc/schemas/generated/events";
import { isoUtc } from "@amc/streams/market/event-time";
import type { CommandSpec, CommandWords } from "../command.ts";
import { CommandError, EXIT } from "../exit-codes.ts";
import { type Standing, standingAt } from "../operations/inspection/standing.ts";
import { standingText } from "../operations/inspection/standing-text.ts";
import { readInstant } from "../operations/instant.ts";
import { inspectNamedLog, LOG_OPTIONS } from "../operations/named-log.ts";
import { Printer } from "../output/printer.ts";
import { loadRecordingSlices, openRecording } from "../recordings.ts";
import { SCORING_OPTIONS, scoringWithoutShadow } from "../scoring-options.ts";

export const INSPECT: CommandSpec = {
  name: "inspect",
  summary: "Shows features, detections and verdict of a symbol as they stood at an instant",
  examples: [
    "npm run amc -- inspect --symbol GME --at 2021-01-13T10:15",
    "npm run --silent amc -- inspect --symbol GME --at 2021-01-13T15:15:00Z --json",
    "npm run amc -- inspect --symbol GME --at 2021-01-13T10:15 --recording built-in",
  ],
  options: {
    symbol: { type: "string", value: "<symbol>", doc: "symbol to look at" },
    at: {
      type: "string",
      value: "<time>",
      doc: "instant with zone, or date and time of New York",
    },
    recording: {
      type: "string",
      value: "<manifest>",
      doc: "replay this recording in memory instead of reading a data directory",
    },
    data: { type: "string", value: "<dir>", doc: "root of the recordings; AMC_DATA by default" },
    ...SCORING_OPTIONS,
    ...LOG_OPTIONS,
  },
  run: inspect,
};

async function inspect(words: CommandWords): Promise<number> {
  const symbol = required(words, "symbol").toUpperCase();
  const atMs = readInstant("at", required(words, "at"));
  const printer = new Printer(words.flag("json"));
  const recording = words.text("recording");
  const look = (log: Log): Promise<Standing> => standingAt(log, symbol, atMs);
  const standing =
    recording === undefined
      ? await inspectNamedLog(words, look)
      : await look(await replayed(words, recording, symbol, atMs));
  if (standing.features === null) {
    throw new CommandError(
      EXIT.failed,
      `nothing was known about ${symbol} at ${isoUtc(atMs)}: it has no facts up to then`,
    );
  }
  print(printer, standing);
  return EXIT.ok;
}

/** The facts of the symbol up to the instant, processed: no other symbol enters its features. */
async function replayed(
  words: CommandWords,
  name: string,
  symbol: string,
  atMs: number,
): Promise<Log> {
  const variables = loadProcessConfig();
  const recording = await openRecording(name, words.text("data") ?? variables.AMC_DATA);
  const slices = await loadRecordingSlices(recording, new Set([symbol]));
  const topology = replayTopology(scoringWithoutShadow(words, variables));
  return runInMemory(
    slices.filter((slice) => slice.atMs <= atMs),
    topology.filter(({ timed }) => timed),
  );
}

function print(printer: Printer, standing: Standing): void {
  const { features, detections, verdict, judged } = standing;
  if (features !== null) {
    const { id, place, event } = features;
    const values = eventJson("amc.signals.Features", event);
    printer.line({ type: "features", id, position: place, ...values }, null);
  }
  for (const { id, place, event } of detections) {
    const values = eventJson("amc.signals.Detection", event);
    printer.line({ type: "detection", id, position: place, ...values }, null);
  }
  if (verdict !== null) {
    const { id, place, event } = verdict;
    const values = eventJson("amc.signals.Verdict", event);
    const inputs = judged === null ? [] : inputsJson(judged.event);
    printer.line({ type: "verdict", id, position: place, ...values, inputs }, null);
  }
  printer.line(null, standingText(standing));
}

function inputsJson(features: Features): Json {
  return eventJson("amc.signals.Features", features).inputs ?? [];
}

function required(words: CommandWords, option: string): string {
  const text = words.text(option);
  if (text !== undefined && text !== "") return text;
  throw new CommandError(EXIT.usage, `--${option} is needed; see: npm run amc -- inspect --help`);
}
