import { setTimeout as wait } from "node:timers/promises";
import { openRedisCache } from "@amc/platform/cache/redis";
import { FaultyProxy } from "@amc/platform/cache/testing/faulty-proxy";
import { TestRedis } from "@amc/platform/cache/testing/redis-server";
import type { FastifyInstance } from "fastify";
import { DEFAULT_API_CONFIG } from "../config.ts";
import { apiUnderTest } from "./api-under-test.ts";
import { memoryReadModel } from "./memory-read-model.ts";
import { story } from "./story.ts";

/** Under it the projector names the newest run. */
export const LATEST_RUN_KEY = "amc:discovery:unified:latest";
const URLS = ["/discovery/contenders", "/discovery/squeeze-candidates", "/discovery/runs"];
const LOOK_EVERY_MS = 20;
const USED_MS_MAX = 30_000;
/** As many requests as a machine can make: a refusal would be taken for another answer. */
const UNLIMITED = { ...DEFAULT_API_CONFIG, requestsPerMinute: 1_000_000 };
const SILENT = { info: () => undefined, warn: () => undefined };

/** Names a run of the story, or one that never was, as the cache holds it. */
const nameOfRun = (at: number) => JSON.stringify({ run_id: story().runs.at(at)?.event.runId });

/** What may happen to Redis, as it is called and how it is done; a strike leaves it in that state. */
export type CacheFault = readonly [name: string, happen: (cache: StruckCache) => unknown];

/** What a build that believes Redis cannot stand. */
export const OUTDATED: CacheFault = [
  "is back with what it held before the newest run",
  (cache) => cache.name(0),
];

export const CACHE_FAULTS: readonly CacheFault[] = [
  ["is killed", ({ redis }) => redis.kill()],
  ["is flushed", ({ redis }) => redis.admin.flushall()],
  ["returns empty", ({ redis }) => redis.kill().then(() => redis.start())],
  ["becomes read-only", ({ redis }) => redis.admin.replicaof("127.0.0.1", 1)],
  ["is silent", ({ proxy }) => proxy.stall()],
  ["breaks each connection", ({ proxy }) => proxy.cut()],
  ["speaks another protocol", ({ proxy }) => proxy.lie("HTTP/1.1 400 Bad Request\r\n\r\n")],
  ["holds no JSON", ({ redis }) => redis.admin.set(LATEST_RUN_KEY, "{")],
  OUTDATED,
  ["names a run that never was", (cache) => cache.name(99)],
  [
    "holds something of another kind",
    ({ redis }) =>
      redis.admin.del(LATEST_RUN_KEY).then(() => redis.admin.rpush(LATEST_RUN_KEY, "1")),
  ],
];

/** An API with a Redis of its own behind a proxy, to be struck, and what it answers without one. */
export class StruckCache {
  readonly redis: TestRedis;
  readonly proxy: FaultyProxy;
  readonly app: FastifyInstance;
  readonly withoutRedis: readonly string[];
  readonly #close: () => Promise<void>;

  private constructor(parts: {
    readonly redis: TestRedis;
    readonly proxy: FaultyProxy;
    readonly app: FastifyInstance;
    readonly withoutRedis: readonly string[];
    readonly close: () => Promise<void>;
  }) {
    this.redis = parts.redis;
    this.proxy = parts.proxy;
    this.app = parts.app;
    this.withoutRedis = parts.withoutRedis;
    this.#close = parts.close;
  }

  /** `deadlineMs` is what the API waits for an answer of Redis, which is started with `words`. */
  static async open(
    deadlineMs = 1_000,
    words: readonly string[] = ["--save", ""],
  ): Promise<StruckCache> {
    const redis = await TestRedis.start(words);
    const proxy = await FaultyProxy.open(redis.port);
    const cache = await openRedisCache({
      address: proxy.address,
      database: 0,
      logger: SILENT,
      deadlineMs,
      reconnectMaxMs: 100,
    });
    await cache.set(LATEST_RUN_KEY, nameOfRun(-1), 900);
    const close = async (): Promise<void> => {
      await cache.close();
      await proxy.close();
      await redis.stop();
    };
    const withoutRedis = await answersOf(await apiUnderTest());
    const app = await apiUnderTest({ cache, config: UNLIMITED });
    const struck = new StruckCache({ redis, proxy, app, withoutRedis, close });
    await struck.#untilUsed();
    return struck;
  }

  /** Has Redis name a run of the story: -1 is the newest, 0 the oldest. */
  async name(at: number): Promise<void> {
    await this.redis.admin.set(LATEST_RUN_KEY, nameOfRun(at));
  }

  /** A Redis that runs, takes writes, names the newest run, and that the API uses again. */
  async restore(): Promise<void> {
    this.proxy.tellTheTruth();
    this.proxy.resume();
    if (this.redis.isKilled) await this.redis.start();
    else await this.redis.admin.replicaof("NO", "ONE");
    await this.redis.admin.del(LATEST_RUN_KEY);
    await this.#untilUsed();
  }

  /** A fault of a Redis that nobody asks would show nothing. */
  async #untilUsed(): Promise<void> {
    const untilMs = performance.now() + USED_MS_MAX;
    for (;;) {
      // Again and again: the API empties a Redis that it finds back, as it may be an old one.
      await this.name(-1);
      if ((await this.source()) === "cache") return;
      if (performance.now() > untilMs) throw new Error("the API does not use its Redis");
      await wait(LOOK_EVERY_MS);
    }
  }

  answers(): Promise<string[]> {
    return answersOf(this.app);
  }

  /** Where an answer came from: the only thing that a fault may change. */
  async source(): Promise<unknown> {
    return (await this.app.inject({ url: "/discovery/contenders" })).headers["x-amc-source"];
  }

  /** The same API in a build that serves the run that Redis names, whatever the tables say. */
  believing(): Promise<FastifyInstance> {
    const told = memoryReadModel({ story: story() });
    const { redis } = this;
    const believing: typeof told = {
      ...told,
      read: (use) =>
        told.read((view) =>
          use({
            ...view,
            runs: async (query) => {
              const named = JSON.parse((await redis.admin.get(LATEST_RUN_KEY)) ?? "{}").run_id;
              const run = await view.run(String(named));
              return query.limit === 1 && run !== null ? [run] : view.runs(query);
            },
          }),
        ),
    };
    return apiUnderTest({ readModel: believing, config: UNLIMITED });
  }

  async close(): Promise<void> {
    await this.#close();
  }
}

/** Status and body of the answers that may come from a cache; `onAnswer` is told the ms of each. */
export async function answersOf(
  app: FastifyInstance,
  onAnswer: (tookMs: number) => void = () => undefined,
): Promise<string[]> {
  const all: string[] = [];
  for (const url of URLS) {
    const startedMs = performance.now();
    const { statusCode, body } = await app.inject({ url });
    onAnswer(performance.now() - startedMs);
    all.push(`${statusCode} ${body}`);
  }
  return all;
}
