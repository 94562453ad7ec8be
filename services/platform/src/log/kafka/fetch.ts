import { fetchV15 } from "@platformatic/kafka";
import { type Cluster, type PartitionHome, READ_COMMITTED } from "./cluster.ts";
import { type PartitionAnswer, readFetchAnswer } from "./fetch-answer.ts";

/** Bytes of one partition in an answer; a larger batch still comes whole. */
const PARTITION_BYTES = 1_048_576;
/** Bytes of one answer. */
const ANSWER_BYTES = 8 * 1_048_576;

export interface FetchPlace {
  /** As the brokers know it. */
  readonly topic: string;
  readonly partition: number;
  readonly from: number;
}

export interface FetchedPartition {
  readonly place: FetchPlace;
  readonly answer: PartitionAnswer;
}

export interface FetchOptions {
  /** How long the broker may wait for the first byte; 0 answers at once. */
  readonly maxWaitMs: number;
  /** Connection to use: an answer that waits holds up everything behind it on its connection. */
  readonly lane: string;
}

/**
 * One fetch from the one broker that leads all of `places`, committed records only. Throws what the
 * broker answers for any of them: nothing is taken from such an answer.
 */
export async function fetchFrom(
  cluster: Cluster,
  places: readonly FetchPlace[],
  { maxWaitMs, lane }: FetchOptions,
): Promise<FetchedPartition[]> {
  const homes: PartitionHome[] = [];
  for (const { topic, partition } of places) homes.push(await cluster.home(topic, partition));
  const first = homes[0];
  if (first === undefined) return [];
  const connection = await cluster.connection(first.broker, lane);
  const topics = places.map(({ partition, from }, index) => ({
    topicId: homes[index]?.topicId ?? "",
    partitions: [
      {
        partition,
        currentLeaderEpoch: -1,
        fetchOffset: BigInt(from),
        lastFetchedEpoch: -1,
        partitionMaxBytes: PARTITION_BYTES,
      },
    ],
  }));
  const [minBytes, sessionId, sessionEpoch] = [maxWaitMs === 0 ? 0 : 1, 0, -1];
  const request = () =>
    fetchV15.createRequest(
      maxWaitMs,
      minBytes,
      ANSWER_BYTES,
      READ_COMMITTED,
      sessionId,
      sessionEpoch,
      topics,
      [],
      "",
    );
  const { promise, resolve, reject } = Promise.withResolvers<PartitionAnswer[]>();
  const { key, version } = fetchV15.api;
  connection.send(key, version, request, readFetchAnswer, true, true, (error, answers) => {
    if (error === null && answers !== undefined) resolve(answers);
    else reject(error ?? new TypeError("the connection gave neither an error nor an answer"));
  });
  return (await promise).flatMap((answer) => {
    const index = homes.findIndex(
      (home, i) => home.topicId === answer.topicId && places[i]?.partition === answer.partition,
    );
    const place = places[index];
    return place === undefined ? [] : [{ place, answer }];
  });
}
