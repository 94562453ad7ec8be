/**
 * A processor on Kafka that is there to be struck: `ProcessorTask` as JSON. The broken build writes outputs
 * first, or drops dead letters. Says READY when it owns its partitions, COMMITTED after each commit,
 * EXPOSED where the broken build is wrong, and DONE when no input is left. Ends with 3 when somebody newer
 * owns a partition, with 4 when nobody knows what became of its last commit, and with 5 when a request was
 * not answered in time: a processor in earnest would start over then.
 */
import { WAITING_CLOCK } from "@amc/platform/http/waiting-clock";
import { isLogError } from "@amc/platform/log/errors";
import { logWithCommit } from "@amc/platform/log/testing/log-with-commit";
import { Processor } from "@amc/processor/processor";
import { replayTopology } from "@amc/replay/replay-topologies";
import { withoutLetters } from "./dropped-letters.ts";
import { openMarket } from "./market-on-kafka.ts";
import { outputsFirst } from "./outputs-first.ts";
import type { ProcessorTask } from "./processor-task.ts";

const EXPOSED_MS = 30;
const FENCED = 3;
const UNKNOWN = 4;
const UNAVAILABLE = 5;

const {
  place,
  build,
  defect = "outputs-first",
  exposedMs = EXPOSED_MS,
  restsMs = 0,
}: ProcessorTask = JSON.parse(process.argv[2] ?? "");
const say = (word: string): void => void process.stdout.write(`${word}\n`);

const hurry = new AbortController();
process.once("SIGUSR2", () => hurry.abort());

const real = await openMarket(place);
const telling = logWithCommit(real, async (commit) => {
  const committed = await real.commit(commit);
  say("COMMITTED");
  if (restsMs > 0) await WAITING_CLOCK.sleep(restsMs, hurry.signal);
  return committed;
});
const broken = {
  "outputs-first": () => outputsFirst(real, () => say("EXPOSED"), exposedMs),
  "letters-dropped": () => withoutLetters(real),
};
const log = build === "sound" ? telling : broken[defect]();
try {
  const batch = { maxTicks: 4, maxRecords: 2_000 };
  const processor = await Processor.open({ log, topology: replayTopology(), batch });
  say("READY");
  await processor.runUntilIdle();
  say("DONE");
} catch (error) {
  if (isLogError(error, "log.fenced")) process.exitCode = FENCED;
  else if (isLogError(error, "log.outcome-unknown")) process.exitCode = UNKNOWN;
  else if (isLogError(error, "log.unavailable")) process.exitCode = UNAVAILABLE;
  else throw error;
} finally {
  await real.close();
}
