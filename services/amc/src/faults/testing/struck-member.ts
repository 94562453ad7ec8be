/**
 * A processor on Kafka that shares its work with others of its group: `{ place, build }` as JSON. Says
 * READY when it begins, `BEGIN unit` and `END unit` of what it works on; leaves at SIGTERM. The broken
 * build tells its group that it holds nothing, and writes outputs without a lease.
 */
import { AssignedWork } from "@amc/platform/assignment/assigned-work";
import { KafkaMembership } from "@amc/platform/assignment/kafka/kafka-membership";
import { unitName, unitsOf } from "@amc/platform/assignment/unit";
import { isLogError } from "@amc/platform/log/errors";
import { PartitionLoop } from "@amc/processor/partition-loop";
import { replayTopology } from "@amc/replay/replay-topologies";
import type { Build } from "./fault.ts";
import { type MarketPlace, openMarket } from "./market-on-kafka.ts";
import { outputsFirst } from "./outputs-first.ts";

/** How long the broken build stays where it is wrong. */
const EXPOSED_MS = 30;

const { place, build }: { place: MarketPlace; build: Build } = JSON.parse(process.argv[2] ?? "");
const say = (word: string): void => void process.stdout.write(`${word}\n`);

const real = await openMarket(place);
const log = build === "sound" ? real : outputsFirst(real, () => undefined, EXPOSED_MS);
const topology = replayTopology();
const batch = { maxTicks: 4, maxRecords: 2_000 };
const work = new AssignedWork({
  work: async (unit, signal) => {
    const { group, partition } = unit;
    const subtopology = topology.find(({ name }) => name === group);
    if (subtopology === undefined) throw new RangeError(`there is no subtopology ${group}`);
    say(`BEGIN ${unitName(unit)}`);
    try {
      await new PartitionLoop({ log, subtopology, partition, batch }).run(signal);
      return "released";
    } catch (error) {
      if (isLogError(error, "log.fenced")) return "lost";
      throw error;
    } finally {
      say(`END ${unitName(unit)}`);
    }
  },
});
const { brokers, prefix, partitions } = place;
const membership = new KafkaMembership({
  ...{ connection: { brokers, clientId: "amc-faults" }, group: `${prefix}members`, prefix },
  units: topology.flatMap(({ name }) => unitsOf(name, partitions)),
});
const stop = new AbortController();
process.once("SIGTERM", () => stop.abort());
const worker = build === "sound" ? work : { held: () => [], take: work.take.bind(work) };
const running = membership.run(worker, stop.signal);
say("READY");
try {
  await Promise.race([running, work.failed]);
} finally {
  stop.abort();
  await Promise.allSettled([running]);
  await real.close();
}
