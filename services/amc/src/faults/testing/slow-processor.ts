/**
 * A processor on Kafka whose commits for one partition go through a thin line: `{ place, build, slowed,
 * bytesPerSecond }` as JSON. Says READY when it owns its partitions and STALLED when it ends because it
 * took a commit for a stall; runs until it is killed otherwise.
 */
import { setTimeout as wait } from "node:timers/promises";
import { logWithCommit } from "@amc/platform/log/testing/log-with-commit";
import { RuntimeError } from "@amc/platform/runtime/runtime-error";
import { Processor } from "@amc/processor/processor";
import { replayTopology } from "@amc/replay/replay-topologies";
import type { Build } from "./fault.ts";
import { type MarketPlace, openMarket } from "./market-on-kafka.ts";

interface Input {
  readonly place: MarketPlace;
  readonly build: Build;
  /** The partition whose commits are slow. */
  readonly slowed: number;
  readonly bytesPerSecond: number;
}

const { place, build, slowed, bytesPerSecond }: Input = JSON.parse(process.argv[2] ?? "");

const real = await openMarket(place);
const log = logWithCommit(real, async (commit) => {
  const bytes = commit.appends.reduce((sum, { value }) => sum + (value?.length ?? 0), 0);
  if (commit.lease?.partition === slowed) await wait((1_000 * bytes) / bytesPerSecond);
  return real.commit(commit);
});
const all = { maxRecords: Number.MAX_SAFE_INTEGER, maxTicks: 1_000_000, maxBytes: 2 ** 40 };
const processor = await Processor.open({
  ...{ log, topology: replayTopology() },
  // The broken build takes whatever is there at once.
  ...(build === "sound" ? {} : { batch: all }),
});
process.stdout.write("READY\n");
try {
  await processor.run(new AbortController().signal);
} catch (error) {
  if (error instanceof RuntimeError && error.code === "runtime.stalled") {
    process.stdout.write("STALLED\n");
  }
  throw error;
}
