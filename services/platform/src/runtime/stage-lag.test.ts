import { encodeEvent } from "@amc/schemas/codec";
import { eventHeaders } from "@amc/schemas/headers";
import { uuidOf } from "@amc/streams/kernel/ids";
import { DONE, type Stage, type Subtopology } from "@amc/streams/kernel/stage";
import { describe, expect, it } from "vitest";
import { createMemoryLog } from "../log/memory.ts";
import type { Append, Log } from "../log/port.ts";
import { systemLayout } from "./layout.ts";
import { stageLags } from "./stage-lag.ts";
import { StageRunner } from "./stage-runner.ts";

const TEN = Date.UTC(2021, 0, 13, 15, 0);
const APPENDED = Date.UTC(2026, 0, 1);
const CLOCK = "ops.clock.v1";
const RECOMMENDATIONS = "discovery.recommendation.v1";

/** Reads without looking: a lag is about positions. */
const taking = (name: string, timed: boolean, input: Stage["inputs"][number]): Subtopology => ({
  name,
  timed,
  stages: [
    {
      name,
      version: 1,
      inputs: [input],
      outputs: [],
      init: () => ({ stores: [], step: () => DONE }),
    },
  ],
});
const TIMED = taking("timed", true, CLOCK);
const UNTIMED = taking("untimed", false, RECOMMENDATIONS);

function tick(happenedAt: number, partition: number): Append {
  const value = encodeEvent(CLOCK, { happenedAt, cuts: [], discovery: false, source: "test" });
  const id = uuidOf(`${happenedAt}/${partition}`);
  const headers = eventHeaders({ id, source: "/amc/test", topic: CLOCK, happenedAt });
  return { topic: CLOCK, partition, key: null, value, headers };
}

function logWith(): { log: Log; append: (...appends: Append[]) => Promise<void> } {
  let appendedAtMs = APPENDED;
  const log = createMemoryLog(systemLayout(2), () => appendedAtMs);
  const append = async (...appends: Append[]) => {
    await log.commit({ appends });
    appendedAtMs += 1_000;
  };
  return { log, append };
}

describe("the lag of stages", () => {
  it("is counted per partition in records, in event time to the newest tick and since the append", async () => {
    const { log, append } = logWith();
    await append(tick(TEN, 0), tick(TEN, 1));
    await (await StageRunner.open({ log, subtopology: TIMED, partition: 0 })).runUntilIdle();
    await append(tick(TEN + 60_000, 0), tick(TEN + 60_000, 1));
    expect(await stageLags(log, [TIMED])).toEqual([
      {
        ...{ subtopology: "timed", partition: 0, records: 1, eventTimeBehindMs: 0 },
        waitingSinceMs: APPENDED + 1_000,
      },
      {
        ...{ subtopology: "timed", partition: 1, records: 2, eventTimeBehindMs: 60_000 },
        waitingSinceMs: APPENDED,
      },
    ]);
  });

  it("is nothing once the committed positions are at the end", async () => {
    const { log, append } = logWith();
    await append(tick(TEN, 0), tick(TEN, 1));
    for (const partition of [0, 1]) {
      await (await StageRunner.open({ log, subtopology: TIMED, partition })).runUntilIdle();
    }
    const nothing = {
      subtopology: "timed",
      records: 0,
      eventTimeBehindMs: 0,
      waitingSinceMs: null,
    };
    expect(await stageLags(log, [TIMED])).toEqual([
      { ...nothing, partition: 0 },
      { ...nothing, partition: 1 },
    ]);
  });

  it("is known for input that nobody can read, from its place alone", async () => {
    const { log, append } = logWith();
    const bytes = new Uint8Array([1, 2, 3]);
    await append(tick(TEN, 0), {
      ...{ topic: RECOMMENDATIONS, partition: 1, key: null, value: bytes, headers: {} },
    });
    const [, second] = await stageLags(log, [UNTIMED]);
    expect(second).toMatchObject({ records: 1, eventTimeBehindMs: 0, waitingSinceMs: APPENDED });
  });

  it("is known for a log of an older build, in which nothing waits of the topics it lacks", async () => {
    const lacking = (topic: string) =>
      createMemoryLog(
        systemLayout(2).filter((held) => held.topic !== topic),
        () => APPENDED,
      );
    const both: Subtopology = {
      ...UNTIMED,
      stages: [...UNTIMED.stages, ...taking("later", false, "discovery.candidate.v1").stages],
    };
    const older = lacking("discovery.candidate.v1");
    const bytes = new Uint8Array([1]);
    await older.commit({
      appends: [{ topic: RECOMMENDATIONS, partition: 1, key: null, value: bytes, headers: {} }],
    });
    expect((await stageLags(older, [both])).map(({ records }) => records)).toEqual([0, 1]);
    expect(await stageLags(lacking(RECOMMENDATIONS), [UNTIMED])).toEqual([]);
    const sender = { group: "alert-sender-console", topic: "alerts.requested.v1" } as const;
    expect(await stageLags(lacking(sender.topic), [], [sender])).toEqual([]);
  });

  it("is that of others who take a topic, too, until they have taken it", async () => {
    const { log, append } = logWith();
    const sender = { group: "alert-sender-console", topic: "alerts.requested.v1" } as const;
    await append({
      ...{ topic: sender.topic, partition: 1, key: "GME", value: new Uint8Array([1]), headers: {} },
    });
    const lagOfSender = async () => (await stageLags(log, [], [sender]))[1];
    expect(await lagOfSender()).toMatchObject({
      ...{ subtopology: sender.group, partition: 1, records: 1, waitingSinceMs: APPENDED },
    });
    const lease = await log.acquire(sender.group, 1);
    const positions = [{ topic: sender.topic, partition: 1, next: 1 }];
    await log.commit({ appends: [], lease, positions });
    expect(await lagOfSender()).toMatchObject({ records: 0, waitingSinceMs: null });
  });

  it("is measured from what is kept when retention has eaten the input that was waiting", async () => {
    const { log, append } = logWith();
    for (const minute of [0, 1, 2]) await append(tick(TEN + minute * 60_000, 0));
    await log.truncateBefore(CLOCK, 0, 1);
    const [first] = await stageLags(log, [TIMED]);
    expect(first).toMatchObject({ records: 3, eventTimeBehindMs: 60_000 });
  });
});
