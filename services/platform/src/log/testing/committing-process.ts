/**
 * A process that commits numbered commits for ever and writes one line to stdout for each one that
 * is acknowledged, to be killed by a test. Arguments: directory, mode. The modes other than `sound`
 * are deliberately broken; a checker that does not notice them proves nothing.
 */
import { writeSync } from "node:fs";
import { isLogError } from "../errors.ts";
import { openFileLog } from "../file.ts";
import type { Lease, Log } from "../port.ts";
import { lastNumber, NUMBERED_LAYOUT, numberedCommit, takeOver } from "./numbered-commits.ts";

const STDOUT = 1;
/** Commits under way at a time, so that group commits hold more than one. */
const CONCURRENCY = 3;

const [directory = "", mode = "sound"] = process.argv.slice(2);
const log = await openFileLog({ directory, layout: NUMBERED_LAYOUT, clock: Date.now });
const lease = await takeOver(log);

try {
  await commitForEver(log, lease, await lastNumber(log));
} catch (error) {
  if (!isLogError(error)) throw error;
  say(`failed ${error.code} ${String(error.facts.path)}`);
  const later = await log.commit(numberedCommit(1, lease)).then(
    () => "acknowledged",
    (reason: unknown) => (isLogError(reason) ? reason.code : String(reason)),
  );
  say(`later ${later}`);
  process.exitCode = 1;
}

async function commitForEver(to: Log, owner: Lease, last: number): Promise<never> {
  for (let first = last + 1; ; first += CONCURRENCY) {
    const numbers = Array.from({ length: CONCURRENCY }, (_, i) => first + i);
    await Promise.all(numbers.map((number) => commitAndSay(to, owner, number)));
  }
}

async function commitAndSay(to: Log, owner: Lease, number: number): Promise<void> {
  const commit = numberedCommit(number, owner);
  if (mode === "acknowledges-first") say(`ack ${number}`);
  if (mode === "splits-commits") {
    await to.commit({ appends: commit.appends });
    await to.commit({ ...commit, appends: [] });
  } else {
    await to.commit(commit);
  }
  if (mode !== "acknowledges-first") say(`ack ${number}`);
}

/** Straight to the pipe: what was said before a kill has been said. */
function say(line: string): void {
  writeSync(STDOUT, `${line}\n`);
}
