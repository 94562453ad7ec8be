import { fileURLToPath } from "node:url";
import { openRedisCache } from "@amc/platform/cache/redis";
import { FaultyProxy } from "@amc/platform/cache/testing/faulty-proxy";
import {
  REDIS_MISSING,
  REDIS_SKIP_NOTE,
  TestRedis,
} from "@amc/platform/cache/testing/redis-server";
import { STATUS_KEY } from "@amc/streams/projections/runs/cache";
import fc from "fast-check";
import type { FastifyInstance } from "fastify";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { apiUnderTest } from "../testing/api-under-test.ts";
import { memoryReadModel } from "../testing/memory-read-model.ts";
import { story } from "../testing/story.ts";

/**
 * F14: whatever happens to Redis, the API answers what it answers without one, byte for byte.
 * `x-amc-source` says where an answer came from and is the only thing that may differ.
 */

const KEY = "amc:discovery:unified:latest";
const URLS = ["/discovery/contenders", "/discovery/squeeze-candidates", "/discovery/runs"];
const SILENT = { info: () => undefined, warn: () => undefined };
const CLIENT = { database: 0, logger: SILENT, deadlineMs: 1_000, reconnectMaxMs: 100 };
const CONFIGURATION = fileURLToPath(new URL("../../../../infra/redis/redis.conf", import.meta.url));
const MIB = 1024 * 1024;
const FAULTS_DRAWN = 50;
const PATIENCE = { timeout: 30_000, interval: 20 };

const nameOfRun = (at: number) => JSON.stringify({ run_id: story().runs.at(at)?.event.runId });

async function answers(app: FastifyInstance): Promise<string[]> {
  const all: string[] = [];
  for (const url of URLS) {
    const { statusCode, body } = await app.inject({ url });
    all.push(`${statusCode} ${body}`);
  }
  return all;
}

async function sourceOf(app: FastifyInstance): Promise<unknown> {
  return (await app.inject({ url: "/discovery/contenders" })).headers["x-amc-source"];
}

describe.skipIf(REDIS_MISSING !== null)(`the API and its Redis${REDIS_SKIP_NOTE}`, () => {
  let redis: TestRedis;
  let proxy: FaultyProxy;
  let app: FastifyInstance;
  let withoutRedis: string[];
  const closers: (() => Promise<void>)[] = [];

  beforeEach(async () => {
    redis = await TestRedis.start(["--save", ""]);
    proxy = await FaultyProxy.open(redis.port);
    const cache = await openRedisCache({ ...CLIENT, address: proxy.address });
    closers.push(
      () => redis.stop(),
      () => proxy.close(),
      () => cache.close(),
    );
    await cache.set(KEY, nameOfRun(-1), 900);
    withoutRedis = await answers(await apiUnderTest());
    app = await apiUnderTest({ cache });
    await vi.waitFor(async () => {
      if ((await sourceOf(app)) !== "cache") throw new Error("Redis is not used to begin with");
    }, PATIENCE);
  });
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
  });

  const FAULTS: readonly (readonly [string, () => unknown])[] = [
    ["is killed", () => redis.kill()],
    ["is flushed", () => redis.admin.flushall()],
    ["returns empty", () => redis.kill().then(() => redis.start())],
    ["becomes read-only", () => redis.admin.replicaof("127.0.0.1", 1)],
    ["is silent", () => proxy.stall()],
    ["breaks each connection", () => proxy.cut()],
    ["speaks another protocol", () => proxy.lie("HTTP/1.1 400 Bad Request\r\n\r\n")],
    ["holds no JSON", () => redis.admin.set(KEY, "{")],
    ["is back with what it held before the newest run", () => redis.admin.set(KEY, nameOfRun(0))],
    ["names a run that never was", () => redis.admin.set(KEY, nameOfRun(99))],
    [
      "holds something of another kind",
      () => redis.admin.del(KEY).then(() => redis.admin.rpush(KEY, "1")),
    ],
  ];

  it.each(FAULTS)("answers the same when Redis %s", async (_, happen) => {
    await happen();
    for (const _round of [1, 2, 3, 4, 5]) expect(await answers(app)).toEqual(withoutRedis);
  });

  it("answers the same through fifty faults that follow each other in a random order", async () => {
    const seed = Number(process.env.AMC_SEED ?? 14);
    const drawn = fc.sample(fc.constantFrom(...FAULTS), { numRuns: FAULTS_DRAWN, seed });
    let [asked, different] = [0, 0];
    for (const [, happen] of drawn) {
      // Each fault meets a Redis that runs, takes writes and names the newest run.
      if (redis.isKilled) await redis.start();
      else await redis.admin.replicaof("NO", "ONE");
      await redis.admin.del(KEY);
      await redis.admin.set(KEY, nameOfRun(-1));
      await happen();
      for (const _round of [1, 2]) {
        const got = await answers(app);
        asked += got.length;
        different += got.filter((answer, at) => answer !== withoutRedis[at]).length;
      }
      proxy.tellTheTruth();
      proxy.resume();
    }
    console.log({ seed, faults: drawn.length, asked, different });
    expect({ asked, different }).toEqual({ asked: FAULTS_DRAWN * 2 * URLS.length, different: 0 });
  }, 120_000);

  it("answers the same from a Redis that its 256 MB are full of other things (R-RDS-11)", async () => {
    const full = await TestRedis.start([CONFIGURATION]);
    closers.push(() => full.stop());
    const cache = await openRedisCache({ ...CLIENT, address: full.address });
    closers.push(() => cache.close());
    await cache.set(KEY, nameOfRun(-1), 900);
    const crowded = await apiUnderTest({ cache });
    expect(await answers(crowded)).toEqual(withoutRedis);
    const other = "x".repeat(MIB);
    for (let at = 0; at < 300; at += 1) await full.admin.set(`other:${at}`, other);
    const memory = await full.admin.info();
    const figure = (name: string) => Number(new RegExp(`${name}:(\\d+)`).exec(memory)?.[1]);
    expect(figure("used_memory")).toBeGreaterThan(240 * MIB);
    expect(figure("used_memory")).toBeLessThanOrEqual(257 * MIB);
    expect(figure("evicted_keys")).toBeGreaterThan(0);
    expect(await full.admin.exists(KEY)).toBe(0);
    for (const _round of [1, 2, 3]) expect(await answers(crowded)).toEqual(withoutRedis);
  });

  it("notices a build that serves the run that the cache names: the check is worth something", async () => {
    const told = memoryReadModel({ story: story() });
    const believing: typeof told = {
      ...told,
      read: (use) =>
        told.read((view) =>
          use({
            ...view,
            runs: async (query) => {
              const named = JSON.parse((await redis.admin.get(KEY)) ?? "{}").run_id;
              const run = await view.run(String(named));
              return query.limit === 1 && run !== null ? [run] : view.runs(query);
            },
          }),
        ),
    };
    const broken = await apiUnderTest({ readModel: believing });
    expect(await answers(broken)).toEqual(withoutRedis);
    await redis.admin.set(KEY, nameOfRun(0));
    expect(await answers(broken)).not.toEqual(withoutRedis);
  });

  it("says so in /health, and uses it again by itself once it is back", async () => {
    await redis.kill();
    const component = async () => (await app.inject({ url: "/health" })).json().components.redis;
    await expect
      .poll(component, PATIENCE)
      .toEqual({ status: "unhealthy", detail: "fails with cache.unavailable" });
    expect(await sourceOf(app)).toBe("postgres");
    expect((await app.inject({ url: "/readyz" })).json().reasons ?? []).not.toContain("redis");
    await redis.start();
    await redis.admin.set(STATUS_KEY, "{}");
    await expect.poll(component, PATIENCE).toEqual({ status: "healthy", detail: "redis" });
    // What was in it before is asked for anew; the projector fills it with the next run.
    await redis.admin.set(KEY, nameOfRun(-1));
    expect(await sourceOf(app)).toBe("cache");
    expect(await answers(app)).toEqual(withoutRedis);
  });
});
