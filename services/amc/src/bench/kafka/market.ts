import { systemLayout } from "@amc/platform/runtime/layout";
import { simulatedMarket } from "@amc/replay/simulated-market";
import type { FactSlice } from "@amc/replay/slices";
import { createTopology, DEFAULT_TOPOLOGY } from "@amc/streams/topology/topology";
import type { Database } from "../../database.ts";
import { withDatabase } from "../own-database.ts";
import { SliceFeed } from "../slice-feed.ts";
import { onOwnTopics, type RunTopics } from "./brokers.ts";
import { Part, untilTaken } from "./parts.ts";

/** Work units of the signals stages; one process runs them all. */
export const PARTITIONS = 4;
/** Sessions of daily bars before the measured day: enough that every feature is computed. */
const WARM_UP_SESSIONS = 25;
const SEED = 20250721;

export interface MarketSize {
  readonly symbols: number;
  readonly minutes: number;
}

/** The whole chain as it runs apart: broker, stages, projector and PostgreSQL, each a process. */
export interface Chain {
  readonly topics: RunTopics;
  readonly database: Database;
  readonly stages: Part;
  readonly projector: Part;
}

/** Starts the chain on topics and a database of its own, deduplicated, and ends it afterwards. */
export async function onChain<Result>(work: (chain: Chain) => Promise<Result>): Promise<Result> {
  const topology = createTopology(DEFAULT_TOPOLOGY);
  return onOwnTopics(systemLayout(PARTITIONS), topology, (topics) =>
    withDatabase(async (database) => {
      const { prefix, layout } = topics;
      const stages = await Part.start({
        ...{ role: "stages", topology: "market", delivery: "deduplicated", prefix, layout },
      });
      const connection = database.connections.projector;
      const projector = await Part.start({ role: "projector", connection, prefix, layout });
      try {
        return await work({ topics, database, stages, projector });
      } finally {
        await Promise.all([stages.end(), projector.end()]);
      }
    }),
  );
}

export function chainMarket({ symbols, minutes }: MarketSize): Generator<FactSlice> {
  return simulatedMarket({
    ...{ symbols, minutes, seed: SEED },
    ...{ warmupSessions: WARM_UP_SESSIONS, sessions: 1 },
  });
}

/** Takes the daily history through the chain; what follows is the measured day. */
export async function warmUp(
  chain: Chain,
  market: Generator<FactSlice>,
): Promise<{ readonly feed: SliceFeed; readonly first: FactSlice }> {
  const feed = new SliceFeed(await chain.topics.open("deduplicated"));
  // By hand: a loop that is left ends the generator.
  for (let next = market.next(); next.done !== true; next = market.next()) {
    if (next.value.discovery) {
      await chain.stages.ask("go");
      await untilTaken([chain.stages, chain.projector]);
      return { feed, first: next.value };
    }
    await feed.write(next.value);
  }
  throw new RangeError("the market has no day");
}
