import { loadProcessConfig } from "@amc/platform/config/load-config";
import type { Variables } from "@amc/platform/config/variables";
import { createLogger } from "@amc/platform/logger";
import { isProjectorError } from "@amc/projector/errors";
import { type RebuildReport, rebuildReadModel, swapBack } from "@amc/projector/rebuild";
import type { CommandSpec, CommandWords } from "../command.ts";
import { CommandError, EXIT } from "../exit-codes.ts";
import { type Connections, withNamedTables } from "../operations/database-access.ts";
import { inspectNamedLog, LOG_OPTIONS } from "../operations/named-log.ts";
import { reportText } from "../operations/rebuild/report-text.ts";
import { formatCount } from "../output/format.ts";
import { Printer } from "../output/printer.ts";

export const REBUILD: CommandSpec = {
  name: "rebuild",
  summary: "Builds the tables again from the log, beside those in use, and compares them",
  examples: [
    "npm run amc -- rebuild",
    "npm run amc -- rebuild --swap",
    "npm run amc -- rebuild --swap-back",
    "npm run amc -- rebuild --kafka --swap",
  ],
  options: {
    swap: { type: "boolean", doc: "use the rebuilt tables if they equal those in use" },
    "accept-differences": { type: "boolean", doc: "with --swap: use them although they differ" },
    "swap-back": { type: "boolean", doc: "use the tables again that the last swap replaced" },
    ...LOG_OPTIONS,
  },
  run,
};

async function run(words: CommandWords): Promise<number> {
  const isSwap = words.flag("swap");
  if (words.flag("accept-differences") && !isSwap) {
    throw new CommandError(EXIT.usage, "--accept-differences says what --swap may do: give both");
  }
  if (words.flag("swap-back") && isSwap) {
    throw new CommandError(EXIT.usage, "--swap and --swap-back are two different things to do");
  }
  const variables = loadProcessConfig();
  const printer = new Printer(words.flag("json"));
  try {
    return await withNamedTables(words, variables, (connections) =>
      words.flag("swap-back")
        ? back(printer, connections)
        : rebuild(printer, words, { variables, connections }),
    );
  } catch (error) {
    throw expectedEnd(error);
  } finally {
    printer.done();
  }
}

async function back(printer: Printer, { migrator }: Connections): Promise<number> {
  await swapBack(migrator);
  const text = "The tables of before the last swap are in use again.";
  printer.line({ type: "swap-back", ok: true }, text);
  return EXIT.ok;
}

interface Place {
  readonly variables: Variables;
  readonly connections: Connections;
}

async function rebuild(
  printer: Printer,
  words: CommandWords,
  { variables, connections }: Place,
): Promise<number> {
  const stop = new AbortController();
  const onInterrupt = (): void => stop.abort();
  process.once("SIGINT", onInterrupt).once("SIGTERM", onInterrupt);
  const report = await inspectNamedLog(words, (log) =>
    rebuildReadModel({
      log,
      ...connections,
      logger: createLogger(variables.LOG_LEVEL),
      swap: words.flag("swap"),
      swapDespiteDifferences: words.flag("accept-differences"),
      signal: stop.signal,
      onProgress: ({ records, expected, ...rates }) =>
        printer.progress({
          fraction: expected === 0 ? 1 : records / expected,
          label: `${formatCount(records)} of ${formatCount(expected)} records`,
          phase: "rebuilding",
          ...{ records, expected, ...rates },
        }),
    }),
  );
  printer.line(reportJson(report), reportText(report));
  return report.differences.length === 0 || report.swapped ? EXIT.ok : EXIT.failed;
}

function reportJson(report: RebuildReport) {
  const { records, elapsedMs, recordsPerSecond, rebuilt, differences, swapped } = report;
  return {
    type: "rebuild",
    ok: differences.length === 0,
    ...{
      records,
      elapsedMs: Math.round(elapsedMs),
      recordsPerSecond: Math.round(recordsPerSecond),
    },
    swapped,
    digests: Object.fromEntries(rebuilt.map(({ table, sha256 }) => [table, sha256])),
    differences: differences.map(({ table, onlyLeft, onlyRight, different, examples }) => ({
      ...{ table, different, onlyInUse: onlyLeft, onlyRebuilt: onlyRight },
      examples: examples.map(({ left, right }) => ({ inUse: left, rebuilt: right })),
    })),
  };
}

/** What an operator can do something about ends in one line; anything else keeps its stack. */
function expectedEnd(error: unknown): unknown {
  const asCommand = (exitCode: number, message: string): CommandError =>
    new CommandError(exitCode, message, { cause: error });
  if (isProjectorError(error, "projector.rebuild-running")) {
    return asCommand(EXIT.unavailable, `${error.message}: wait for it to end`);
  }
  if (isProjectorError(error, "projector.rebuild-differs")) {
    return asCommand(
      EXIT.failed,
      `${error.message}. Nothing was swapped; run it without --swap to see the rows, or add --accept-differences`,
    );
  }
  if (isProjectorError(error, "projector.nothing-to-swap-back")) {
    return asCommand(EXIT.failed, error.message);
  }
  if (error instanceof Error && error.name === "AbortError") {
    return asCommand(EXIT.failed, "stopped; the tables in use are as they were");
  }
  return error;
}
