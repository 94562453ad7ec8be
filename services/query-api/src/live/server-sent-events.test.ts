import { describe, expect, it } from "vitest";
import type { StreamedEvent } from "./event-stream.ts";
import { SSE_HEARTBEAT, sseEvent, ssePreamble, withHeartbeats } from "./server-sent-events.ts";

const TIMING = { heartbeatMs: 1, retryMs: 2000 };
const EVENT: StreamedEvent = {
  name: "run",
  position: { run: [3, 1], recommendation: [0], alert: [0] },
  data: { id: "a", title: "two\nlines" },
};

describe("server-sent events", () => {
  it("carry name, position and one line of JSON", () => {
    expect(sseEvent(EVENT)).toBe(
      'event: run\nid: run=3.1;recommendation=0;alert=0\ndata: {"id":"a","title":"two\\nlines"}\n\n',
    );
  });

  it("begin with the time to reconnect after and the position to come back to", () => {
    expect(ssePreamble("run=0;recommendation=0;alert=0", TIMING)).toBe(
      "retry: 2000\nid: run=0;recommendation=0;alert=0\n\n",
    );
  });

  it("fill silence with comments and lose no event over it", async () => {
    const gate = Promise.withResolvers<void>();
    let isEnded = false;
    async function* events(): AsyncGenerator<StreamedEvent> {
      try {
        await gate.promise;
        yield EVENT;
      } finally {
        isEnded = true;
      }
    }
    const chunks = withHeartbeats(events(), "start\n\n", TIMING);
    expect((await chunks.next()).value).toBe("start\n\n");
    expect((await chunks.next()).value).toBe(SSE_HEARTBEAT);
    expect((await chunks.next()).value).toBe(SSE_HEARTBEAT);
    gate.resolve();
    let chunk = await chunks.next();
    while (chunk.value === SSE_HEARTBEAT) chunk = await chunks.next();
    expect(chunk.value).toBe(sseEvent(EVENT));
    await chunks.return(undefined);
    expect(isEnded).toBe(true);
  });
});
