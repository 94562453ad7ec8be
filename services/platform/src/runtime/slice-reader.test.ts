import { encodeEvent } from "@amc/schemas/codec";
import { eventHeaders } from "@amc/schemas/headers";
import { uuidOf } from "@amc/streams/kernel/ids";
import { describe, expect, it } from "vitest";
import { createMemoryLog } from "../log/memory.ts";
import type { Append, Log } from "../log/port.ts";
import { passingTime } from "../log/testing/passing-time.ts";
import { REAL_TIME } from "../pacing.ts";
import { Slice } from "./slice.ts";
import { SliceReader } from "./slice-reader.ts";

const FACTS = "market.halt.v1";
const T0 = Date.UTC(2021, 0, 13, 15, 0);
const BOUNDS = { tickMs: T0 + 1_000, lastTickMs: T0 - 1_000 };

function halt(number: number): Append {
  const publishedAt = T0 + number;
  const times = { happenedAt: publishedAt, publishedAt, capturedAt: publishedAt };
  const value = encodeEvent(FACTS, {
    ...{ symbol: "GME", ...times, source: "test", confidence: 1, stale: false, simulated: true },
    ...{ providerLatencyMs: null, status: "HALTED", reason: null },
  });
  const identity = { id: uuidOf(`halt/${number}`), source: "/test", happenedAt: publishedAt };
  return {
    ...{ topic: FACTS, key: "GME", value },
    headers: eventHeaders({ ...identity, topic: FACTS }),
  };
}

/** A log whose answers hold at most as many records as `counts` says, one after the other. */
async function logThatShows(...counts: readonly number[]) {
  const log = createMemoryLog([{ topic: FACTS, partitions: 1 }], () => 0);
  await log.commit({ appends: [halt(0), halt(1)] });
  const read = log.read.bind(log);
  let asked = 0;
  log.read = async (...place) => {
    asked += 1;
    return (await read(...place)).slice(0, counts[asked - 1] ?? 0);
  };
  return { log, asked: () => asked };
}

function readerOf(log: Log, onRead = () => undefined): SliceReader {
  return new SliceReader({
    ...{ log, partition: 0, inputs: [FACTS], maxRecords: 100, pacing: passingTime() },
    reject: (_record, code) => expect.unreachable(code),
    onRead,
  });
}

describe("the reader of a slice", () => {
  it("waits for records that a tick covers and a new leader does not show yet", async () => {
    const { log, asked } = await logThatShows(0, 0, 1, 0, 1);
    const slice = new Slice([]);
    expect(await readerOf(log).read(FACTS, { start: 0, endOffset: 2 }, BOUNDS, slice)).toBe(2);
    expect([slice.size, asked()]).toEqual([2, 5]);
  });

  it("waits no longer than it is to run, and leaves everything to the next one", async () => {
    const { log, asked } = await logThatShows(1);
    const stop = new AbortController();
    const reader = readerOf(log, () => {
      if (asked() === 4) stop.abort(new Error("stopped"));
    });
    const range = { start: 0, endOffset: 2, signal: stop.signal };
    await expect(reader.read(FACTS, range, BOUNDS, new Slice([]))).rejects.toThrow("stopped");
    expect(asked()).toBe(4);
  });

  it("pauses no longer than it is to run", async () => {
    const stop = new AbortController();
    const pause = REAL_TIME.pause(3_600_000, stop.signal);
    stop.abort();
    await expect(pause).rejects.toMatchObject({ code: "ABORT_ERR" });
  });

  it("gives up when they have not come for half a minute, and says which", async () => {
    const { log, asked } = await logThatShows(1);
    const reading = readerOf(log).read(FACTS, { start: 0, endOffset: 2 }, BOUNDS, new Slice([]));
    await expect(reading).rejects.toMatchObject({
      code: "runtime.stalled",
      facts: { topic: FACTS, partition: 0, offset: 1, endOffset: 2 },
    });
    // Not as fast as it can: 1, 2, 4 ms and so on, then every 200 ms.
    expect(asked()).toBeLessThan(200);
  });
});
