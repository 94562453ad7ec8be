/**
 * A processor on Kafka whose commits for one partition take many times as long as they would, as
 * behind a sink that is overrun: `{ place, build, slowed, times }` as JSON. Says READY when it owns its
 * partitions; runs until it is killed.
 */
import { setTimeout as wait } from "node:timers/promises";
import { logWithCommit } from "@amc/platform/log/testing/log-with-commit";
import { Processor } from "@amc/processor/processor";
import { replayTopology } from "@amc/replay/replay-topologies";
import type { Build } from "./fault.ts";
import { type MarketPlace, openMarket } from "./market-on-kafka.ts";

interface Input {
  readonly place: MarketPlace;
  readonly build: Build;
  /** The partition whose commits are slow. */
  readonly slowed: number;
  /** How many times as long they take. */
  readonly times: number;
}

const { place, build, slowed, times }: Input = JSON.parse(process.argv[2] ?? "");

const real = await openMarket(place);
const log = logWithCommit(real, async (commit) => {
  const startedMs = performance.now();
  const committed = await real.commit(commit);
  if (commit.lease?.partition === slowed) await wait((times - 1) * (performance.now() - startedMs));
  return committed;
});
const all = { maxRecords: Number.MAX_SAFE_INTEGER, maxTicks: 1_000_000, maxBytes: 2 ** 40 };
const processor = await Processor.open({
  ...{ log, topology: replayTopology() },
  // The broken build takes whatever is there at once.
  ...(build === "sound" ? {} : { batch: all }),
});
process.stdout.write("READY\n");
await processor.run(new AbortController().signal);
