import { type Connection, ProtocolError, type Reader, Writer } from "@platformatic/kafka";

const PRODUCE_KEY = 0;
/** Kafka 2.8 and later. */
const PRODUCE_VERSION = 9;
const ALL_IN_SYNC_REPLICAS = -1;

/** A batch, encoded, for one partition. */
export interface PartitionBatch {
  /** As the brokers know it. */
  readonly topic: string;
  readonly partition: number;
  readonly batch: Buffer;
}

export interface ProduceRequest {
  readonly transactionalId: string | null;
  /** How long the broker may wait for its followers. */
  readonly timeoutMs: number;
  /** All led by the broker that is asked, one for a partition. */
  readonly batches: readonly PartitionBatch[];
}

/** What became of a batch: the offset of its first record, or why it was not taken. */
export type Produced =
  | { readonly baseOffset: number; readonly error: null }
  | { readonly baseOffset: null; readonly error: ProtocolError };

interface PartitionAnswer {
  readonly partition: number;
  readonly errorCode: number;
  readonly baseOffset: bigint;
  readonly message: string | null;
}

interface TopicAnswer {
  readonly topic: string;
  readonly partitions: readonly PartitionAnswer[];
}

/**
 * Sends ready batches in one request through a connection of the client, whose own producer builds
 * each record and header as a buffer of its own. Answers in the order of the batches; throws what the
 * connection throws when no answer came.
 */
export async function produce(
  connection: Connection,
  { transactionalId, timeoutMs, batches }: ProduceRequest,
): Promise<Produced[]> {
  const body = () =>
    Writer.create()
      .appendString(transactionalId)
      .appendInt16(ALL_IN_SYNC_REPLICAS)
      .appendInt32(timeoutMs)
      .appendArray([...byTopic(batches)], (topics, [topic, ofTopic]) => {
        topics.appendString(topic).appendArray(ofTopic, (writer, { partition, batch }) => {
          // A compact length counts itself: one more than the bytes.
          writer
            .appendInt32(partition)
            .appendUnsignedVarInt(batch.length + 1)
            .append(batch);
        });
      })
      .appendTaggedFields();
  const { promise, resolve, reject } = Promise.withResolvers<TopicAnswer[]>();
  connection.send(PRODUCE_KEY, PRODUCE_VERSION, body, readAnswer, true, true, (error, answer) => {
    if (error === null && answer !== undefined) resolve(answer);
    else reject(error ?? new TypeError("the connection gave neither an error nor an answer"));
  });
  const answers = await promise;
  return batches.map((one) => producedOf(one, answers));
}

function byTopic(batches: readonly PartitionBatch[]): Map<string, PartitionBatch[]> {
  const topics = new Map<string, PartitionBatch[]>();
  for (const one of batches) {
    const ofTopic = topics.get(one.topic);
    if (ofTopic === undefined) topics.set(one.topic, [one]);
    else ofTopic.push(one);
  }
  return topics;
}

/** Tagged fields end every structure; the client skips those of array elements that ask for it. */
function readAnswer(_id: number, _key: number, _version: number, reader: Reader): TopicAnswer[] {
  const answers = reader.readArray((topics) => ({
    topic: topics.readString(),
    partitions: topics.readArray(readPartition),
  }));
  // Throttle time: the broker holds its answers back by itself.
  reader.readInt32();
  reader.readTaggedFields();
  return answers;
}

function readPartition(reader: Reader): PartitionAnswer {
  const partition = reader.readInt32();
  const errorCode = reader.readInt16();
  const baseOffset = reader.readInt64();
  // Append time and start of the log.
  reader.readInt64();
  reader.readInt64();
  const recordErrors = reader.readArray((one) => {
    one.readInt32();
    return one.readNullableString();
  });
  const message = reader.readNullableString() ?? recordErrors.find((one) => one !== null) ?? null;
  return { partition, errorCode, baseOffset, message };
}

function producedOf(
  { topic, partition }: PartitionBatch,
  answers: readonly TopicAnswer[],
): Produced {
  const answer = answers
    .find((one) => one.topic === topic)
    ?.partitions.find((one) => one.partition === partition);
  if (answer === undefined) {
    throw new TypeError(`the broker gave no answer for ${topic}/${partition}`);
  }
  const { errorCode, message, baseOffset } = answer;
  if (errorCode !== 0) return { baseOffset: null, error: new ProtocolError(errorCode, message) };
  return { baseOffset: Number(baseOffset), error: null };
}
