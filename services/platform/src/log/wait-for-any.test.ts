import { describe, expect, it } from "vitest";
import { createMemoryLog } from "./memory.ts";
import { watchedWaits } from "./testing/watched-waits.ts";
import { waitForAny } from "./wait-for-any.ts";

const TOPIC = "market.halt.v1";
const POSITIONS = [0, 1, 2].map((partition) => ({ topic: TOPIC, partition, next: 0 }));

function watched(broken: string | null) {
  return watchedWaits(
    createMemoryLog([{ topic: TOPIC, partitions: 3 }], () => 0),
    broken,
  );
}

describe("waiting for any of several partitions", () => {
  it("ends every wait when a record arrives in one", async () => {
    const { log, waiting } = watched(null);
    const waited = waitForAny(log, POSITIONS, new AbortController().signal);
    expect(waiting.size).toBe(3);
    const record = { topic: TOPIC, partition: 1, key: null, value: null, headers: {} };
    await log.commit({ appends: [record] });
    expect(await waited).toEqual([POSITIONS[1]]);
    expect(waiting.size).toBe(0);
  });

  it("tells of all partitions that a commit has reached", async () => {
    const { log } = watched(null);
    const waited = waitForAny(log, POSITIONS, new AbortController().signal);
    const record = { topic: TOPIC, key: null, value: null, headers: {} };
    await log.commit({ appends: [2, 0].map((partition) => ({ ...record, partition })) });
    expect(await waited).toEqual(expect.arrayContaining([POSITIONS[0], POSITIONS[2]]));
  });

  it("ends every wait when it is told to stop", async () => {
    const { log, waiting } = watched(null);
    const stop = new AbortController();
    const waited = waitForAny(log, POSITIONS, stop.signal);
    stop.abort();
    expect(await waited).toEqual([]);
    expect(waiting.size).toBe(0);
  });

  it("ends the other waits before it throws what one of them did", async () => {
    const { log, waiting } = watched(`${TOPIC}/1`);
    const waited = waitForAny(log, POSITIONS, new AbortController().signal);
    await expect(waited).rejects.toMatchObject({ code: "log.unavailable" });
    expect(waiting.size).toBe(0);
  });
});
