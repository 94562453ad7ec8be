import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { RedisAddress } from "@amc/platform/cache/redis-url";
import { FaultyProxy } from "@amc/platform/cache/testing/faulty-proxy";
import { freePort } from "@amc/platform/cache/testing/free-port";
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
  /** The broker itself, and by way of the proxy. */
  readonly brokers: readonly string[];
  readonly struckBrokers: readonly string[];
  readonly close: () => Promise<void>;
}

/**
 * A broker of its own, and a proxy before it for whoever is told of that. What the broker tells itself (which
 * transactions have ended) does not go by the proxy: that is no line of ours, and a half-open one there
 * keeps what was committed from all readers for 30 s.
 */
export async function openBrokerLine(): Promise<BrokerLine> {
  const struckPort = await freePort();
  const line = await FaultyProxy.open(struckPort);
  const struck = `${LOOPBACK}:${line.address.port}`;
  const cluster = await ownKafka(1, {
    access: {},
    security: {
      settings: ({ port, controllerPort }) => ({
        listeners: [
          `PLAINTEXT://${LOOPBACK}:${port}`,
          `STRUCK://${LOOPBACK}:${struckPort}`,
          `CONTROLLER://${LOOPBACK}:${controllerPort}`,
        ].join(","),
        "advertised.listeners": `PLAINTEXT://${LOOPBACK}:${port},STRUCK://${struck}`,
        "listener.security.protocol.map":
          "PLAINTEXT:PLAINTEXT,STRUCK:PLAINTEXT,CONTROLLER:PLAINTEXT",
      }),
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
  return { line, brokers: cluster.address.split(","), struckBrokers: [struck], close };
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
