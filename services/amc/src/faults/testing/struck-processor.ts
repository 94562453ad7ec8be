/**
 * A processor on Kafka that is there to be struck: `{ place, build }` as JSON. Says READY when it owns
 * its partitions, EXPOSED where the broken build is wrong, and DONE when no input is left. Ends with 3
 * when somebody newer owns a partition, and with 4 when nobody knows what became of its last commit.
 */
import { isLogError } from "@amc/platform/log/errors";
import { Processor } from "@amc/processor/processor";
import { replayTopology } from "@amc/replay/replay-topologies";
import type { Build } from "./fault.ts";
import { type MarketPlace, openMarket } from "./market-on-kafka.ts";
import { outputsFirst } from "./outputs-first.ts";

/** How long the broken build stays where it is wrong. */
const EXPOSED_MS = 30;
const FENCED = 3;
const UNKNOWN = 4;

const { place, build }: { place: MarketPlace; build: Build } = JSON.parse(process.argv[2] ?? "");
const say = (word: string): void => void process.stdout.write(`${word}\n`);

const real = await openMarket(place);
const log = build === "sound" ? real : outputsFirst(real, () => say("EXPOSED"), EXPOSED_MS);
try {
  const batch = { maxTicks: 4, maxRecords: 2_000 };
  const processor = await Processor.open({ log, topology: replayTopology(), batch });
  say("READY");
  await processor.runUntilIdle();
  say("DONE");
} catch (error) {
  if (isLogError(error, "log.fenced")) process.exitCode = FENCED;
  else if (isLogError(error, "log.outcome-unknown")) process.exitCode = UNKNOWN;
  else throw error;
} finally {
  await real.close();
}
