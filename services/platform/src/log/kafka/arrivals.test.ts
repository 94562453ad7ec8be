import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { KnownCluster } from "../testing/known-cluster.ts";
import { Arrivals } from "./arrivals.ts";
import { encodeBatch } from "./batch-encoder.ts";
import type { PartitionHome } from "./cluster.ts";
import type { fetchFrom } from "./fetch.ts";
import { PartitionReader } from "./reader.ts";
import { recordBody } from "./record-body.ts";

const TOPIC = "facts";
const PRODUCER = { producerId: 1n, producerEpoch: 0, firstSequence: 0, isTransactional: false };

/** Every partition is led by the broker that `nodeOf` names; nothing was ever written. */
class LedCluster extends KnownCluster {
  readonly #nodeOf: (partition: number) => number;

  constructor(nodeOf: (partition: number) => number) {
    super();
    this.#nodeOf = nodeOf;
  }

  override async home(topic: string, partition: number): Promise<PartitionHome> {
    const node = this.#nodeOf(partition);
    return { topicId: topic, node, broker: { host: "localhost", port: node } };
  }
}

/** A fetch that a broker holds until the test ends it, with a record for one partition or nothing. */
interface HeldFetch {
  readonly lane: string;
  readonly maxWaitMs: number;
  readonly partitions: readonly number[];
  end(withRecordOf?: number): Promise<void>;
}

function arrivalsAt(nodeOf: (partition: number) => number = () => 0) {
  const held: HeldFetch[] = [];
  const fetch: typeof fetchFrom = (_cluster, places, { lane, maxWaitMs }) => {
    const answered = Promise.withResolvers<Awaited<ReturnType<typeof fetchFrom>>>();
    held.push({
      ...{ lane, maxWaitMs, partitions: places.map(({ partition }) => partition) },
      end: async (withRecordOf) => {
        const answers = places.map((place) => {
          const body = recordBody({ key: null, value: null, headers: {} });
          const isMeant = place.partition === withRecordOf;
          const records = isMeant ? encodeBatch([body], PRODUCER, 0) : Buffer.alloc(0);
          const { partition } = place;
          const answer = { topicId: TOPIC, partition, lastStableOffset: 1, aborted: [], records };
          return { place, answer };
        });
        answered.resolve(answers);
        await turn();
      },
    });
    return answered.promise;
  };
  const cluster = new LedCluster(nodeOf);
  return { arrivals: new Arrivals(cluster, new PartitionReader(cluster, ""), { fetch }), held };
}

/** What is waited for in one turn of the event loop; what ends each wait is added to `woken`. */
async function waitFor(
  arrivals: Arrivals,
  partitions: readonly number[],
  woken: number[] = [],
): Promise<void> {
  const never = new AbortController().signal;
  for (const partition of partitions) {
    void arrivals.wait(TOPIC, partition, 0, never).then(() => woken.push(partition));
  }
  await turn();
}

describe("waiting for partitions to grow", () => {
  it("asks at once for all that is waited for in one turn", async () => {
    const { arrivals, held } = arrivalsAt();
    await waitFor(arrivals, [0, 1, 2]);
    expect(held.map(({ partitions }) => partitions)).toEqual([[0, 1, 2]]);
  });

  it("wakes whom a record came for, and goes on asking for the others", async () => {
    const { arrivals, held } = arrivalsAt();
    const woken: number[] = [];
    await waitFor(arrivals, [0, 1, 2], woken);
    await held[0]?.end(1);
    expect(woken).toEqual([1]);
    expect(held.map(({ partitions }) => partitions)).toEqual([
      [0, 1, 2],
      [0, 2],
    ]);
  });

  it("asks a broker that has answered again while another still holds its fetch", async () => {
    const { arrivals, held } = arrivalsAt((partition) => partition % 2);
    await waitFor(arrivals, [0, 1, 2, 3]);
    expect(held.map(({ partitions }) => partitions)).toEqual([
      [0, 2],
      [1, 3],
    ]);
    await held[0]?.end(2);
    expect(held.slice(2).map(({ partitions }) => partitions)).toEqual([[0]]);
  });

  it("joins what found the last lane only with what waits in another when that one's hold ends", async () => {
    const { arrivals, held } = arrivalsAt();
    for (let partition = 0; partition < 9; partition += 1) await waitFor(arrivals, [partition]);
    // The ninth has no lane; the eighth has the last, which is held for a moment only.
    expect(held.map(({ partitions }) => partitions)).toEqual([
      [0],
      [1],
      [2],
      [3],
      [4],
      [5],
      [6],
      [7],
    ]);
    expect(held[7]?.maxWaitMs).toBeLessThan(held[0]?.maxWaitMs ?? 0);
    await held[7]?.end();
    expect(held[8]).toMatchObject({ lane: "wait-7", partitions: [7, 8] });
    await held[0]?.end();
    expect(held).toHaveLength(9);
    await held[8]?.end();
    expect(held).toHaveLength(10);
    expect(held[9]).toMatchObject({ lane: "wait-0", partitions: [0, 7, 8] });
    expect(held[9]?.maxWaitMs).toBe(held[0]?.maxWaitMs);
  });
});
