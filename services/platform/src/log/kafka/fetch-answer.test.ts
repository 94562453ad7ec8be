import { Reader, Writer } from "@platformatic/kafka";
import { describe, expect, it } from "vitest";
import { readFetchAnswer } from "./fetch-answer.ts";

const TOPIC_ID = "6f1f1e5c-0000-4000-8000-000000000001";
const NOT_LEADER = 6;

interface Told {
  readonly partition: number;
  readonly errorCode: number;
  readonly records: string;
}

/** As a broker writes it: one topic, no session, no aborted transactions. */
function answerOf(errorCode: number, partitions: readonly Told[]): Reader {
  const writer = Writer.create().appendInt32(0).appendInt16(errorCode).appendInt32(0);
  writer.appendArray([TOPIC_ID], (topics, id) => {
    topics.appendUUID(id).appendArray([...partitions], (one, told) => {
      one.appendInt32(told.partition).appendInt16(told.errorCode);
      one.appendInt64(9n).appendInt64(7n).appendInt64(0n);
      one.appendArray([], () => undefined).appendInt32(-1);
      one.appendUnsignedVarInt(told.records.length + 1);
      one.append(Buffer.from(told.records));
    });
  });
  return Reader.from(writer.buffer);
}

const read = (reader: Reader) => readFetchAnswer(0, 1, 15, reader);

describe("the answer to a fetch", () => {
  it("has the records of all partitions but the one that is refused, which has its error", () => {
    const results = read(
      answerOf(0, [
        { partition: 0, errorCode: 0, records: "first" },
        { partition: 1, errorCode: NOT_LEADER, records: "" },
        { partition: 2, errorCode: 0, records: "third" },
      ]),
    );
    expect(results.map(({ partition, records }) => [partition, String(records)])).toEqual([
      [0, "first"],
      [1, ""],
      [2, "third"],
    ]);
    expect(results.map(({ error }) => error?.apiId ?? null)).toEqual([
      null,
      "NOT_LEADER_OR_FOLLOWER",
      null,
    ]);
    expect(results[2]).toMatchObject({ topicId: TOPIC_ID, lastStableOffset: 7, aborted: [] });
  });

  it("is refused as a whole by an error that is of no partition", () => {
    expect(() => read(answerOf(NOT_LEADER, []))).toThrow(
      expect.objectContaining({ apiId: "NOT_LEADER_OR_FOLLOWER" }),
    );
  });
});
