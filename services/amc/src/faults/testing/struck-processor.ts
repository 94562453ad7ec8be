/**
 * A processor on Kafka that is there to be struck: `Input` as JSON. The broken build writes outputs
 * first, or drops dead letters. Says READY when it owns its partitions, COMMITTED after each commit,
 * EXPOSED where the broken build is wrong, and DONE when no input is left. Ends with 3 when somebody newer
 * owns a partition, with 4 when nobody knows what became of its last commit, and with 5 when a request was
 * not answered in time: a processor in earnest would start over then.
 */
import { isLogError } from "@amc/platform/log/errors";
import { logWithCommit } from "@amc/platform/log/testing/log-with-commit";
import { Processor } from "@amc/processor/processor";
import { replayTopology } from "@amc/replay/replay-topologies";
import { withoutLetters } from "./dropped-letters.ts";
import type { Build } from "./fault.ts";
import { type MarketPlace, openMarket } from "./market-on-kafka.ts";
import { outputsFirst } from "./outputs-first.ts";

const EXPOSED_MS = 30;
const FENCED = 3;
const UNKNOWN = 4;
const UNAVAILABLE = 5;

interface Input {
  readonly place: MarketPlace;
  readonly build: Build;
  /** What is wrong with the broken build; outputs first if left out. */
  readonly defect?: "outputs-first" | "letters-dropped";
  /** How long the broken build stays where it is wrong; 30 ms if left out. */
  readonly exposedMs?: number;
}

const {
  place,
  build,
  defect = "outputs-first",
  exposedMs = EXPOSED_MS,
}: Input = JSON.parse(process.argv[2] ?? "");
const say = (word: string): void => void process.stdout.write(`${word}\n`);

const real = await openMarket(place);
const telling = logWithCommit(real, async (commit) => {
  const committed = await real.commit(commit);
  say("COMMITTED");
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
