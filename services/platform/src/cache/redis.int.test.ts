import { Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createLogger } from "../logger.ts";
import { describeCacheContract } from "./cache.contract.ts";
import { type Cache, MAX_VALUE_BYTES } from "./port.ts";
import { openRedisCache, REDIS_DATABASES } from "./redis.ts";
import type { RedisConnectionOptions } from "./redis-connection.ts";
import { FaultyProxy } from "./testing/faulty-proxy.ts";
import { REDIS_MISSING, REDIS_SKIP_NOTE, TestRedis } from "./testing/redis-server.ts";

/** What was logged, one JSON object per line. */
const logged: string[] = [];
const logger = createLogger(
  "trace",
  new Writable({
    write(line: Buffer, _encoding, done) {
      logged.push(line.toString());
      done();
    },
  }),
);

const CONFIGURATION = fileURLToPath(new URL("../../../../infra/redis/redis.conf", import.meta.url));

/** What has to succeed must not fail because the machine is busy for the 100 ms of production. */
const DEADLINE_MS = 1_000;
const PATIENCE = { timeout: 30_000, interval: 20 };

/** Waits until a cache serves or does not. */
async function expectServing(cache: Cache, serves: boolean): Promise<void> {
  const outcome = () => cache.ping().catch((error: { code: string }) => error.code);
  await expect.poll(outcome, PATIENCE).toBe(serves ? "redis" : "cache.unavailable");
}

describe.skipIf(REDIS_MISSING !== null)(`a cache in Redis${REDIS_SKIP_NOTE}`, () => {
  let redis: TestRedis;
  const opened: Cache[] = [];
  const proxies: FaultyProxy[] = [];

  async function open(options: Partial<RedisConnectionOptions> = {}): Promise<Cache> {
    const cache = await openRedisCache({
      address: redis.address,
      database: REDIS_DATABASES.discovery,
      logger,
      deadlineMs: DEADLINE_MS,
      reconnectMaxMs: 100,
      ...options,
    });
    opened.push(cache);
    return cache;
  }

  async function openBehindProxy(options: Partial<RedisConnectionOptions> = {}) {
    const proxy = await FaultyProxy.open(redis.port);
    proxies.push(proxy);
    return { proxy, cache: await open({ address: proxy.address, ...options }) };
  }

  beforeAll(async () => {
    redis = await TestRedis.start(["--save", ""]);
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((cache) => cache.close()));
    await Promise.all(proxies.splice(0).map((proxy) => proxy.close()));
    await redis.admin.flushall();
    logged.length = 0;
  });
  afterAll(() => redis.stop());

  describeCacheContract("redis", async () => {
    await redis.admin.flushall();
    return {
      cache: await open(),
      // The server's clock is nobody's to move; the ends of its keys are.
      advance: async (ms) => {
        for (const key of await redis.admin.keys("*")) {
          await redis.admin.pexpire(key, (await redis.admin.pttl(key)) - ms);
        }
      },
    };
  });

  it("keeps each purpose in a logical database of its own (R-RDS-10)", async () => {
    for (const database of Object.values(REDIS_DATABASES)) {
      await (await open({ database })).set("amc:a", `${database}`, 60);
    }
    const keyspace = await redis.admin.info("keyspace");
    expect([...keyspace.matchAll(/^db(\d+):keys=1,expires=1/gm)].map(([, db]) => db)).toEqual([
      "0",
      "2",
      "3",
    ]);
    expect(await (await open({ database: REDIS_DATABASES.shortInterest })).get("amc:a")).toBe("2");
  });

  it("uses one connection per cache, far below the fifty of R-RDS-12", async () => {
    const cache = await open();
    await Promise.all(Array.from({ length: 500 }, (_, at) => cache.set(`amc:${at}`, "1", 60)));
    const clients = String(await redis.admin.client("LIST"));
    expect(clients.match(/name=amc /g)).toHaveLength(1);
  });

  it("refuses more commands at once than it has memory for, and goes on", async () => {
    const cache = await open();
    const sets = Array.from({ length: 1_500 }, (_, at) => cache.set(`amc:${at}`, "1", 60));
    const outcomes = await Promise.allSettled(sets);
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1_000);
    const refused = outcomes.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
    expect(refused[0]).toMatchObject({
      code: "cache.unavailable",
      facts: { reason: "too-many-commands" },
    });
    expect(await cache.get("amc:0")).toBe("1");
  });

  it("that is absent at the start answers nothing, takes nothing, and is used once it is there", async () => {
    const later = await TestRedis.reserve(["--save", ""]);
    try {
      const cache = await open({ address: later.address });
      expect(await cache.get("amc:a")).toBeNull();
      await expect(cache.set("amc:a", "1", 60)).rejects.toMatchObject({
        code: "cache.unavailable",
        facts: { key: "amc:a", reason: "ECONNREFUSED" },
      });
      await expect(cache.delete("amc:a")).rejects.toMatchObject({ code: "cache.unavailable" });
      await expect(cache.ttlSeconds("amc:a")).rejects.toMatchObject({ code: "cache.unavailable" });
      await expect(cache.keys("amc:")).rejects.toMatchObject({ code: "cache.unavailable" });
      await later.start();
      await expectServing(cache, true);
      await cache.set("amc:a", "1", 60);
      expect(await cache.get("amc:a")).toBe("1");
    } finally {
      await later.stop();
    }
  });

  it("that is killed fails what is in hand, answers nothing, and is used again when it returns empty", async () => {
    const mortal = await TestRedis.start(["--save", ""]);
    try {
      const cache = await open({ address: mortal.address });
      await cache.set("amc:a", "1", 60);
      await mortal.kill();
      await expectServing(cache, false);
      expect(await cache.get("amc:a")).toBeNull();
      await mortal.start();
      await expectServing(cache, true);
      expect(await cache.get("amc:a")).toBeNull();
      await cache.set("amc:a", "2", 60);
      expect(await cache.get("amc:a")).toBe("2");
      const told = logged.map((line) => JSON.parse(line).msg);
      expect(told).toEqual([
        "the cache does not answer; everything works without it",
        "the cache answers again",
      ]);
    } finally {
      await mortal.stop();
    }
  });

  it("that is slow is not waited for, and its late answers are given to nobody else", async () => {
    const { proxy, cache } = await openBehindProxy();
    await cache.set("amc:a", "a", 60);
    await cache.set("amc:b", "b", 60);
    proxy.stall();
    expect(await cache.get("amc:a")).toBeNull();
    proxy.resume();
    expect(await cache.get("amc:b")).toBe("b");
    expect(await cache.get("amc:a")).toBe("a");
  });

  it("that has been silent three times is not asked again until a new connection answers", async () => {
    const { proxy, cache } = await openBehindProxy();
    await cache.set("amc:a", "1", 60);
    proxy.stall();
    for (const _ of [1, 2, 3]) expect(await cache.get("amc:a")).toBeNull();
    await expect(cache.set("amc:b", "1", 60)).rejects.toMatchObject({
      code: "cache.unavailable",
      facts: { reason: "timeout" },
    });
    const whenGivenUp = proxy.accepted;
    await expect.poll(() => proxy.accepted, PATIENCE).toBeGreaterThan(whenGivenUp);
    proxy.resume();
    await expectServing(cache, true);
    expect(await cache.get("amc:a")).toBe("1");
  });

  it("whose idle connection died unnoticed is found out by the health check", async () => {
    const { proxy, cache } = await openBehindProxy({ healthCheckMs: 50 });
    await cache.set("amc:a", "1", 60);
    proxy.stall();
    await expect.poll(() => proxy.accepted, PATIENCE).toBeGreaterThan(1);
    proxy.resume();
    await expectServing(cache, true);
    expect(await cache.get("amc:a")).toBe("1");
  });

  it("never answers the value that a failed write was to replace, not even after it returns", async () => {
    const { proxy, cache } = await openBehindProxy();
    await cache.set("amc:a", "old", 900);
    await cache.set("amc:gone", "old", 900);
    proxy.stall();
    await expect(cache.set("amc:a", "new", 900)).rejects.toMatchObject({
      code: "cache.unavailable",
    });
    await expect(cache.delete("amc:gone")).rejects.toMatchObject({ code: "cache.unavailable" });
    expect(await cache.get("amc:a")).toBeNull();
    // What was sent is lost with its connection.
    proxy.cut();
    proxy.resume();
    await expectServing(cache, true);
    expect(await cache.get("amc:a")).toBeNull();
    expect(await redis.admin.keys("*")).toEqual([]);
    await cache.set("amc:a", "newest", 900);
    expect(await cache.get("amc:a")).toBe("newest");
  });

  it("that is back with an earlier snapshot does not answer what was replaced since", async () => {
    const own = await TestRedis.start();
    try {
      const cache = await open({ address: own.address });
      await cache.set("amc:a", "older", 60);
      await own.admin.save();
      await cache.set("amc:a", "newer", 60);
      await own.kill();
      await expectServing(cache, false);
      await own.start();
      await expectServing(cache, true);
      // Gone for everybody: other processes read it from the tables again.
      expect(await own.admin.get("amc:a")).toBeNull();
      expect(await cache.get("amc:a")).toBeNull();
    } finally {
      await own.stop();
    }
  });

  it("that was flushed has lost its answers and nothing else", async () => {
    const cache = await open();
    await cache.set("amc:a", "1", 60);
    await redis.admin.flushall();
    expect(await cache.get("amc:a")).toBeNull();
    await cache.set("amc:a", "2", 60);
    expect(await cache.get("amc:a")).toBe("2");
  });

  it("that became read-only answers what it holds, but nothing that should have been replaced", async () => {
    const cache = await open({ healthCheckMs: 50 });
    await cache.set("amc:a", "old", 60);
    await cache.set("amc:b", "kept", 60);
    // A replica of nobody, as after a failover that went wrong.
    await redis.admin.replicaof("127.0.0.1", 1);
    try {
      await expect(cache.set("amc:a", "new", 60)).rejects.toMatchObject({
        code: "cache.unavailable",
        facts: { key: "amc:a", reason: "READONLY" },
      });
      expect(await cache.get("amc:a")).toBeNull();
      await expect.poll(() => cache.get("amc:b"), PATIENCE).toBe("kept");
      expect(await redis.admin.get("amc:a")).toBe("old");
    } finally {
      await redis.admin.replicaof("NO", "ONE");
    }
    await expect.poll(() => redis.admin.get("amc:a"), PATIENCE).toBeNull();
    await expectServing(cache, true);
    await cache.set("amc:a", "newest", 60);
    expect(await cache.get("amc:a")).toBe("newest");
  });

  it.each([
    ["no protocol at all", "HTTP/1.1 400 Bad Request\r\n\r\n"],
    ["a reply that ends nowhere", "$9999999999\r\n"],
    ["replies that nobody asked for", ":1\r\n+x\r\n$3\r\nabc\r\n"],
    ["lengths that are none", "$abc\r\n*-7\r\n"],
    ["refusals", "-WRONGPASS invalid password\r\n-NOAUTH no\r\n"],
  ])("that answers with %s is given up, and used again when it is itself", async (_, text) => {
    const { proxy, cache } = await openBehindProxy();
    await cache.set("amc:a", "1", 60);
    proxy.lie(text);
    // Answered with garbage, not at all, or a reply too many ago: in no case with what is not ours.
    for (const key of ["amc:a", "amc:none", "amc:a"]) {
      expect(["1", null]).toContain(await cache.get(key));
    }
    proxy.cut();
    await expectServing(cache, false);
    await expect(cache.set("amc:a", "2", 60)).rejects.toMatchObject({ code: "cache.unavailable" });
    proxy.tellTheTruth();
    await expectServing(cache, true);
    await cache.set("amc:a", "3", 60);
    expect(await cache.get("amc:a")).toBe("3");
  });

  it.each([
    ["a list", () => redis.admin.rpush("amc:a", "1")],
    ["bytes that are no text", () => redis.admin.set("amc:a", Buffer.from([0xff, 0xfe]))],
    ["nothing", () => redis.admin.set("amc:a", "")],
    ["too much", () => redis.admin.setrange("amc:a", 4 * MAX_VALUE_BYTES, "x")],
  ])("does not answer what somebody else put there: %s", async (_, put) => {
    const cache = await open();
    await put();
    expect(await cache.get("amc:a")).toBeNull();
    await cache.set("amc:a", "ours", 60);
    expect(await cache.get("amc:a")).toBe("ours");
  });

  it("that is full and may evict nothing refuses, and the older value is not answered", async () => {
    const cache = await open();
    await cache.set("amc:a", "old", 60);
    await redis.admin.config("SET", "maxmemory", "1");
    try {
      await expect(cache.set("amc:a", "new", 60)).rejects.toMatchObject({
        code: "cache.unavailable",
        facts: { reason: "OOM" },
      });
      expect(await cache.get("amc:a")).toBeNull();
    } finally {
      await redis.admin.config("SET", "maxmemory", "0");
    }
    await cache.set("amc:a", "newest", 60);
    expect(await cache.get("amc:a")).toBe("newest");
  });

  it("that is full and evicts goes on taking answers, as infra/redis/redis.conf has it (R-RDS-11)", async () => {
    const small = await TestRedis.start([CONFIGURATION]);
    try {
      const settings = Object.fromEntries(
        await Promise.all(
          ["maxmemory", "maxmemory-policy", "save", "databases"].map((name) =>
            small.admin.config("GET", name),
          ),
        ),
      );
      expect(settings).toEqual({
        maxmemory: `${256 * 1024 * 1024}`,
        "maxmemory-policy": "allkeys-lru",
        save: "900 1 300 10 60 10000",
        databases: "4",
      });
      // The same with less memory is full sooner.
      await small.admin.config("SET", "maxmemory", "8mb");
      const cache = await open({ address: small.address });
      const large = "x".repeat(MAX_VALUE_BYTES);
      for (let at = 0; at < 12; at += 1) await cache.set(`amc:${at}`, large, 60);
      expect((await cache.get("amc:11")) === large).toBe(true);
      expect(await cache.get("amc:0")).toBeNull();
    } finally {
      await small.stop();
    }
  });

  it("with a wrong password is not used, and no log line or error holds password or value", async () => {
    const guarded = await TestRedis.reserve(["--save", "", "--requirepass", "right-horse"]);
    await guarded.start();
    const password = "hunter2-battery";
    try {
      const cache = await open({ address: { ...guarded.address, username: "default", password } });
      await expectServing(cache, false);
      const refusal = await cache.set("amc:a", "a-value", 60).catch((error: unknown) => error);
      logger.error({ err: refusal }, "as its caller would log it");
      expect(refusal).toMatchObject({ code: "cache.unavailable", facts: { reason: "WRONGPASS" } });
      expect(logged.join("")).toContain("WRONGPASS");
      expect(logged.join("")).not.toMatch(/hunter2|a-value/);
    } finally {
      await guarded.stop();
    }
  });

  it("logs no value with a write that was refused", async () => {
    const cache = await open();
    await redis.admin.replicaof("127.0.0.1", 1);
    try {
      const refusal = await cache.set("amc:a", "a-value", 60).catch((error: unknown) => error);
      logger.error({ err: refusal }, "as its caller would log it");
      expect(logged.join("")).toContain("READONLY");
      expect(logged.join("")).not.toContain("a-value");
    } finally {
      await redis.admin.replicaof("NO", "ONE");
    }
  });
});
