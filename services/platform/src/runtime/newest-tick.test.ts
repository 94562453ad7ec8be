import { encodeEvent } from "@amc/schemas/codec";
import { eventHeaders } from "@amc/schemas/headers";
import { uuidOf } from "@amc/streams/kernel/ids";
import { describe, expect, it } from "vitest";
import { createMemoryLog } from "../log/memory.ts";
import { logWithMarkers } from "../log/testing/log-with-markers.ts";
import { systemLayout } from "./layout.ts";
import { LIVE_SOURCE, liveSinceMs } from "./newest-tick.ts";

const CLOCK = "ops.clock.v1";
const PLAYED = "recordings";
const FIRST_MS = Date.UTC(2025, 8, 3, 14);

/** A log with a tick of each source, one after the other, a ms apart; each in its transaction. */
async function logOf(sources: readonly string[]) {
  const log = logWithMarkers(createMemoryLog(systemLayout(1), () => 0));
  for (const [index, source] of sources.entries()) {
    const happenedAt = FIRST_MS + index;
    const identity = { id: uuidOf(`tick/${happenedAt}`), source: "/test", happenedAt };
    const value = encodeEvent(CLOCK, { happenedAt, cuts: [], discovery: true, source });
    const headers = eventHeaders({ ...identity, topic: CLOCK });
    await log.commit({ appends: [{ topic: CLOCK, partition: 0, key: null, value, headers }] });
  }
  return log;
}

describe("the first tick of the scheduler", () => {
  it("is found behind any number of played ones, over the gaps that transactions leave", async () => {
    for (let played = 0; played < 6; played += 1) {
      for (let live = 0; live < 6; live += 1) {
        const sources = Array.from({ length: played + live }, (_, at) =>
          at < played ? PLAYED : LIVE_SOURCE,
        );
        const log = await logOf(sources);
        expect(await liveSinceMs(log), sources.join()).toBe(live === 0 ? null : FIRST_MS + played);
      }
    }
  });
});
