import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FAILURE_KINDS, isSpoiled } from "./failure-kinds.ts";
import { jsonAnswer } from "./mock-answer.ts";
import { type MockServer, startMockServer } from "./mock-server.ts";

describe("a mock server", () => {
  let server: MockServer;
  let nowMs = 0;
  beforeEach(async () => {
    nowMs = 0;
    const answer = () => jsonAnswer({ figures: "as good as it gets, and long enough to be cut" });
    const spoil = (kind: string) => jsonAnswer({ spoiled: kind });
    server = await startMockServer({ answer, spoil }, () => nowMs);
  });
  afterEach(() => server.close());

  it("fails once for each failure it was told, then as it was told to go on, then not at all", async () => {
    server.failNext("500", "data", { status: 418 });
    server.failWith("429");
    const statuses: number[] = [];
    for (let asked = 0; asked < 4; asked += 1) {
      statuses.push((await fetch(server.origin)).status);
    }
    server.failWith(null);
    statuses.push((await fetch(server.origin)).status);
    expect(statuses).toEqual([500, 200, 418, 429, 200]);
    expect(server.requests()).toBe(5);
  });

  it("counts the most it was asked within any stretch of time", async () => {
    for (const atMs of [0, 10, 900, 1_000, 1_009]) {
      nowMs = atMs;
      await (await fetch(`${server.origin}/at/${atMs}?x=1`)).text();
    }
    expect([1, 110, 1_000, 10_000].map((ms) => server.mostWithin(ms))).toEqual([1, 3, 4, 5]);
    expect(server.asked().map(({ url }) => url.pathname)).toContain("/at/900");
  });

  it("knows twenty ways to fail, none of which gives the answer that would have been given", async () => {
    expect(new Set(FAILURE_KINDS)).toHaveLength(20);
    const good = await (await fetch(server.origin)).text();
    for (const kind of FAILURE_KINDS) {
      server.failWith(kind);
      const got = await whole(server.origin);
      expect(got, kind).not.toBe(good);
      if (isSpoiled(kind)) expect(got).toBe(JSON.stringify({ spoiled: kind }));
    }
  });
});

/** What came with status 200, whole; null for everything else, and for what never ends. */
async function whole(origin: string): Promise<string | null> {
  try {
    const response = await fetch(origin, { signal: AbortSignal.timeout(1_000) });
    return response.status === 200 ? await response.text() : null;
  } catch (error) {
    if (error instanceof Error) return null;
    throw error;
  }
}
