import { createMemoryLog } from "@amc/platform/log/memory";
import type { Log } from "@amc/platform/log/port";
import { systemLayout } from "@amc/platform/runtime/layout";
import { encodeEvent } from "@amc/schemas/codec";
import type { Requested } from "@amc/schemas/generated/events";
import { eventHeaders } from "@amc/schemas/headers";
import { uuidOf } from "@amc/streams/kernel/ids";
import { describe, expect, it } from "vitest";
import { EventFollower } from "./event-follower.ts";
import { RunSummary } from "./output/run-summary.ts";

const TOPIC = "alerts.requested.v1";
const AT = Date.UTC(2021, 0, 13, 15);

async function append(log: Log, name: string, value: Uint8Array): Promise<void> {
  const headers = eventHeaders({ id: uuidOf(name), source: "/t", topic: TOPIC, happenedAt: AT });
  await log.commit({ appends: [{ topic: TOPIC, partition: 0, key: name, value, headers }] });
}

const alert = (symbol: string): Uint8Array =>
  encodeEvent(TOPIC, {
    symbol,
    ...{ happenedAt: AT, publishedAt: AT, capturedAt: AT, simulated: true },
    ...{
      alertType: "trade_ready",
      episode: "1",
      priority: "HIGH",
      audience: "all",
      subjectId: "1",
    },
    ...{ title: symbol, message: "" },
  } satisfies Requested);

/** An alert, four bytes that are none, and another alert. */
async function logWithUnreadable(): Promise<Log> {
  const log = createMemoryLog(systemLayout(1), () => 0);
  await append(log, "GME", alert("GME"));
  await append(log, "broken", Uint8Array.of(0, 0, 0, 1));
  await append(log, "AMC", alert("AMC"));
  return log;
}

const broken = expect.objectContaining({ topic: TOPIC, partition: 0, offset: 1 });

describe("a follower that meets a record it cannot read", () => {
  it("hands out its place and the reason once, and the events around it", async () => {
    const follower = EventFollower.fromStart(await logWithUnreadable(), [TOPIC]);
    const first = await follower.poll();
    expect(new Set(first.events.map(({ key }) => key))).toEqual(new Set(["AMC", "GME"]));
    expect(first.unreadable).toEqual([broken]);
    expect(first.unreadable[0]).toMatchObject({
      code: expect.stringMatching(/^\w+\.[\w-]+$/),
      reason: expect.stringMatching(/./),
    });
    expect(await follower.poll()).toEqual({ events: [], unreadable: [] });
  });

  it("does not name it again after a restart behind what was acknowledged", async () => {
    const log = await logWithUnreadable();
    const follower = await EventFollower.resume(log, [TOPIC], "told");
    expect((await follower.poll()).unreadable).toEqual([broken]);
    const unacknowledged = await EventFollower.resume(log, [TOPIC], "told");
    expect((await unacknowledged.poll()).unreadable).toEqual([broken]);
    await unacknowledged.acknowledge();
    const next = await EventFollower.resume(log, [TOPIC], "told");
    expect(await next.poll()).toEqual({ events: [], unreadable: [] });
  });
});

describe("the summary of a run that passed over unreadable records", () => {
  it("counts them in both forms, and says nothing of them to people when there are none", () => {
    const summary = new RunSummary();
    expect(summary.json({})).toMatchObject({ unreadable: 0 });
    expect(summary.text()).toEqual([expect.stringContaining("0 discovery runs")]);
    summary.passedOver();
    summary.passedOver();
    expect(summary.json({})).toMatchObject({ unreadable: 2 });
    expect(summary.text()).toContain("2 records could not be read");
    expect(summary.isEmpty).toBe(false);
  });
});
