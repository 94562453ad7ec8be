import type { Cache } from "@amc/platform/cache/port";
import { openRedisCache, REDIS_DATABASES } from "@amc/platform/cache/redis";
import { FaultyProxy } from "@amc/platform/cache/testing/faulty-proxy";
import {
  REDIS_MISSING,
  REDIS_SKIP_NOTE,
  TestRedis,
} from "@amc/platform/cache/testing/redis-server";
import { startTestPostgres, type TestDatabase } from "@amc/platform/postgres/testing";
import { TEN_O_CLOCK } from "@amc/streams/testing/features-builder";
import { run, runIdAt } from "@amc/streams/testing/projected-events";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { append, emptyLog } from "./testing/log-of-events.ts";
import { countOf, projectAll } from "./testing/projector-fixture.ts";
import { QUARTER_MS } from "./testing/simulated-market.ts";

const KEY = "amc:discovery:unified:latest";
const KEYS = [
  "amc:discovery:contenders.latest",
  "amc:discovery:explain.latest",
  "amc:discovery:status",
  KEY,
  "amc:discovery:unified:unified_detectors:latest",
];
// MAX_CANDIDATES_PER_DISCOVERY cannot be more.
const MOST_CANDIDATES = 100;
const MIB = 2 ** 20;
const SILENT = { info: () => undefined, warn: () => undefined };
const PATIENCE = { timeout: 30_000, interval: 20 };

describe.skipIf(REDIS_MISSING !== null)(`answers cached in Redis${REDIS_SKIP_NOTE}`, () => {
  let database: TestDatabase;
  let redis: TestRedis;
  let proxy: FaultyProxy;
  let cache: Cache;

  beforeEach(async () => {
    database = await startTestPostgres();
    redis = await TestRedis.start(["--save", ""]);
    proxy = await FaultyProxy.open(redis.port);
    cache = await openRedisCache({
      address: proxy.address,
      database: REDIS_DATABASES.discovery,
      logger: SILENT,
      deadlineMs: 1_000,
      reconnectMaxMs: 100,
    });
  });
  afterEach(async () => {
    await cache.close();
    await proxy.close();
    await redis.stop();
    await database.drop();
  });

  const runIdIn = async () => JSON.parse((await redis.admin.get(KEY)) ?? "{}").run_id;

  it("are the five keys of a run and no other, each with its lifetime, in database 0", async () => {
    const log = emptyLog();
    await append(log, [run()]);
    await projectAll(database, log, { cache });
    expect((await redis.admin.keys("*")).sort()).toEqual(KEYS);
    for (const key of KEYS) {
      const ttl = await redis.admin.ttl(key);
      expect(ttl).toBeGreaterThan(0);
      expect(ttl).toBeLessThanOrEqual(900);
    }
    expect(await redis.admin.info("keyspace")).toMatch(/^db0:keys=5,expires=5/m);
  });

  // R-RDS-11 sets memory aside by purpose, which Redis has no setting for: what can be held to is how
  // much we write. Discovery is the only purpose that writes; the budget is that of market data.
  it("of the largest run there can be take less than the 32 MB set aside for them", async () => {
    const log = emptyLog();
    const [candidate] = run().value.candidates;
    if (candidate === undefined) throw new Error("a run has a candidate");
    const candidates = Array.from({ length: MOST_CANDIDATES }, (_, index) => ({
      ...candidate,
      ...{ rank: index + 1, symbol: `SYMBOL${index}` },
    }));
    await append(log, [run({ candidates })]);
    await projectAll(database, log, { cache });
    const sizes = await Promise.all(KEYS.map((key) => redis.admin.memory("USAGE", key)));
    const bytes = sizes.reduce<number>((sum, size) => sum + (size ?? Number.NaN), 0);
    expect(bytes).toBeGreaterThan(MOST_CANDIDATES * "SYMBOL00".length);
    expect(bytes).toBeLessThan(32 * MIB);
    expect(await redis.admin.info("keyspace")).not.toMatch(/^db[123]:/m);
  });

  it("of an earlier run are gone once a Redis that missed the newer one is back", async () => {
    const log = emptyLog();
    await append(log, [run()]);
    await projectAll(database, log, { cache });
    expect(await runIdIn()).toBe(runIdAt(TEN_O_CLOCK));
    proxy.stall();
    await append(log, [run({ slot: TEN_O_CLOCK + QUARTER_MS })]);
    await projectAll(database, log, { cache });
    expect(await countOf(database, "discovery_runs")).toBe(2);
    proxy.cut();
    proxy.resume();
    await expect.poll(() => cache.ping().catch(() => "away"), PATIENCE).toBe("redis");
    expect(await redis.admin.keys("*")).toEqual([]);
    // The next start fills it from the tables.
    await projectAll(database, log, { cache });
    expect(await runIdIn()).toBe(runIdAt(TEN_O_CLOCK + QUARTER_MS));
  });
});
