import { fileURLToPath } from "node:url";
import { Redis } from "ioredis";
import { describe, expect, it, onTestFinished } from "vitest";
import { openRedisCache } from "./redis.ts";
import type { RedisAddress } from "./redis-url.ts";
import { REDIS_MISSING, REDIS_SKIP_NOTE, TestRedis } from "./testing/redis-server.ts";

const ACCESS = fileURLToPath(new URL("../../../../infra/redis/users.acl", import.meta.url));
const LOGIN = { username: "amc", password: "only-an-example" };
const SILENT = { info: () => undefined, warn: () => undefined };
const PATIENCE = { timeout: 30_000, interval: 20 };

/** S13 of the reliability notes: what the user of `infra/redis/users.acl` may do, and nothing else. */
describe.skipIf(REDIS_MISSING !== null)(`a Redis that asks who we are${REDIS_SKIP_NOTE}`, () => {
  async function start(): Promise<TestRedis> {
    const redis = await TestRedis.start(["--aclfile", ACCESS]);
    onTestFinished(() => redis.stop());
    return redis;
  }

  async function open(address: RedisAddress) {
    const cache = await openRedisCache({
      ...{ address, database: 0, logger: SILENT },
      ...{ deadlineMs: 1_000, reconnectMaxMs: 100 },
    });
    onTestFinished(() => cache.close());
    return cache;
  }

  it("lets our user do what a cache needs, to our keys alone", async () => {
    const redis = await start();
    const cache = await open({ ...redis.address, ...LOGIN });
    await expect.poll(() => cache.ping().catch(() => "away"), PATIENCE).toBe("redis");
    await cache.set("amc:a", "kept", 60);
    expect(await cache.get("amc:a")).toBe("kept");
    expect(await cache.ttlSeconds("amc:a")).toBe(60);
    expect(await cache.keys("amc:")).toEqual(["amc:a"]);
    await cache.delete("amc:a");
    expect(await cache.get("amc:a")).toBeNull();
    await expect(cache.set("other:a", "refused", 60)).rejects.toMatchObject({
      facts: { reason: "NOPERM" },
    });
  });

  it.each([
    [["FLUSHALL"]],
    [["FLUSHDB"]],
    [["CONFIG", "GET", "*"]],
    [["EVAL", "return 1", "0"]],
    [["KEYS", "*"]],
    [["SHUTDOWN"]],
    [["SUBSCRIBE", "amc:a"]],
  ])("refuses our user %j", async ([command = "", ...words]) => {
    const { port, host } = (await start()).address;
    const user = new Redis({ host, port, ...LOGIN, protocol: 2, disableClientInfo: true });
    onTestFinished(() => user.disconnect());
    await expect(user.call(command, ...words)).rejects.toThrow(/NOPERM/);
  });

  it("lets nobody in without a login", async () => {
    const redis = await start();
    const stranger = await open(redis.address);
    await expect(stranger.ping()).rejects.toMatchObject({ code: "cache.unavailable" });
  });
});
