import { loadProcessConfig } from "@amc/platform/config/load-config";
import type { CommandSpec, CommandWords } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { type Build, type KillRound, killRounds, undisturbed } from "../faults/kill-rounds.ts";
import { formatDuration } from "../output/format.ts";
import { Printer } from "../output/printer.ts";

export const FAULTS: CommandSpec = {
  name: "faults",
  summary: "Kills the whole product at random and compares log and tables with an undisturbed run",
  examples: [
    "npm run amc -- faults --kills 10",
    "npm run amc -- faults --kills 100 --recording gme-2021",
    "npm run --silent amc -- faults --kills 4 --seed 7 --json",
  ],
  options: {
    kills: { type: "string", value: "<n>", doc: "kills in all; 10 by default" },
    seed: { type: "string", value: "<n>", doc: "decides every time; the same seed kills alike" },
    recording: { type: "string", value: "<manifest>", doc: "what is played; gme-2021 by default" },
    data: { type: "string", value: "<dir>", doc: "root of the recordings; AMC_DATA by default" },
    "skip-control": { type: "boolean", doc: "leave out the broken build that must be caught" },
    json: { type: "boolean", doc: "one JSON object per line on stdout" },
  },
  run: faults,
};

/** The control is caught soon; more kills would only take time. */
const CONTROL_KILLS_MAX = 25;

async function faults(words: CommandWords): Promise<number> {
  const startedMs = performance.now();
  const printer = new Printer(words.flag("json"));
  const kills = words.count("kills", 1, 10_000) ?? 10;
  const seed = words.count("seed", 0, 2 ** 31) ?? 1;
  const recording = words.text("recording") ?? "gme-2021";
  const data = words.text("data") ?? loadProcessConfig().AMC_DATA;
  const plan = { kills, seed, recording, data };
  const reference = await undisturbed({ ...plan, build: "sound" });
  const expected = JSON.stringify(reference.digests);

  const run = async (build: Build, count: number): Promise<{ kills: number; bad: number }> => {
    let bad = 0;
    const rounds = await killRounds({
      ...plan,
      kills: count,
      build,
      onRound: (round, killed) => {
        const problems = problemsOf(round, expected);
        if (problems.length > 0) bad += 1;
        printer.progress({ fraction: killed / count, label: `${build}: ${killed} kills`, killed });
        printer.line(
          { type: "kills", build, seed, killed, kills: round.kills, problems },
          `${build}: ${round.kills} kills, ${problems.length === 0 ? "log and tables as if nothing had happened" : problems.join("; ")}`,
        );
      },
    });
    return { kills: rounds.reduce((sum, round) => sum + round.kills, 0), bad };
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
      control === null
        ? "the control was left out"
        : `${control.kills} kills of the broken build: ${control.bad} data directories went wrong, ${control.bad > 0 ? "so the check can fail" : "SO THE CHECK PROVES NOTHING"}`,
      `seed ${seed}, ${formatDuration(elapsedMs)}`,
    ].join("\n"),
  );
  return ok ? EXIT.ok : EXIT.failed;
}

function problemsOf({ examination }: KillRound, expected: string): string[] {
  const problems: string[] = [];
  if (examination.differences > 0) {
    problems.push(`${examination.differences} rows differ from a rebuild`);
  }
  if (examination.duplicates > 0) problems.push(`${examination.duplicates} records twice`);
  if (JSON.stringify(examination.digests) !== expected) {
    problems.push("derived topics differ from the undisturbed run");
  }
  if (examination.tables === 0) problems.push("no table was compared");
  return problems;
}
