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

/**
 * Writes slices as an ingestor and a scheduler would: the facts of a slice, then its tick to every
 * partition with the cut that covers them. `arrange` may put the facts of a slice in any order.
 */
export async function writeSlices(
  log: Log,
  slices: Iterable<FactSlice>,
  arrange: (slice: FactSlice) => FactSlice["facts"] = ({ facts }) => facts,
): Promise<number> {
  const partitions = log.partitions(CLOCK);
  const ends = new Map<string, number>();
  let appends: Append[] = [];
  let written = 0;
  for (const slice of slices) {
    for (const { append, topic } of arrange(slice)) {
      for (const partition of partitionsFor(append, topic, partitions)) {
        const at = `${topic}/${partition}`;
        ends.set(at, (ends.get(at) ?? 0) + 1);
        appends.push({ ...append, partition });
      }
      written += 1;
    }
    for (let partition = 0; partition < partitions; partition += 1) {
      appends.push(tickOf(slice, partition, ends));
    }
    if (appends.length >= COMMIT_RECORDS) {
      await log.commit({ appends });
      appends = [];
    }
  }
  if (appends.length > 0) await log.commit({ appends });
  return written;
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
