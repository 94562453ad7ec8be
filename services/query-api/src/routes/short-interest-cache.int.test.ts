import type { Cache } from "@amc/platform/cache/port";
import { openRedisCache, REDIS_DATABASES } from "@amc/platform/cache/redis";
import { FaultyProxy } from "@amc/platform/cache/testing/faulty-proxy";
import {
  REDIS_MISSING,
  REDIS_SKIP_NOTE,
  TestRedis,
} from "@amc/platform/cache/testing/redis-server";
import { VARIABLES } from "@amc/platform/config/variables";
import { shortQuality } from "@amc/streams/testing/short-quality-events";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { apiConfigOf } from "../config.ts";
import { apiUnderTest } from "../testing/api-under-test.ts";
import { memoryReadModel } from "../testing/memory-read-model.ts";
import { story } from "../testing/story.ts";
import { HISTORY_KEYS } from "./short-interest.ts";

const KEY = `${HISTORY_KEYS}:GME`;
const SILENT = { info: () => undefined, warn: () => undefined };
const PATIENCE = { timeout: 30_000, interval: 20 };
const POSITION = {
  ...{ projection: "calendar", topic: "short.quality.v1", partition: 0 },
  ...{ next: 1, epoch: 1, owner: "one" },
};

describe.skipIf(REDIS_MISSING !== null)(`short interest cached in Redis${REDIS_SKIP_NOTE}`, () => {
  let redis: TestRedis;
  let proxy: FaultyProxy;
  let cache: Cache;

  beforeEach(async () => {
    redis = await TestRedis.start(["--save", ""]);
    proxy = await FaultyProxy.open(redis.port);
    cache = await openRedisCache({
      ...{ address: proxy.address, database: REDIS_DATABASES.shortInterest },
      ...{ logger: SILENT, deadlineMs: 1_000, reconnectMaxMs: 100 },
    });
    await redis.admin.select(REDIS_DATABASES.shortInterest);
  });
  afterEach(async () => {
    await cache.close();
    await proxy.close();
    await redis.stop();
  });

  /** Asks a process that has just started. */
  async function asked(variables: Readonly<Record<string, string>> = {}) {
    const { id, value: event } = shortQuality();
    const readModel = {
      ...memoryReadModel({ story: story(), shortInterest: [{ id, event }] }),
      state: async () => ({ positions: [POSITION] }),
    };
    const config = apiConfigOf(VARIABLES.parse(variables), 0);
    const app = await apiUnderTest({ readModel, config, shortInterestCache: cache });
    const answer = await app.inject({ url: "/short-interest/GME" });
    await app.close();
    return { source: answer.headers["x-amc-source"], data: answer.json().data };
  }

  it("lies under a key of its own in database 2, for a day at most (R-SI-05)", async () => {
    const first = await asked();
    expect(await redis.admin.keys("*")).toEqual([KEY]);
    const ttl = await redis.admin.ttl(KEY);
    expect(ttl).toBeGreaterThan(86_300);
    expect(ttl).toBeLessThanOrEqual(86_400);
    expect(await redis.admin.info("keyspace")).toMatch(/^db2:keys=1,expires=1/m);
    expect(await asked()).toEqual({ ...first, source: "cache" });
  });

  it("is kept for SHORT_INTEREST_CACHE_TTL, a second in tests", async () => {
    await asked({ SHORT_INTEREST_CACHE_TTL: "1" });
    expect(await redis.admin.pttl(KEY)).toBeLessThanOrEqual(1_000);
    await expect.poll(() => redis.admin.exists(KEY), PATIENCE).toBe(0);
    expect(await asked()).toMatchObject({ source: "postgres" });
  });

  it.each([
    ["is killed", () => redis.kill()],
    ["is silent", async () => proxy.stall()],
    ["was flushed", async () => void (await redis.admin.flushall())],
    ["takes no writes", async () => void (await redis.admin.replicaof("127.0.0.1", 1))],
    ["speaks another protocol", async () => proxy.lie("HTTP/1.1 400 Bad Request\r\n\r\n")],
    ["holds something of another kind", async () => void (await redis.admin.rpush(KEY, "1"))],
  ])("is answered from the tables while Redis %s", async (_, happen) => {
    await happen();
    const { data } = await asked();
    expect(data).toMatchObject([{ settlementDate: "2021-01-15", overall: 0.89 }]);
    expect(await asked()).toMatchObject({ data });
  });
});
