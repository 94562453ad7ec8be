import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  ACKNOWLEDGEMENTS_MAX,
  killWriter,
  lastCommit,
} from "@amc/platform/log/testing/killed-writer";
import { seededRandom } from "@amc/replay/seeded-random";
import type { Fault, FaultOutcome, FaultScope } from "./fault.ts";

/** Kills of one log; each life reads what all before it have left. */
const KILLS_PER_LOG = 50;

export const WRITERS_KILLED: Fault = {
  id: "F21",
  title: "kill -9 of a process that commits to the file log",
  invariant:
    "the log holds a prefix of the commits, each whole and in order, with every acknowledged one in it; its checksums hold",
  control: "outputs and state in two commits",
  strikes: { full: 500, reduced: 30, control: 40 },
  run,
};

async function run({ build, seed, strikes, onStrike }: FaultScope): Promise<FaultOutcome> {
  const random = seededRandom(seed);
  const mode = build === "sound" ? "sound" : "splits-commits";
  const violations: string[] = [];
  let [struck, commits] = [0, 0];
  const isCaught = () => build === "broken" && violations.length > 0;
  while (struck < strikes && !isCaught()) {
    const parent = mkdtempSync(join(tmpdir(), "amc-faults-"));
    const directory = join(parent, "log");
    try {
      for (let kill = 0; kill < KILLS_PER_LOG && struck < strikes && !isCaught(); kill += 1) {
        const acknowledgements = 1 + Math.floor(random() * ACKNOWLEDGEMENTS_MAX);
        violations.push(...(await killWriter(directory, mode, acknowledgements)));
        struck += 1;
        onStrike(struck);
      }
      commits += await lastCommit(directory);
    } finally {
      rmSync(parent, { recursive: true });
    }
  }
  return { strikes: struck, counts: { commits }, violations };
}
