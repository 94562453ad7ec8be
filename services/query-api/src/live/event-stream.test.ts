import type { Log } from "@amc/platform/log/port";
import { uuidOf } from "@amc/streams/kernel/ids";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { append, memoryLog } from "../testing/api-under-test.ts";
import { story } from "../testing/story.ts";
import { writeStory } from "../testing/story-log.ts";
import {
  checkReachable,
  eventStream,
  feedEnd,
  feedLayout,
  type StreamedEvent,
} from "./event-stream.ts";
import { type FeedPosition, formatPosition, parsePosition } from "./position.ts";

const EVENTS_OF_STORY = 4 + 2 + 1;

function startOf(log: Log): FeedPosition {
  const { run, recommendation, alert } = feedLayout(log);
  const zeros = (count: number) => new Array<number>(count).fill(0);
  return { run: zeros(run), recommendation: zeros(recommendation), alert: zeros(alert) };
}

async function take(log: Log, from: FeedPosition, count: number): Promise<StreamedEvent[]> {
  const stop = new AbortController();
  const events: StreamedEvent[] = [];
  if (count === 0) return events;
  for await (const event of eventStream(log, from, stop.signal)) {
    events.push(event);
    if (events.length === count) stop.abort();
  }
  return events;
}

function idsOf(events: readonly StreamedEvent[]): string[] {
  return events.map(({ data: { id } }) => {
    if (typeof id !== "string") throw new TypeError("an event of the feed has an id");
    return id;
  });
}

/** The same run under another id. */
function numbered<Run extends { readonly id: string }>(run: Run, number: number): Run {
  return { ...run, id: uuidOf(`run/${number}`) };
}

describe("the event stream", () => {
  it("holds every run, recommendation and alert once", async () => {
    const log = memoryLog(3);
    const told = story();
    await writeStory(log, told);
    const events = await take(log, startOf(log), EVENTS_OF_STORY);
    const expected = [...told.runs, ...told.recommendations, ...told.alerts].map(({ id }) => id);
    expect(idsOf(events).toSorted()).toEqual(expected.toSorted());
    expect(events.at(-1)?.position).toEqual(await feedEnd(log));
  });

  it("loses and repeats nothing when it is continued from the id of any event", async () => {
    const log = memoryLog(3);
    await writeStory(log, story());
    const whole = idsOf(await take(log, startOf(log), EVENTS_OF_STORY));
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: EVENTS_OF_STORY - 1 }), async (cut) => {
        const before = await take(log, startOf(log), cut);
        const id = formatPosition(before.at(-1)?.position ?? startOf(log));
        const after = await take(log, parsePosition(id, feedLayout(log)), EVENTS_OF_STORY - cut);
        expect([...idsOf(before), ...idsOf(after)].toSorted()).toEqual(whole.toSorted());
      }),
    );
  });

  it("brings what is appended while it waits", async () => {
    const log = memoryLog();
    const [run] = story().runs;
    if (run === undefined) throw new Error("the story has a run");
    const waiting = take(log, await feedEnd(log), 1);
    await append(log, "discovery.run.v1", run.id, run.event, { key: run.event.runId });
    expect(idsOf(await waiting)).toEqual([run.id]);
  });

  it("shows an event that a crash wrote twice only once", async () => {
    const log = memoryLog();
    const [first, second] = story().runs;
    if (first === undefined || second === undefined) throw new Error("the story has two runs");
    for (const { id, event } of [first, first, second]) {
      await append(log, "discovery.run.v1", id, event, { key: "same-partition" });
    }
    expect(idsOf(await take(log, startOf(log), 2))).toEqual([first.id, second.id]);
  });

  // Found in review: ids were remembered per connection only, so a client that connected again between
  // an event and its copy was sent the event twice.
  it("does not send the copy of an event either to a client that connected again in between", async () => {
    const log = memoryLog();
    const [first, second] = story().runs;
    if (first === undefined || second === undefined) throw new Error("the story has two runs");
    const runs = [
      first,
      ...Array.from({ length: 126 }, (_, index) => numbered(first, index)),
      first,
    ];
    for (const { id, event } of [...runs, second]) {
      await append(log, "discovery.run.v1", id, event, { key: "same-partition" });
    }
    const [original] = await take(log, startOf(log), 1);
    if (original === undefined) throw new Error("the log has an event");
    const after = idsOf(await take(log, original.position, 127));
    expect(after).not.toContain(first.id);
    expect(after.at(-1)).toBe(second.id);
    const uncopied = (await take(log, startOf(log), 127)).at(-1)?.position ?? startOf(log);
    expect(idsOf(await take(log, uncopied, 1))).toEqual([second.id]);
  });

  it("does send a copy that lies more than 128 events behind, with the id that tells", async () => {
    const log = memoryLog();
    const [first] = story().runs;
    if (first === undefined) throw new Error("the story has a run");
    const between = Array.from({ length: 128 }, (_, index) => numbered(first, index));
    for (const { id, event } of [first, ...between, first]) {
      await append(log, "discovery.run.v1", id, event, { key: "same-partition" });
    }
    expect(idsOf(await take(log, startOf(log), 130)).at(-1)).toBe(first.id);
  });

  it("continues behind what retention has left of the events before", async () => {
    const log = memoryLog();
    await writeStory(log, story());
    const end = await feedEnd(log);
    const partition = end.run.findIndex((offset) => offset > 1);
    await log.truncateBefore("discovery.run.v1", partition, 1);
    const [run] = story().runs;
    if (run === undefined) throw new Error("the story has a run");
    const next = numbered(run, 1);
    await append(log, "discovery.run.v1", next.id, next.event, { key: next.event.runId });
    expect(idsOf(await take(log, end, 1))).toEqual([next.id]);
  });

  it("passes over what does not decode and goes on behind it", async () => {
    const log = memoryLog();
    const [run] = story().runs;
    if (run === undefined) throw new Error("the story has a run");
    const poison = { topic: "discovery.run.v1", key: "k", headers: { ce_id: run.id } };
    await log.commit({
      appends: [
        { ...poison, value: new Uint8Array([1, 2, 3]) },
        { ...poison, value: null },
        { topic: "discovery.run.v1", key: "k", value: new Uint8Array(), headers: {} },
      ],
    });
    await append(log, "discovery.run.v1", run.id, run.event, { key: "k" });
    expect(idsOf(await take(log, startOf(log), 1))).toEqual([run.id]);
  });

  it("ends when its client goes, also while it waits", async () => {
    const log = memoryLog();
    const stop = new AbortController();
    const events = eventStream(log, await feedEnd(log), stop.signal);
    const next = events.next();
    stop.abort();
    expect((await next).done).toBe(true);
  });
});

describe("a position to continue from", () => {
  it("is refused when retention has eaten what follows it, and when it lies behind the end", async () => {
    const log = memoryLog();
    await writeStory(log, story());
    const end = await feedEnd(log);
    const partition = end.run.findIndex((offset) => offset > 0);
    await log.truncateBefore("discovery.run.v1", partition, 1);
    await expect(checkReachable(log, startOf(log))).rejects.toMatchObject({
      code: "position-expired",
      facts: { topic: "discovery.run.v1", partition, offset: 0 },
    });
    const beyond = { ...end, run: end.run.map((offset) => offset + 1) };
    await expect(checkReachable(log, beyond)).rejects.toMatchObject({ code: "invalid-position" });
    await expect(checkReachable(log, end)).resolves.toBeUndefined();
  });
});
