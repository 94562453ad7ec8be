import type { FastifyInstance } from "fastify";
import { describe, expect, it } from "vitest";
import type { ReadModel, TablesState } from "../read-model/port.ts";
import { apiUnderTest } from "../testing/api-under-test.ts";
import { memoryReadModel } from "../testing/memory-read-model.ts";
import { story } from "../testing/story.ts";

const URLS = ["/discovery/runs", "/recommendations", "/near-misses", "/symbols/GME"];

interface Tables {
  app: FastifyInstance;
  /** Removes the newest recommendation. */
  change: () => void;
  reads: () => number;
}

/** An API over tables that change when told; `noticed: false` is a build that does not look. */
async function changing({ noticed = true } = {}): Promise<Tables> {
  const told = story();
  let model = memoryReadModel({ story: told });
  let state: TablesState = { positions: [] };
  let reads = 0;
  const readModel: ReadModel = {
    ...model,
    readOnce: (use) => {
      reads += 1;
      return model.readOnce(use);
    },
    state: async () => state,
  };
  const app = await apiUnderTest({ readModel });
  const change = (): void => {
    model = memoryReadModel({
      story: { ...told, recommendations: told.recommendations.slice(0, -1) },
    });
    if (noticed) state = { positions: [] };
  };
  return { app, change, reads: () => reads };
}

async function count(app: FastifyInstance): Promise<number> {
  return (await app.inject({ url: "/recommendations" })).json().data.length;
}

describe("an answer of one statement", () => {
  it.each(URLS)("of %s is read once while the tables stay as they are", async (url) => {
    const { app, reads } = await changing();
    const first = await app.inject({ url });
    const second = await app.inject({ url });
    expect(first.statusCode).toBe(200);
    expect(second.body).toBe(first.body);
    expect(second.headers).toMatchObject({
      "content-type": "application/json; charset=utf-8",
      "cache-control": "private, no-cache",
      etag: first.headers.etag,
    });
    expect(reads()).toBe(1);
  });

  it("is read again as soon as anything was written", async () => {
    const { app, change, reads } = await changing();
    const before = await count(app);
    change();
    expect(await count(app)).toBe(before - 1);
    expect(reads()).toBe(2);
  });

  it("is stale in a build that does not look whether anything was written: the check is worth something", async () => {
    const { app, change } = await changing({ noticed: false });
    const before = await count(app);
    change();
    expect(await count(app)).toBe(before);
  });

  it("is not sent again to who has it, by its tag", async () => {
    const { app, change } = await changing();
    const url = "/recommendations";
    const { etag = "" } = (await app.inject({ url })).headers;
    for (const tag of [etag, `W/${etag}`, `"other", ${etag}`, "*"]) {
      const again = await app.inject({ url, headers: { "if-none-match": tag } });
      expect([again.statusCode, again.body]).toEqual([304, ""]);
      expect(again.headers.etag).toBe(etag);
    }
    change();
    const newer = await app.inject({ url, headers: { "if-none-match": etag } });
    expect(newer.statusCode).toBe(200);
    expect(newer.headers.etag).not.toBe(etag);
  });

  it("links to the next page from memory as it did when it was read", async () => {
    const { app } = await changing();
    const link = async () => (await app.inject({ url: "/near-misses?limit=1" })).headers.link;
    const first = await link();
    expect(first).toContain('rel="next"');
    expect(await link()).toBe(first);
  });

  it("is a problem each time when there is none", async () => {
    const { app, reads } = await changing();
    for (const _ of [1, 2]) {
      expect((await app.inject({ url: "/symbols/NOPE" })).statusCode).toBe(404);
    }
    expect(reads()).toBe(2);
  });
});
