import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { RedisAddress } from "@amc/platform/cache/redis-url";
import { FaultyProxy } from "@amc/platform/cache/testing/faulty-proxy";
import { REDIS_MISSING, TestRedis } from "@amc/platform/cache/testing/redis-server";
import { RegistryClient } from "@amc/platform/registry/registry-client";
import { registerReleases } from "@amc/platform/registry/releases";
import { ownKafka } from "@amc/stack/testing/own-kafka";
import { testPart } from "@amc/stack/testing/test-part";
import type { ClientConfig } from "pg";
import type { Database } from "../../database.ts";

const LOOPBACK = "127.0.0.1";

/** What a network does to a line, and for how long: a fault has ended when `strike` resolves. */
export interface LineFault {
  readonly name: string;
  readonly strike: (line: FaultyProxy, random: () => number) => Promise<void>;
}

/** How long a line is silent or slow; requests are given up after five seconds. */
const HELD_MS = { least: 500, most: 6_000 };
/** A frame's head and the start of what it holds. */
const CUT_BYTES_MAX = 200;
const SLOW = { bytes: 1, everyMs: 20 };
const LATE_MS_MAX = 5_000;

const held = (random: () => number) =>
  wait(HELD_MS.least + random() * (HELD_MS.most - HELD_MS.least));

export const LINE_FAULTS: readonly LineFault[] = [
  {
    name: "half-open",
    // The connections that are there stay so; whoever waits for an answer on one waits for ever.
    strike: async (line) => line.forget(),
  },
  {
    name: "reset in mid-frame",
    strike: async (line, random) => line.cutWithin(1 + Math.floor(random() * CUT_BYTES_MAX)),
  },
  {
    name: "slow",
    strike: async (line, random) => {
      line.slowDown(SLOW);
      await held(random);
      line.slowDown(null);
    },
  },
  {
    name: "late",
    strike: async (line, random) => {
      line.slowDown({ bytes: Number.POSITIVE_INFINITY, everyMs: random() * LATE_MS_MAX });
      await held(random);
      line.slowDown(null);
    },
  },
  {
    name: "silent",
    strike: async (line, random) => {
      line.stall();
      await held(random);
      line.resume();
    },
  },
];

export interface BrokerLine {
  readonly line: FaultyProxy;
  readonly brokers: readonly string[];
  readonly close: () => Promise<void>;
}

/** A broker of its own whose address is that of a proxy before it, for everybody. */
export async function openBrokerLine(): Promise<BrokerLine> {
  let port = 0;
  const line = await FaultyProxy.open(() => ({ host: LOOPBACK, port }));
  const address = `${LOOPBACK}:${line.address.port}`;
  const cluster = await ownKafka(1, {
    access: {},
    security: {
      settings: (place) => {
        port = place.port;
        return { "advertised.listeners": `PLAINTEXT://${address}` };
      },
      formatArguments: [],
    },
  });
  if (cluster === null) {
    await line.close();
    throw new Error("a broker behind a proxy cannot be started here");
  }
  const close = async () => {
    await cluster.down();
    await line.close();
  };
  return { line, brokers: [address], close };
}

export interface DatabaseLine {
  readonly line: FaultyProxy;
  /** The projector's connection by way of the proxy. */
  readonly projector: ClientConfig;
}

/** A proxy before the database: TCP on this side, the server's socket on the other. */
export async function openDatabaseLine({ connections }: Database): Promise<DatabaseLine> {
  const { host = "", port = 5432 } = connections.projector;
  const path = join(host, `.s.PGSQL.${port}`);
  const line = await FaultyProxy.open(() => ({ path }));
  const { port: linePort } = line.address;
  return { line, projector: { ...connections.projector, host: LOOPBACK, port: linePort } };
}

export interface RedisLine {
  readonly line: FaultyProxy;
  /** That of the proxy. */
  readonly address: RedisAddress;
  readonly close: () => Promise<void>;
}

/** A Redis of one's own, and a proxy before it. */
export async function openRedisLine(): Promise<RedisLine> {
  if (REDIS_MISSING !== null) throw new Error(REDIS_MISSING);
  const redis = await TestRedis.start(["--save", ""]);
  const line = await FaultyProxy.open(redis.port);
  const close = async () => {
    await line.close();
    await redis.stop();
  };
  return { line, address: line.address, close };
}

export interface RegistryLine {
  readonly line: FaultyProxy;
  /** Of the registry itself, and by way of the proxy. */
  readonly url: string;
  readonly lineUrl: string;
}

/** The registry that all tests share, which knows the schemas of this build, and a proxy before it. */
export async function openRegistryLine(): Promise<RegistryLine> {
  const { address, skipped } = await testPart("registry");
  if (address === null) throw new Error(`a line to the registry cannot be struck${skipped}`);
  await registerReleases(new RegistryClient({ url: address }));
  const { hostname: host, port, protocol } = new URL(address);
  if (protocol !== "http:") throw new Error("a line to a registry with TLS cannot be struck");
  const line = await FaultyProxy.open(() => ({ host, port: Number(port === "" ? 80 : port) }));
  const lineUrl = new URL(address);
  lineUrl.hostname = LOOPBACK;
  lineUrl.port = `${line.address.port}`;
  return { line, url: address, lineUrl: lineUrl.href };
}
