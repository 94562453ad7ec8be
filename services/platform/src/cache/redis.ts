import type { Redis } from "ioredis";
import { type Cache, CacheError, checkEntry, isCacheError, MAX_VALUE_BYTES } from "./port.ts";
import {
  RedisConnection,
  type RedisConnectionOptions,
  type RunCommand,
  type Service,
} from "./redis-connection.ts";

/** Logical databases by purpose (R-RDS-10); 1 was the job broker's and stays empty. */
export const REDIS_DATABASES = { discovery: 0, shortInterest: 2, coordination: 3 } as const;

/** A write is tried once more when its answer did not come; a read is not, the tables are quicker. */
const WRITE_TRIES = 2;
/** Keys that are remembered; beyond it the oldest are left to their time to live. */
const KEYS_MAX = 10_000;
const KEYS_PER_COMMAND = 1_000;

/**
 * A cache in Redis. Resolves when the first attempt to connect has ended, with or without success:
 * it connects by itself whenever there is a server, and answers nothing while there is none.
 */
export async function openRedisCache(options: RedisConnectionOptions): Promise<Cache> {
  const cache = new RedisCache(options);
  await cache.tried;
  return cache;
}

class RedisCache implements Cache {
  readonly tried: Promise<void>;
  readonly #connection: RedisConnection;
  /**
   * Keys whose last write was not acknowledged, oldest first: the server may hold what was to be
   * replaced. They are not answered, and removed before a new connection is used.
   */
  readonly #doubtful = new Set<string>();
  /** Keys that this process has written: a server that restarted may hold earlier values of them. */
  readonly #written = new Set<string>();
  /** Of the run of the server that was last connected to; null when it does not tell. */
  #server: string | null = null;

  constructor(options: RedisConnectionOptions) {
    this.#connection = new RedisConnection(options, async (run, isNew) => {
      if (isNew) await this.#meet(run);
      return await this.#removeDoubtful(run);
    });
    this.tried = this.#connection.tried;
  }

  async get(key: string): Promise<string | null> {
    if (!this.#connection.isServing || this.#doubtful.has(key)) return null;
    try {
      // Not GET: what somebody else put there may be of any size.
      const reply: unknown = await this.#connection.run(key, (client) =>
        client.getrangeBuffer(key, 0, MAX_VALUE_BYTES),
      );
      return this.#doubtful.has(key) ? null : textOf(reply);
    } catch (error) {
      if (isCacheError(error, "cache.unavailable")) return null;
      throw error;
    }
  }

  async set(key: string, value: string, ttlSeconds: number): Promise<void> {
    checkEntry(key, value, ttlSeconds);
    const reply = await this.#write(key, (client) => client.set(key, value, "EX", ttlSeconds));
    if (reply !== "OK") throw strangeReply(key);
    this.#doubtful.delete(key);
    remember(this.#written, key);
  }

  async delete(key: string): Promise<void> {
    const reply = await this.#write(key, (client) => client.del(key));
    if (typeof reply !== "number") throw strangeReply(key);
    this.#doubtful.delete(key);
  }

  async ttlSeconds(key: string): Promise<number | null> {
    const reply: unknown = await this.#connection.run(key, (client) => client.pttl(key));
    if (typeof reply !== "number") throw strangeReply(key);
    return reply < 0 ? null : Math.ceil(reply / 1000);
  }

  async keys(prefix: string): Promise<readonly string[]> {
    const found = new Set<string>();
    const pattern = `${prefix.replaceAll(/[\\*?[\]]/g, "\\$&")}*`;
    let cursor = "0";
    do {
      const page: unknown = await this.#connection.run(prefix, (client) =>
        client.scan(cursor, "MATCH", pattern, "COUNT", KEYS_PER_COMMAND),
      );
      if (!isScanPage(page)) throw strangeReply(prefix);
      for (const key of page[1]) found.add(key);
      cursor = page[0];
    } while (cursor !== "0");
    return [...found].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  }

  async ping(): Promise<string> {
    const reply: unknown = await this.#connection.run("PING", (client) => client.ping());
    if (reply !== "PONG") throw strangeReply("PING");
    return "redis";
  }

  async close(): Promise<void> {
    this.#connection.close();
  }

  async #write(key: string, send: (client: Redis) => Promise<unknown>): Promise<unknown> {
    this.#doubt(key);
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.#connection.run(key, send);
      } catch (error) {
        this.#doubt(key);
        const isLate = error instanceof CacheError && error.facts.reason === "timeout";
        if (!isLate || tries >= WRITE_TRIES) throw error;
      }
    }
  }

  #doubt(key: string): void {
    remember(this.#doubtful, key);
  }

  /** After a restart, or on another server, what we wrote may be there as it was before. */
  async #meet(run: RunCommand): Promise<void> {
    const server = await runIdOf(run);
    if (server === null || server !== this.#server) {
      for (const key of this.#written) this.#doubt(key);
    }
    this.#server = server;
  }

  async #removeDoubtful(run: RunCommand): Promise<Service> {
    for (let keys = this.#first(); keys.length > 0; keys = this.#first()) {
      try {
        const reply: unknown = await run("DEL", (client) => client.del(...keys));
        if (typeof reply !== "number") throw strangeReply("DEL");
      } catch (error) {
        // A replica refuses to remove anything: the keys stay unanswered here, others can be read.
        if (error instanceof CacheError && error.facts.reason === "READONLY") {
          return "read-only";
        }
        throw error;
      }
      for (const key of keys) {
        this.#doubtful.delete(key);
        this.#written.delete(key);
      }
    }
    return "writable";
  }

  #first(): string[] {
    return [...this.#doubtful.values().take(KEYS_PER_COMMAND)];
  }
}

/** What a server calls its own life, from its start to its end. */
async function runIdOf(run: RunCommand): Promise<string | null> {
  const reply: unknown = await run("INFO", (client) => client.info("server"));
  return typeof reply === "string" ? (/^run_id:(\w+)/m.exec(reply)?.[1] ?? null) : null;
}

/** Adds a key as the newest one; the oldest goes where there are too many. */
function remember(keys: Set<string>, key: string): void {
  keys.delete(key);
  keys.add(key);
  if (keys.size <= KEYS_MAX) return;
  for (const oldest of keys) {
    keys.delete(oldest);
    return;
  }
}

const UTF_8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** What a server answers is not trusted: anything but a text of ours is no answer. */
function textOf(reply: unknown): string | null {
  if (!Buffer.isBuffer(reply) || reply.length === 0 || reply.length > MAX_VALUE_BYTES) return null;
  try {
    return UTF_8.decode(reply);
  } catch {
    return null;
  }
}

function isScanPage(reply: unknown): reply is [cursor: string, keys: string[]] {
  if (!Array.isArray(reply)) return false;
  const [cursor, keys]: unknown[] = reply;
  return (
    typeof cursor === "string" &&
    Array.isArray(keys) &&
    keys.every((key) => typeof key === "string")
  );
}

function strangeReply(key: string): CacheError {
  return new CacheError("cache.unavailable", "the cache answers something else", {
    key,
    reason: "garbage",
  });
}
