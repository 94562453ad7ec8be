import { loadProcessConfig } from "@amc/platform/config/load-config";
import type { CommandSpec, CommandWords } from "../command.ts";
import { CommandError, EXIT } from "../exit-codes.ts";
import {
  BROKEN_BUILDS,
  type CrashBuild,
  type CrashCounts,
  type CrashPlan,
  enumerateCrashStates,
} from "../faults/crash-states/enumerate-states.ts";
import { canRecord } from "../faults/crash-states/record-life.ts";
import { type Build, killRounds, undisturbed } from "../faults/kill-rounds.ts";
import { problemsOf, RETURN_MS_MAX } from "../faults/round-problems.ts";
import { formatCount, formatDuration } from "../output/format.ts";
import { Printer } from "../output/printer.ts";

export const FAULTS: CommandSpec = {
  name: "faults",
  summary: "Kills the whole product, or cuts the power of its log, and looks at what is left",
  examples: [
    "npm run amc -- faults --kills 10",
    "npm run amc -- faults --kills 100 --recording gme-2021",
    "npm run --silent amc -- faults --kills 4 --seed 7 --json",
    "npm run amc -- faults --crash-states 100000",
  ],
  options: {
    kills: { type: "string", value: "<n>", doc: "kills in all; 10 by default" },
    seed: { type: "string", value: "<n>", doc: "decides every time; the same seed kills alike" },
    recording: { type: "string", value: "<manifest>", doc: "what is played; gme-2021 by default" },
    data: { type: "string", value: "<dir>", doc: "root of the recordings; AMC_DATA by default" },
    "crash-states": {
      type: "string",
      value: "<n>",
      doc: "no kills: opens n states of the log's files that a power loss may leave",
    },
    "skip-control": { type: "boolean", doc: "leave out the broken builds that must be caught" },
    json: { type: "boolean", doc: "one JSON object per line on stdout" },
  },
  run: faults,
};

/** The control is caught soon; more kills would only take time. */
const CONTROL_KILLS_MAX = 25;

interface Outcome {
  readonly kills: number;
  /** Data directories with a problem. */
  readonly bad: number;
  readonly slowestReturnMs: number;
}

async function faults(words: CommandWords): Promise<number> {
  const states = words.count("crash-states", 1, 10_000_000);
  if (states !== undefined) return crashStates(words, states);
  const startedMs = performance.now();
  const printer = new Printer(words.flag("json"));
  const kills = words.count("kills", 1, 10_000) ?? 10;
  const seed = words.count("seed", 0, 2 ** 31) ?? 1;
  const recording = words.text("recording") ?? "gme-2021";
  const data = words.text("data") ?? loadProcessConfig().AMC_DATA;
  const plan = { kills, seed, recording, data };
  const reference = await undisturbed({ ...plan, build: "sound" });

  const run = async (build: Build, count: number): Promise<Outcome> => {
    let bad = 0;
    const rounds = await killRounds({
      ...plan,
      kills: count,
      build,
      onRound: (round, killed) => {
        const { kills, returnMs } = round;
        const problems = problemsOf(round, reference);
        if (problems.length > 0) bad += 1;
        printer.progress({ fraction: killed / count, label: `${build}: ${killed} kills`, killed });
        printer.line(
          { type: "kills", build, seed, killed, kills, returnMs, problems },
          `${build}: ${kills} kills, ${problems.length === 0 ? `log and tables as if nothing had happened, ${formatDuration(returnMs)} after the last` : problems.join("; ")}`,
        );
      },
    });
    return {
      kills: rounds.reduce((sum, round) => sum + round.kills, 0),
      bad,
      slowestReturnMs: Math.max(...rounds.map(({ returnMs }) => returnMs)),
    };
  };

  const sound = await run("sound", kills);
  const control = words.flag("skip-control")
    ? null
    : await run("positions-first", Math.min(kills, CONTROL_KILLS_MAX));
  printer.done();
  const ok = sound.bad === 0 && (control === null || control.bad > 0);
  const elapsedMs = Math.round(performance.now() - startedMs);
  printer.line(
    { type: "faults", ok, seed, recording, sound, control, elapsedMs },
    [
      `${sound.kills} kills of the sound build: ${sound.bad} data directories went wrong`,
      `slowest return: ${formatDuration(sound.slowestReturnMs)} of at most ${formatDuration(RETURN_MS_MAX)}`,
      control === null
        ? "the control was left out"
        : `${control.kills} kills of the broken build: ${control.bad} data directories went wrong, ${control.bad > 0 ? "so the check can fail" : "SO THE CHECK PROVES NOTHING"}`,
      `seed ${seed}, ${formatDuration(elapsedMs)}`,
    ].join("\n"),
  );
  return ok ? EXIT.ok : EXIT.failed;
}

/** Three at each point between two operations: many lives tell more than many states of one. */
const STATES_PER_POINT = 3;
/** Each broken build is caught within some hundreds. */
const CONTROL_STATES_MAX = 5_000;

async function crashStates(words: CommandWords, states: number): Promise<number> {
  for (const option of ["kills", "recording", "data"]) {
    if (words.text(option) === undefined) continue;
    throw new CommandError(
      EXIT.usage,
      `--crash-states kills nothing and plays nothing: without --${option}`,
    );
  }
  if (!canRecord()) {
    const message = "strace is missing here, or may not trace: the log's writes cannot be recorded";
    throw new CommandError(EXIT.unavailable, message);
  }
  const startedMs = performance.now();
  const printer = new Printer(words.flag("json"));
  const seed = words.count("seed", 0, 2 ** 31) ?? 1;
  const plan = { seed, states, statesPerPoint: STATES_PER_POINT };

  const run = async (each: CrashPlan): Promise<CrashCounts> => {
    const { build } = each;
    const counts = await enumerateCrashStates({
      ...each,
      onTrace: ({ states: done }) =>
        printer.progress({ fraction: done / each.states, label: `${build}: ${done} states`, done }),
    });
    printer.line({ type: "crash-states", build, seed, ...counts }, crashText(build, counts));
    return counts;
  };

  const sound = await run({ ...plan, build: "sound" });
  const missed: string[] = [];
  for (const build of words.flag("skip-control") ? [] : BROKEN_BUILDS) {
    const most = Math.min(states, CONTROL_STATES_MAX);
    const counts = await run({ ...plan, build, states: most, untilCaught: true });
    if (counts.outcomes.whole === counts.states) missed.push(build);
  }
  printer.done();
  const ok = sound.outcomes.whole === sound.states && missed.length === 0;
  const elapsedMs = Math.round(performance.now() - startedMs);
  const proves =
    missed.length === 0 ? "" : `NOT CAUGHT: ${missed.join(", ")}, SO THE CHECK PROVES NOTHING\n`;
  const end = `${proves}seed ${seed}, ${formatDuration(elapsedMs)}`;
  printer.line({ type: "faults", ok, seed, missed, elapsedMs }, end);
  return ok ? EXIT.ok : EXIT.failed;
}

function crashText(build: CrashBuild, counts: CrashCounts): string {
  const { states, points, operations, traces, outcomes } = counts;
  const where = `${formatCount(points)} points of ${formatCount(operations)} operations in ${formatCount(traces)} ${traces === 1 ? "trace" : "traces"}`;
  const { refused, wrong } = outcomes;
  const found =
    refused + wrong === 0
      ? "each opens with all that was acknowledged and nothing half"
      : `${formatCount(refused)} are refused and ${formatCount(wrong)} hold something else`;
  // What a broken build does is expected; what ours does is to be looked into.
  const problems = build === "sound" ? counts.problems : [];
  return [`${build}: ${formatCount(states)} states at ${where}: ${found}`, ...problems].join(
    "\n  ",
  );
}
