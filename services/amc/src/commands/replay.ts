import { type PlayProgress, playRecording } from "@amc/ingest-recordings/player";
import { loadProcessConfig } from "@amc/platform/config/load-config";
import { createMemoryLog } from "@amc/platform/log/memory";
import { systemLayout } from "@amc/platform/runtime/layout";
import type { CommandSpec, CommandWords } from "../command.ts";
import { CommandError, EXIT } from "../exit-codes.ts";
import { readRange } from "../operations/instant.ts";
import { refuseUnreadable } from "../operations/refuse-unreadable.ts";
import { processAndTell } from "../operations/replay/process-and-tell.ts";
import { replayLog } from "../operations/replay/replay-log.ts";
import {
  refuseOutside,
  refuseUnheld,
  wantedSymbols,
  withRange,
} from "../operations/replay/selection.ts";
import { formatCount } from "../output/format.ts";
import { Printer } from "../output/printer.ts";
import { asCommandError, openRecording } from "../recordings.ts";
import { SCORING_OPTIONS, SHADOW_OPTION, scoringOf } from "../scoring-options.ts";

export const REPLAY: CommandSpec = {
  name: "replay",
  summary: "Processes a recording or a log again, in memory, and tells what is recommended",
  examples: [
    "npm run amc -- replay --recording gme-2021",
    "npm run --silent amc -- replay --recording built-in --json",
    "npm run amc -- replay --recording gme-2021 --profile active --from 2021-01-13 --to 2021-01-13",
    "npm run amc -- replay --recording gme-2021 --profile active --shadow legacy_v0",
    "npm run amc -- replay --data-dir .amc --from 2021-01-13 --compare",
  ],
  options: {
    recording: {
      type: "string",
      value: "<manifest>",
      doc: "name or path of a manifest; built-in by default",
    },
    data: { type: "string", value: "<dir>", doc: "root of the recordings; AMC_DATA by default" },
    "data-dir": {
      type: "string",
      value: "<dir>",
      doc: "replay the facts in the log of this directory, which is only read",
    },
    compare: {
      type: "boolean",
      doc: "with --data-dir: is the outcome what is in the log? exit code 1 if not",
    },
    ...SCORING_OPTIONS,
    ...SHADOW_OPTION,
    symbols: { type: "string", value: "<A,B>", doc: "only these symbols" },
    partitions: {
      type: "string",
      value: "<n>",
      doc: "partitions of the log in memory; AMC_PARTITIONS by default, as start has them",
    },
    from: {
      type: "string",
      value: "<time>",
      doc: "first instant at which slots fire, with zone or in New York time; of a log, which is told of",
    },
    to: { type: "string", value: "<time>", doc: "the last such instant; a day counts to its end" },
    json: { type: "boolean", doc: "one JSON object per line on stdout" },
  },
  run: replay,
};

async function replay(words: CommandWords): Promise<number> {
  if (words.text("data-dir") !== undefined) return replayLog(words);
  if (words.flag("compare")) throw new CommandError(EXIT.usage, "--compare goes with --data-dir");
  return replayRecording(words);
}

async function replayRecording(words: CommandWords): Promise<number> {
  const startedMs = performance.now();
  const variables = loadProcessConfig();
  const printer = new Printer(words.flag("json"));
  const scoring = scoringOf(words, variables);
  const range = readRange(words);
  const symbols = wantedSymbols(words);
  const opened = await openRecording(
    words.text("recording") ?? "built-in",
    words.text("data") ?? variables.AMC_DATA,
  );
  const recording = withRange(opened, range);
  const partitions = words.count("partitions", 1, 64) ?? variables.AMC_PARTITIONS;
  const log = createMemoryLog(systemLayout(partitions), () => 0);
  const { description, isDone } = await asCommandError(() =>
    playRecording({
      log,
      ...recording,
      symbols,
      onDescribed: (described) => {
        // Of symbols that are not recorded there is no fact either, and nothing is wrong with a file.
        if (symbols === undefined) refuseUnreadable(described, printer);
      },
      onProgress: (progress) => printer.progress(readingState(progress)),
    }),
  );
  printer.done();
  if (symbols !== undefined) await refuseUnheld(recording, symbols, description.symbols);
  refuseOutside(range, description.firstPublishedAt, description.lastPublishedAt);
  const configuredUniverse = description.symbols.length;
  const name = recording.manifest.name;
  const told = { name, isComplete: isDone, log, scoring, configuredUniverse };
  await processAndTell({ ...told, printer, startedMs });
  return EXIT.ok;
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
