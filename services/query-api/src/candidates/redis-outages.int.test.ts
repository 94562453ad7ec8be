import { fileURLToPath } from "node:url";
import { REDIS_MISSING, REDIS_SKIP_NOTE } from "@amc/platform/cache/testing/redis-server";
import { STATUS_KEY } from "@amc/streams/projections/runs/cache";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { answersOf, CACHE_FAULTS, LATEST_RUN_KEY, StruckCache } from "../testing/struck-cache.ts";

/**
 * F14: whatever happens to Redis, the API answers what it answers without one, byte for byte.
 * `x-amc-source` says where an answer came from and is the only thing that may differ.
 */

const CONFIGURATION = fileURLToPath(new URL("../../../../infra/redis/redis.conf", import.meta.url));
const MIB = 1024 * 1024;
const FAULTS_DRAWN = 50;
const PATIENCE = { timeout: 30_000, interval: 20 };
describe.skipIf(REDIS_MISSING !== null)(`the API and its Redis${REDIS_SKIP_NOTE}`, () => {
  let struck: StruckCache;

  beforeEach(async () => {
    struck = await StruckCache.open();
  });
  afterEach(async () => {
    await struck.close();
  });

  it.each(CACHE_FAULTS)("answers the same when Redis %s", async (_, happen) => {
    await happen(struck);
    for (const _round of [1, 2, 3, 4, 5]) {
      expect(await struck.answers()).toEqual(struck.withoutRedis);
    }
  });

  it("answers the same through fifty faults that follow each other in a random order", async () => {
    const seed = Number(process.env.AMC_SEED ?? 14);
    const drawn = fc.sample(fc.constantFrom(...CACHE_FAULTS), { numRuns: FAULTS_DRAWN, seed });
    let [asked, different] = [0, 0];
    for (const [, happen] of drawn) {
      await struck.restore();
      await happen(struck);
      for (const _round of [1, 2]) {
        const got = await struck.answers();
        asked += got.length;
        different += got.filter((answer, at) => answer !== struck.withoutRedis[at]).length;
      }
    }
    console.log({ seed, faults: drawn.length, asked, different });
    const answers = struck.withoutRedis.length;
    expect({ asked, different }).toEqual({ asked: FAULTS_DRAWN * 2 * answers, different: 0 });
  }, 120_000);

  it("answers the same from a Redis that its 256 MB are full of other things (R-RDS-11)", async () => {
    const crowded = await StruckCache.open(1_000, [CONFIGURATION]);
    onTestFinished(() => crowded.close());
    const { admin } = crowded.redis;
    const other = "x".repeat(MIB);
    // Redis evicts by samples, so nobody knows when it is the turn of the newest run's key.
    for (let at = 0; at < 300 || (await admin.exists(LATEST_RUN_KEY)) === 1; at += 1) {
      await admin.set(`other:${at}`, other);
    }
    const memory = await admin.info();
    const figure = (name: string) => Number(new RegExp(`${name}:(\\d+)`).exec(memory)?.[1]);
    expect(figure("used_memory")).toBeGreaterThan(240 * MIB);
    expect(figure("used_memory")).toBeLessThanOrEqual(257 * MIB);
    expect(figure("evicted_keys")).toBeGreaterThan(0);
    for (const _round of [1, 2, 3]) expect(await crowded.answers()).toEqual(crowded.withoutRedis);
  });

  it("notices a build that serves the run that the cache names: the check is worth something", async () => {
    const broken = await struck.believing();
    expect(await answersOf(broken)).toEqual(struck.withoutRedis);
    await struck.name(0);
    expect(await answersOf(broken)).not.toEqual(struck.withoutRedis);
  });

  it("says so in /health, and uses it again by itself once it is back", async () => {
    const { app, redis } = struck;
    await redis.kill();
    const component = async () => (await app.inject({ url: "/health" })).json().components.redis;
    await expect
      .poll(component, PATIENCE)
      .toEqual({ status: "unhealthy", detail: "fails with cache.unavailable" });
    expect(await struck.source()).toBe("postgres");
    expect((await app.inject({ url: "/readyz" })).json().reasons ?? []).not.toContain("redis");
    await redis.start();
    await redis.admin.set(STATUS_KEY, "{}");
    await expect.poll(component, PATIENCE).toEqual({ status: "healthy", detail: "redis" });
    // What was in it before is asked for anew; the projector fills it with the next run.
    await struck.name(-1);
    expect(await struck.source()).toBe("cache");
    expect(await struck.answers()).toEqual(struck.withoutRedis);
  });
});
