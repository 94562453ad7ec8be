import { fetchV15 } from "@platformatic/kafka";
import { isOfPartition } from "./broker-failure.ts";
import { type Cluster, type PartitionHome, READ_COMMITTED } from "./cluster.ts";
import { type PartitionAnswer, type PartitionResult, readFetchAnswer } from "./fetch-answer.ts";

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

/** A partition that the broker, or what is known of the cluster, has no answer for. */
export interface RefusedPartition {
  readonly place: FetchPlace;
  readonly error: unknown;
}

export interface Fetched {
  readonly answered: readonly FetchedPartition[];
  readonly refused: readonly RefusedPartition[];
}

export interface FetchOptions {
  /** How long the broker may wait for the first byte; 0 answers at once. */
  readonly maxWaitMs: number;
  /** Connection to use: an answer that waits holds up everything behind it on its connection. */
  readonly lane: string;
}

/** The same, and throws what the broker answers for any of them: nothing is taken from such an answer. */
export async function fetchFrom(
  cluster: Cluster,
  places: readonly FetchPlace[],
  options: FetchOptions,
): Promise<readonly FetchedPartition[]> {
  const { answered, refused } = await fetchEach(cluster, places, options);
  for (const { error } of refused) throw error;
  return answered;
}

/**
 * One fetch from the one broker that leads all of `places`, committed records only. Throws what keeps all
 * of them from being answered.
 */
export async function fetchEach(
  cluster: Cluster,
  places: readonly FetchPlace[],
  { maxWaitMs, lane }: FetchOptions,
): Promise<Fetched> {
  const asked: { readonly place: FetchPlace; readonly home: PartitionHome }[] = [];
  const refused: RefusedPartition[] = [];
  for (const place of places) {
    try {
      asked.push({ place, home: await cluster.home(place.topic, place.partition) });
    } catch (error) {
      if (!isOfPartition(error)) throw error;
      refused.push({ place, error });
    }
  }
  const [first] = asked;
  if (first === undefined) return { answered: [], refused };
  const connection = await cluster.connection(first.home.broker, lane);
  const topics = asked.map(({ place: { partition, from }, home }) => ({
    topicId: home.topicId,
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
  const { promise, resolve, reject } = Promise.withResolvers<PartitionResult[]>();
  const { key, version } = fetchV15.api;
  connection.send(key, version, request, readFetchAnswer, true, true, (error, answers) => {
    if (error === null && answers !== undefined) resolve(answers);
    else reject(error ?? new TypeError("the connection gave neither an error nor an answer"));
  });
  const answered: FetchedPartition[] = [];
  for (const answer of await promise) {
    const place = asked.find(
      (one) => one.home.topicId === answer.topicId && one.place.partition === answer.partition,
    )?.place;
    if (place === undefined) continue;
    if (answer.error === null) answered.push({ place, answer });
    else refused.push({ place, error: answer.error });
  }
  return { answered, refused };
}
