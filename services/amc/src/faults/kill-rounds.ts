import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { seededRandom } from "@amc/replay/seeded-random";
import { type Examination, examineSystem } from "./examine-system.ts";

const CHILD = fileURLToPath(new URL("./killed-system.ts", import.meta.url));
/** Longest time that a life is left alone once everything runs. */
const LIFE_MS_MAX = 1_500;

/** Spread of the exposure at which the broken build is killed. */
const EXPOSURES_MAX = 6;

export type Build = "sound" | "positions-first";

export interface KillPlan {
  readonly kills: number;
  readonly seed: number;
  readonly recording: string;
  readonly data: string;
  readonly build: Build;
  readonly onRound?: (round: KillRound, killed: number) => void;
}

/** One data directory from its first start to the end of its recording. */
export interface KillRound {
  readonly kills: number;
  /** From the start after the last kill until everything is played, processed and visible. */
  readonly returnMs: number;
  readonly examination: Examination;
}

/**
 * Starts the whole product again and again on one data directory and kills it with SIGKILL at a
 * random time, until it gets through the recording; then looks at log and tables and begins anew,
 * until there have been enough kills. The seed decides every time.
 */
export async function killRounds(plan: KillPlan): Promise<KillRound[]> {
  const random = seededRandom(plan.seed);
  const rounds: KillRound[] = [];
  let killed = 0;
  while (killed < plan.kills) {
    const directory = await mkdtemp(join(tmpdir(), "amc-kill-"));
    try {
      let kills = 0;
      while (killed + kills < plan.kills && (await liveAndDie(plan, directory, random))) kills += 1;
      // Whatever is left is finished by a life that nobody disturbs.
      const startedMs = performance.now();
      await liveToTheEnd(plan, directory);
      const returnMs = Math.round(performance.now() - startedMs);
      killed += kills;
      const round = { kills, returnMs, examination: await examineSystem(directory) };
      rounds.push(round);
      plan.onRound?.(round, killed);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  }
  return rounds;
}

/** The examination of a run that nobody killed. */
export async function undisturbed(plan: KillPlan): Promise<Examination> {
  const directory = await mkdtemp(join(tmpdir(), "amc-kill-"));
  try {
    await liveToTheEnd(plan, directory);
    return await examineSystem(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function spawnLife({ recording, data, build }: KillPlan, directory: string) {
  const words = [CHILD, directory, recording, data, build];
  return spawn(process.execPath, words, { stdio: ["ignore", "pipe", "inherit"] });
}

/** True when it was killed, false when it had got through before. */
async function liveAndDie(
  plan: KillPlan,
  directory: string,
  random: () => number,
): Promise<boolean> {
  const child = spawnLife(plan, directory);
  const exited = once(child, "exit");
  const said = (word: string, times: number): Promise<void> =>
    new Promise((resolve) => {
      let count = 0;
      child.stdout.on("data", (chunk: Buffer) => {
        count += chunk.toString("utf8").split(word).length - 1;
        if (count >= times) resolve();
      });
    });
  const ready = said("READY", 1);
  // Not the first time: what the first batches lose is often written again by later ones.
  const exposed = said("EXPOSED", 3 + Math.floor(random() * EXPOSURES_MAX));
  await Promise.race([ready, exited]);
  const lifeMs = Math.floor(random() * LIFE_MS_MAX);
  // The broken build is killed where it is wrong: a control that chance may spare proves nothing.
  const dies = plan.build === "sound" ? setTimeout(lifeMs) : exposed;
  await Promise.race([dies, exited]);
  child.kill("SIGKILL");
  await exited;
  if (child.signalCode === "SIGKILL") return true;
  if (child.exitCode !== 0)
    throw new Error(`a life ended by itself with exit code ${child.exitCode}`);
  return false;
}

async function liveToTheEnd(plan: KillPlan, directory: string): Promise<void> {
  const child = spawnLife(plan, directory);
  child.stdout.resume();
  await once(child, "exit");
  if (child.exitCode !== 0)
    throw new Error(`a life ended by itself with exit code ${child.exitCode}`);
}
