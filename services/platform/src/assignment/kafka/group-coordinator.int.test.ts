import { NetworkError, Writer } from "@platformatic/kafka";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { isBrokerError } from "../../log/kafka/broker-failure.ts";
import { type Script, scriptedBroker } from "../../log/testing/scripted-broker.ts";
import { silentBroker } from "../../log/testing/silent-broker.ts";
import { GroupCoordinator } from "./group-coordinator.ts";

const GROUP = "test";
const FIND_COORDINATOR = 10;
const JOIN_GROUP = 11;
const UNKNOWN_MEMBER_ID = 25;
const MEMBER_ID_REQUIRED = 79;
/** A request that waits for other members has 40 s. */
const REQUEST_TIMEOUT_MS = 200;

interface Place {
  readonly host: string;
  readonly port: number;
}

function coordinatorIs({ host, port }: Place): Writer {
  const [coordinators, noError] = [[GROUP], 0];
  return Writer.create()
    .appendInt32(0)
    .appendArray(
      coordinators,
      (writer, key) =>
        writer
          .appendString(key)
          .appendInt32(1)
          .appendString(host)
          .appendInt32(port)
          .appendInt16(noError)
          .appendString(null),
      true,
      true,
    )
    .appendTaggedFields();
}

function joinRefused(errorCode: number, memberId = ""): Writer {
  return Writer.create()
    .appendInt32(0)
    .appendInt16(errorCode)
    .appendInt32(-1)
    .appendString(null)
    .appendString(null)
    .appendString("")
    .appendBoolean(false)
    .appendString(memberId)
    .appendArray([], () => undefined)
    .appendTaggedFields();
}

async function asked(script: Script) {
  const broker = await scriptedBroker(script);
  onTestFinished(broker.close);
  const coordinator = new GroupCoordinator(
    { brokers: [broker.address], clientId: "test", requestTimeoutMs: REQUEST_TIMEOUT_MS },
    GROUP,
  );
  onTestFinished(() => coordinator.close());
  return { broker, coordinator };
}

describe("the coordinator of a group", () => {
  it("is given up when it hangs while a member joins, long before a division may have to end", async () => {
    const hung = await silentBroker();
    onTestFinished(hung.close);
    const { coordinator } = await asked(async () => coordinatorIs(hung.broker));
    await expect(coordinator.join("", Buffer.alloc(0))).rejects.toBeInstanceOf(NetworkError);
  }, 10_000);

  it("is waited for while it answers other questions, however long the division takes", async () => {
    const divided = Promise.withResolvers<Writer>();
    const at: { place: Place | null } = { place: null };
    const { broker, coordinator } = await asked(async (apiKey) => {
      if (apiKey === JOIN_GROUP) return divided.promise;
      return at.place === null ? null : coordinatorIs(at.place);
    });
    at.place = broker.broker;
    const joining = Promise.allSettled([coordinator.join("a", Buffer.alloc(0))]);
    const looks = () => broker.asked.filter((apiKey) => apiKey === FIND_COORDINATOR).length;
    await vi.waitFor(() => expect(looks()).toBeGreaterThan(5), 10_000);
    divided.resolve(joinRefused(UNKNOWN_MEMBER_ID));
    const [joined] = await joining;
    const reason: unknown = joined.status === "rejected" ? joined.reason : null;
    expect(isBrokerError(reason, "UNKNOWN_MEMBER_ID")).toBe(true);
    expect(broker.asked.filter((apiKey) => apiKey === JOIN_GROUP)).toHaveLength(1);
  }, 20_000);

  it("is joined again under the id that it gave, when it pauses before it answers", async () => {
    const at: { place: Place | null; isPausing: boolean } = { place: null, isPausing: false };
    const joins: Buffer[] = [];
    const { broker, coordinator } = await asked(async (apiKey, request) => {
      if (apiKey === JOIN_GROUP) {
        joins.push(request);
        if (joins.length === 1) return joinRefused(MEMBER_ID_REQUIRED, "given-id");
        at.isPausing = joins.length === 2;
      }
      if (at.isPausing || at.place === null) return null;
      return apiKey === JOIN_GROUP ? joinRefused(UNKNOWN_MEMBER_ID) : coordinatorIs(at.place);
    });
    at.place = broker.broker;
    const join = () => coordinator.join("", Buffer.alloc(0));
    await expect(join()).rejects.toBeInstanceOf(NetworkError);
    at.isPausing = false;
    await expect(join()).rejects.toSatisfy((error) => isBrokerError(error, "UNKNOWN_MEMBER_ID"));
    expect(joins.map((request) => request.includes("given-id"))).toEqual([false, true, true]);
    // The group does not know that member any more: the next try is of a new one.
    await expect(join()).rejects.toSatisfy((error) => isBrokerError(error, "UNKNOWN_MEMBER_ID"));
    expect(joins[3]?.includes("given-id")).toBe(false);
  }, 20_000);
});
