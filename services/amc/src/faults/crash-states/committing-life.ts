/**
 * A process that opens a log, commits numbered commits, says what it promises on stdout and ends:
 * closed in order, or killed by itself. To be recorded. Arguments: directory, build, ending, groups,
 * seed. The build `acknowledges-first` is broken on purpose.
 */
import { writeSync } from "node:fs";
import { openFileLog } from "@amc/platform/log/file";
import type { Lease, Log } from "@amc/platform/log/port";
import { seededRandom } from "@amc/replay/seeded-random";
import { APPENDED_AT_MS, FACTS, GROUP, LAYOUT, numberedCommit } from "./numbered-commits.ts";
import { type Saying, saying } from "./promises.ts";

const STDOUT = 1;
const CONCURRENT_MAX = 3;
const TRUNCATED_SHARE = 0.2;
/** A few commits, so that a short life sees more than one checkpoint. */
const CHECKPOINT_BYTES = 160_000;

const [directory = "", build = "", ending = "", groups = "1", seed = "0"] = process.argv.slice(2);
const random = seededRandom(Number(seed));
const log = await openFileLog({
  directory,
  layout: LAYOUT,
  clock: () => APPENDED_AT_MS,
  checkpointBytes: CHECKPOINT_BYTES,
});
const lease = await log.acquire(GROUP, 0);
say("leased", lease.epoch);
let number = (await log.positions(GROUP, 0))[0]?.next ?? 0;

for (let group = 0; group < Number(groups); group++) {
  const count = 1 + Math.floor(random() * CONCURRENT_MAX);
  const numbers = Array.from({ length: count }, (_, i) => number + 1 + i);
  await Promise.all(numbers.map((each) => commit(each, lease)));
  number += count;
  if (random() < TRUNCATED_SHARE) await truncate(log);
}
if (ending === "closed") await log.close();
else process.kill(process.pid, "SIGKILL");

async function commit(each: number, owner: Lease): Promise<void> {
  say("begins", each);
  if (build === "acknowledges-first") say("acknowledged", each);
  await log.commit(numberedCommit(each, owner));
  if (build !== "acknowledges-first") say("acknowledged", each);
}

async function truncate(of: Log): Promise<void> {
  const start = await of.startOffset(FACTS, 0);
  const end = await of.endOffset(FACTS, 0);
  const offset = start + Math.ceil(((end - start) * random()) / 2);
  say("truncates", offset);
  await of.truncateBefore(FACTS, 0, offset);
  say("truncated", offset);
}

/** Straight to the file descriptor: the trace shows it where it happened. */
function say(what: Saying, about: number): void {
  writeSync(STDOUT, `${saying(what, about)}\n`);
}
