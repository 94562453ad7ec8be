/**
 * A processor on Kafka that is there to be struck: `{ place, build, defect }` as JSON. The broken
 * build writes outputs first, or drops dead letters. Says READY when it owns its partitions, EXPOSED
 * where the broken build is wrong, and DONE when no input is left. Ends with 3 when somebody newer owns
 * a partition, with 4 when nobody knows what became of its last commit, and with 5 when a request was
 * not answered in time: a processor in earnest would start over then.
 */
import { isLogError } from "@amc/platform/log/errors";
import { Processor } from "@amc/processor/processor";
import { replayTopology } from "@amc/replay/replay-topologies";
import { withoutLetters } from "./dropped-letters.ts";
import type { Build } from "./fault.ts";
import { type MarketPlace, openMarket } from "./market-on-kafka.ts";
import { outputsFirst } from "./outputs-first.ts";

/** How long the broken build stays where it is wrong. */
const EXPOSED_MS = 30;
const FENCED = 3;
const UNKNOWN = 4;
const UNAVAILABLE = 5;

interface Input {
  readonly place: MarketPlace;
  readonly build: Build;
  readonly defect?: "outputs-first" | "letters-dropped";
}

const { place, build, defect = "outputs-first" }: Input = JSON.parse(process.argv[2] ?? "");
const say = (word: string): void => void process.stdout.write(`${word}\n`);

const real = await openMarket(place);
const broken = {
  "outputs-first": () => outputsFirst(real, () => say("EXPOSED"), EXPOSED_MS),
  "letters-dropped": () => withoutLetters(real),
};
const log = build === "sound" ? real : broken[defect]();
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
