import { loadProcessConfig } from "@amc/platform/config/load-config";
import { createMemoryLog } from "@amc/platform/log/memory";
import { systemLayout } from "@amc/platform/runtime/layout";
import { compareDerived, type TopicComparison } from "@amc/replay/compare-logs";
import { writeSlices } from "@amc/replay/slice-writer";
import type { FactSlice } from "@amc/replay/slices";
import { slicesFromLog } from "@amc/replay/slices-from-log";
import { TOPICS, type TopicName } from "@amc/schemas/topics";
import type { ScoringConfig } from "@amc/streams/scoring/config";
import type { CommandWords } from "../../command.ts";
import { CommandError, EXIT } from "../../exit-codes.ts";
import { formatCount } from "../../output/format.ts";
import { Printer } from "../../output/printer.ts";
import { scoringOf } from "../../scoring-options.ts";
import { existingDataDirectory, withInspectedLog } from "../data-directory.ts";
import { readRange } from "../instant.ts";
import { processAndTell } from "./process-and-tell.ts";
import { refuseOutside } from "./selection.ts";

/**
 * R-ARC-09. Processes the facts of a data directory's log again, up to the end of the range, in a
 * log in memory. Slots fire as they did, and what came before the range warms up: so the outcome in
 * the range is that of the whole log. The directory is only read.
 */
export async function replayLog(words: CommandWords): Promise<number> {
  const startedMs = performance.now();
  for (const other of ["recording", "symbols"]) {
    if (words.text(other) === undefined) continue;
    throw new CommandError(EXIT.usage, `--data-dir and --${other} exclude each other`);
  }
  const directory = existingDataDirectory(words);
  const variables = loadProcessConfig();
  const scoring = scoringOf(words, variables);
  const range = readRange(words);
  const printer = new Printer(words.flag("json"));
  const partitions = words.count("partitions", 1, 64) ?? variables.AMC_PARTITIONS;
  return withInspectedLog(directory, async (live) => {
    const replayed = createMemoryLog(systemLayout(partitions), () => 0);
    const slices = await slicesFromLog(live);
    if (slices.length === 0) {
      throw new CommandError(
        EXIT.noInput,
        `the log in ${directory.path} holds no tick yet, so there is nothing to replay; npm start -- --data-dir ${directory.path} plays a recording into it`,
      );
    }
    refuseOutside(range, slices[0]?.atMs ?? null, slices.at(-1)?.atMs ?? null);
    await writeSlices(
      replayed,
      slices.filter(({ atMs }) => atMs <= range.toMs),
    );
    const configuredUniverse = symbolCount(slices);
    const told = { name: directory.path, isComplete: true, log: replayed, scoring };
    await processAndTell({ ...told, configuredUniverse, printer, startedMs, range });
    if (!words.flag("compare")) return EXIT.ok;
    return tellComparisons(await compareDerived(live, replayed, range), scoring, printer);
  });
}

/** As `start` counts the universe of a recording: the symbols that it has facts of. */
function symbolCount(slices: readonly FactSlice[]): number {
  const symbols = new Set<string | null>();
  for (const { facts } of slices) {
    for (const { topic, append } of facts) {
      if (TOPICS[topic].kind === "fact") symbols.add(append.key);
    }
  }
  return symbols.size;
}

/** What only a replay with a shadow strategy derives. */
const SHADOW_RUNS = "discovery.shadow-run.v1" satisfies TopicName;

/** Without a shadow the replay cannot tell what shadowing said of the log: that is unknown, not unequal. */
function tellComparisons(
  comparisons: readonly TopicComparison[],
  { shadow }: ScoringConfig,
  printer: Printer,
): number {
  let areEqual = true;
  for (const comparison of comparisons) {
    const { topic, live } = comparison;
    if (shadow === null && topic === SHADOW_RUNS && live.records > 0) {
      const unknown = { isEqual: null, reason: "no-shadow-strategy" };
      const text = `  left out ${topic}: ${formatCount(live.records)} live; --shadow replays them too`;
      printer.line({ type: "comparison", ...comparison, ...unknown }, text);
      continue;
    }
    areEqual &&= comparison.isEqual;
    printer.line({ type: "comparison", ...comparison }, textOf(comparison));
  }
  return areEqual ? EXIT.ok : EXIT.failed;
}

function textOf({ topic, isEqual, live, replayed }: TopicComparison): string {
  const digest = live.sha256.slice(0, 12);
  if (isEqual) return `  equal    ${topic}: ${formatCount(live.records)} records, ${digest}`;
  const counts = `${formatCount(live.records)} live, ${formatCount(replayed.records)} replayed`;
  return `  differs  ${topic}: ${counts}`;
}
