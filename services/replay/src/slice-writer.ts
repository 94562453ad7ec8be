import { partitionOf } from "@amc/platform/log/partitioner";
import type { Append, Log } from "@amc/platform/log/port";
import { encodeEvent } from "@amc/schemas/codec";
import type { Cut } from "@amc/schemas/generated/events";
import { eventHeaders } from "@amc/schemas/headers";
import { FACT_TOPICS, TOPICS, type TopicName, type TopicSpec } from "@amc/schemas/topics";
import { uuidOf } from "@amc/streams/kernel/ids";
import type { FactSlice } from "./slices.ts";

const CLOCK = "ops.clock.v1";
/** Facts and ticks per commit. */
const COMMIT_RECORDS = 5_000;

/** Topics whose facts a tick covers. */
const CUT_TOPICS: readonly TopicName[] = [...FACT_TOPICS, "ops.control.v1"];

/** What a slice appends to the topics of facts, in the order in which it arrives. */
interface ArrivingSlice {
  readonly slice: FactSlice;
  readonly appends: readonly PlacedAppend[];
}

type PlacedAppend = Append & { readonly partition: number };

/**
 * Writes slices, behind those that the log has, as an ingestor and a scheduler would: the facts of slices, then for each its tick to
 * every partition with the cut that covers them, as the offsets turned out: where the log leaves gaps
 * no writer can count them out. `arrange` may put the facts of a slice in any order.
 */
export async function writeSlices(
  log: Log,
  slices: Iterable<FactSlice>,
  arrange: (slice: FactSlice) => FactSlice["facts"] = ({ facts }) => facts,
): Promise<number> {
  const partitions = log.partitions(CLOCK);
  const ends = await coveredEnds(log);
  let arriving: ArrivingSlice[] = [];
  let pending = 0;
  let written = 0;
  const commitAll = async (): Promise<void> => {
    if (arriving.length > 0) await commitSlices(log, arriving, ends);
    arriving = [];
    pending = 0;
  };
  for (const slice of slices) {
    const facts = arrange(slice);
    const appends = facts.flatMap(({ append, topic }) =>
      partitionsFor(append, topic, partitions).map((partition) => ({ ...append, partition })),
    );
    arriving.push({ slice, appends });
    written += facts.length;
    pending += appends.length + partitions;
    if (pending >= COMMIT_RECORDS) await commitAll();
  }
  await commitAll();
  return written;
}

/** What earlier ticks covered, and decisions made since, which the next tick covers. */
async function coveredEnds(log: Log): Promise<Map<string, number>> {
  const ends = new Map<string, number>();
  for (const topic of CUT_TOPICS) {
    for (let partition = 0; partition < log.partitions(topic); partition += 1) {
      ends.set(`${topic}/${partition}`, await log.endOffset(topic, partition));
    }
  }
  return ends;
}

async function commitSlices(
  log: Log,
  arriving: readonly ArrivingSlice[],
  ends: Map<string, number>,
): Promise<void> {
  const facts = arriving.flatMap(({ appends }) => appends);
  const { offsets } = facts.length === 0 ? { offsets: [] } : await log.commit({ appends: facts });
  let index = 0;
  const ticks: Append[] = [];
  for (const { slice, appends } of arriving) {
    for (const { topic, partition } of appends) {
      ends.set(`${topic}/${partition}`, (offsets[index] ?? 0) + 1);
      index += 1;
    }
    for (let partition = 0; partition < log.partitions(CLOCK); partition += 1) {
      ticks.push(tickOf(slice, partition, ends));
    }
  }
  await log.commit({ appends: ticks });
}

/** A setting goes to all partitions, a fact to that of its key. */
function partitionsFor({ partition, key }: Append, topic: TopicName, count: number): number[] {
  if (partition !== undefined) return [partition];
  const spec: TopicSpec = TOPICS[topic];
  return spec.broadcast
    ? Array.from({ length: count }, (_, index) => index)
    : [partitionOf(key ?? "", count)];
}

function tickOf(slice: FactSlice, partition: number, ends: ReadonlyMap<string, number>): Append {
  const cuts = CUT_TOPICS.map((topic) => ({
    topic,
    endOffset: ends.get(`${topic}/${partition}`) ?? 0,
  })).filter(({ endOffset }) => endOffset > 0);
  return sliceTick(slice, partition, cuts, "/amc/replay");
}

/** The tick that closes a slice in one partition; `producer` becomes its `ce_source`. */
export function sliceTick(
  { atMs, discovery }: Pick<FactSlice, "atMs" | "discovery">,
  partition: number,
  cuts: readonly Cut[],
  producer: string,
): Append {
  return {
    topic: CLOCK,
    partition,
    key: null,
    value: encodeEvent(CLOCK, { happenedAt: atMs, cuts, discovery, source: "replay" }),
    headers: eventHeaders({
      id: uuidOf(`clock/${atMs}/${partition}`),
      source: producer,
      topic: CLOCK,
      happenedAt: atMs,
    }),
  };
}
