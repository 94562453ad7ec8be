import { setImmediate as turn } from "node:timers/promises";
import { ProtocolError, ResponseError } from "@platformatic/kafka";
import { describe, expect, it } from "vitest";
import { LogError } from "../errors.ts";
import { KnownCluster } from "../testing/known-cluster.ts";
import { Arrivals } from "./arrivals.ts";
import { encodeBatch } from "./batch-encoder.ts";
import type { PartitionHome } from "./cluster.ts";
import type { FetchedPartition, fetchEach, RefusedPartition } from "./fetch.ts";
import { PartitionReader } from "./reader.ts";
import { recordBody } from "./record-body.ts";

const TOPIC = "facts";
const PRODUCER = { producerId: 1n, producerEpoch: 0, firstSequence: 0, isTransactional: false };

/** Every partition is led by the broker that `nodeOf` names or throws for; nothing was ever written. */
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
  end(withRecordOf?: number, wrong?: Wrong): Promise<void>;
}

/** Partitions of a topic whose answers cannot be taken. */
interface Wrong {
  readonly damaged?: number;
  readonly refused?: number;
}

const NOT_ALLOWED = 29;

function arrivalsAt(nodeOf: (partition: number) => number = () => 0) {
  const held: HeldFetch[] = [];
  const fetch: typeof fetchEach = (_cluster, places, { lane, maxWaitMs }) => {
    const answered = Promise.withResolvers<Awaited<ReturnType<typeof fetchEach>>>();
    held.push({
      ...{ lane, maxWaitMs, partitions: places.map(({ partition }) => partition) },
      end: async (withRecordOf, wrong = {}) => {
        const answers: FetchedPartition[] = [];
        const refused: RefusedPartition[] = [];
        for (const place of places) {
          const { partition } = place;
          if (partition === wrong.refused) {
            refused.push({ place, error: new ProtocolError(NOT_ALLOWED) });
            continue;
          }
          const body = recordBody({ key: null, value: null, headers: {} });
          const isMeant = partition === withRecordOf || partition === wrong.damaged;
          const records = isMeant ? encodeBatch([body], PRODUCER, 0) : Buffer.alloc(0);
          if (partition === wrong.damaged) records[records.length - 1] = 1;
          const answer = { topicId: TOPIC, partition, lastStableOffset: 1, aborted: [], records };
          answers.push({ place, answer });
        }
        answered.resolve({ answered: answers, refused });
        await turn();
      },
    });
    return answered.promise;
  };
  const cluster = new LedCluster(nodeOf);
  return { arrivals: new Arrivals(cluster, new PartitionReader(cluster, ""), { fetch }), held };
}

/** What is waited for in one turn of the event loop; whom each wait wakes or fails is added. */
async function waitFor(
  arrivals: Arrivals,
  partitions: readonly number[],
  woken: number[] = [],
  failed: unknown[] = [],
): Promise<void> {
  const never = new AbortController().signal;
  for (const partition of partitions) {
    arrivals.wait(TOPIC, partition, 0, never).then(
      () => woken.push(partition),
      (error: unknown) => failed.push(error),
    );
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

  for (const [what, wrong, code] of [
    ["holds a damaged batch", { damaged: 2 }, "log.corrupt"],
    ["is refused", { refused: 2 }, "log.refused"],
  ] as const) {
    it(`fails nobody but who waits for the partition that ${what}, by its name`, async () => {
      const { arrivals, held } = arrivalsAt();
      const [woken, failed]: [number[], unknown[]] = [[], []];
      await waitFor(arrivals, [0, 1, 2], woken, failed);
      await held[0]?.end(1, wrong);
      expect(woken).toEqual([1]);
      const facts = expect.objectContaining({ topic: TOPIC, partition: 2 });
      expect(failed).toEqual([expect.objectContaining({ code, facts })]);
      expect(held.slice(1).map(({ partitions }) => partitions)).toEqual([[0]]);
    });
  }

  const withoutLeader = [
    new LogError("log.unavailable", "facts/1 has no leader"),
    new ResponseError(3, 12, { "/topics/0": [5, null] }, {}),
  ];
  it.each(withoutLeader)(
    "asks for the others while a partition has no leader: $message",
    async (away) => {
      const { arrivals, held } = arrivalsAt((partition) => {
        if (partition === 1) throw away;
        return 0;
      });
      const [woken, failed]: [number[], unknown[]] = [[], []];
      await waitFor(arrivals, [0, 1, 2], woken, failed);
      expect(held.map(({ partitions }) => partitions)).toEqual([[0, 2]]);
      await held[0]?.end(2);
      expect([woken, failed]).toEqual([[2], []]);
    },
  );

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
