import type { FastifyInstance } from "fastify";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DEFAULT_API_CONFIG } from "../config.ts";
import { apiUnderTest, NOW_MS } from "../testing/api-under-test.ts";
import { digestOf, parseApiKeys } from "./api-keys.ts";
import { routesOf } from "./authenticate.ts";

const READ_KEY = `amc_reader_${"r".repeat(43)}`;
const MONITOR_KEY = `amc_monitor_${"m".repeat(43)}`;
const OLD_KEY = `amc_older_${"o".repeat(43)}`;

const KEYS = parseApiKeys(
  JSON.stringify([
    keyEntry("reader", READ_KEY, "read", "2022-01-01T00:00:00Z"),
    keyEntry("monitor", MONITOR_KEY, "monitor", "2022-01-01T00:00:00Z"),
    keyEntry("older", OLD_KEY, "read", "2021-01-01T00:00:00Z"),
  ]),
  NOW_MS,
);

function keyEntry(id: string, key: string, scope: string, expiresAt: string) {
  return { id, client: id, sha256: digestOf(key).toString("hex"), scopes: [scope], expiresAt };
}

describe("an API with keys", () => {
  let app: FastifyInstance;

  beforeAll(async () => {
    const config = { ...DEFAULT_API_CONFIG, host: "0.0.0.0", keys: KEYS };
    const control = { token: "t".repeat(43), publish: async () => null };
    app = await apiUnderTest({ config, control });
  });
  afterAll(() => app.close());

  it("answers 401 on every registered route but /livez when no key is sent", async () => {
    const answers = new Map<string, number>();
    const methods = ["GET", "HEAD", "POST"] as const;
    for (const { method, url } of routesOf(app)) {
      const path = url.replace(":id", "0".repeat(8)).replace(":symbol", "GME");
      const known = methods.find((one) => one === method) ?? "GET";
      const answer = await app.inject({ method: known, url: path });
      answers.set(`${method} ${url}`, answer.statusCode);
    }
    const open = [...answers].filter(([, status]) => status !== 401).map(([route]) => route);
    expect(open).toEqual(["GET /livez", "HEAD /livez"]);
    expect(answers.size).toBeGreaterThan(30);
  });

  it("answers 401 for a path that does not exist, so that strangers learn nothing of the routes", async () => {
    const answer = await app.inject({ url: "/nothing-here" });
    expect(answer.statusCode).toBe(401);
  });

  it("asks for a bearer token or, in a browser, for the key as a password", async () => {
    const answer = await app.inject({ url: "/recommendations" });
    expect(answer.headers["www-authenticate"]).toMatch(/^Bearer .*Basic /);
    expect(answer.json()).toMatchObject({ type: "urn:amc:problem:unauthenticated", status: 401 });
  });

  it.each([
    ["a bearer token", { authorization: `Bearer ${READ_KEY}` }],
    ["X-Api-Key", { "x-api-key": READ_KEY }],
    [
      "the password of Basic",
      { authorization: `Basic ${Buffer.from(`me:${READ_KEY}`).toString("base64")}` },
    ],
  ])("lets a key in as %s", async (_, headers) => {
    const answer = await app.inject({ url: "/recommendations", headers });
    expect(answer.statusCode).toBe(200);
  });

  it.each([
    ["a wrong secret", `Bearer amc_reader_${"x".repeat(43)}`],
    ["an expired key", `Bearer ${OLD_KEY}`],
    ["an unknown scheme", `Digest ${READ_KEY}`],
    ["no credentials", "Bearer"],
  ])("keeps %s out", async (_, authorization) => {
    const answer = await app.inject({ url: "/recommendations", headers: { authorization } });
    expect(answer.statusCode).toBe(401);
  });

  it("answers 403 where the key's scope does not reach", async () => {
    const asReader = { authorization: `Bearer ${READ_KEY}` };
    const asMonitor = { authorization: `Bearer ${MONITOR_KEY}` };
    expect((await app.inject({ url: "/metrics", headers: asReader })).statusCode).toBe(403);
    expect((await app.inject({ url: "/recommendations", headers: asMonitor })).statusCode).toBe(
      403,
    );
    expect((await app.inject({ url: "/metrics", headers: asMonitor })).statusCode).toBe(200);
  });
});

describe("an API without keys", () => {
  it("refuses to be built for an address that others can reach", async () => {
    for (const host of ["0.0.0.0", "::", "192.168.1.10", "example.org"]) {
      const building = apiUnderTest({ config: { ...DEFAULT_API_CONFIG, host } });
      await expect(building).rejects.toMatchObject({ code: "api.keys-required" });
    }
  });

  it("answers loopback names only, so that no web page can reach it under a name of its own", async () => {
    const app = await apiUnderTest();
    const foreign = await app.inject({
      url: "/recommendations",
      headers: { host: "attacker.example" },
    });
    expect(foreign.statusCode).toBe(421);
    for (const host of ["localhost:3000", "127.0.0.1:3000", "[::1]:3000"]) {
      expect((await app.inject({ url: "/recommendations", headers: { host } })).statusCode).toBe(
        200,
      );
    }
  });
});

describe("the rate limit", () => {
  it("answers 429 with Retry-After, to guessers of keys too, and counts each key by itself", async () => {
    const config = { ...DEFAULT_API_CONFIG, host: "0.0.0.0", keys: KEYS, requestsPerMinute: 3 };
    const app = await apiUnderTest({ config });
    const statuses: number[] = [];
    for (let attempt = 0; attempt < 5; attempt += 1) {
      const authorization = `Bearer amc_reader_${String(attempt).repeat(43)}`;
      statuses.push(
        (await app.inject({ url: "/recommendations", headers: { authorization } })).statusCode,
      );
    }
    expect(statuses).toEqual([401, 401, 401, 429, 429]);
    const limited = await app.inject({ url: "/recommendations" });
    expect(Number(limited.headers["retry-after"])).toBeGreaterThan(0);
    expect(limited.json()).toMatchObject({ type: "urn:amc:problem:rate-limited", status: 429 });
    const holder = { authorization: `Bearer ${READ_KEY}` };
    expect((await app.inject({ url: "/recommendations", headers: holder })).statusCode).toBe(200);
  });

  it("cannot be escaped by naming another address in X-Forwarded-For", async () => {
    const app = await apiUnderTest({ config: { ...DEFAULT_API_CONFIG, requestsPerMinute: 2 } });
    const statuses: number[] = [];
    for (const address of ["203.0.113.1", "203.0.113.2", "203.0.113.3"]) {
      const headers = { "x-forwarded-for": address };
      statuses.push((await app.inject({ url: "/recommendations", headers })).statusCode);
    }
    expect(statuses).toEqual([200, 200, 429]);
  });

  const PROBES = ["/livez", "/readyz", "/metrics", "/health"] as const;

  it.each(PROBES)(
    "is that of callers: %s answers on when they have used theirs up",
    async (url) => {
      const app = await apiUnderTest({ config: { ...DEFAULT_API_CONFIG, requestsPerMinute: 2 } });
      const statuses: number[] = [];
      for (let attempt = 0; attempt < 4; attempt += 1) {
        await app.inject({ url: "/recommendations" });
        statuses.push((await app.inject({ url })).statusCode);
      }
      expect(statuses).toEqual([200, 200, 200, 200]);
      expect((await app.inject({ url: "/recommendations" })).statusCode).toBe(429);
    },
  );

  it.each(PROBES.slice(1))("holds for keys that may not ask %s, and for no other", async (url) => {
    const config = { ...DEFAULT_API_CONFIG, host: "0.0.0.0", keys: KEYS, requestsPerMinute: 2 };
    const app = await apiUnderTest({ config });
    const statusesOf = async (key: string): Promise<number[]> => {
      const statuses: number[] = [];
      const headers = { authorization: `Bearer ${key}` };
      for (let attempt = 0; attempt < 3; attempt += 1) {
        statuses.push((await app.inject({ url, headers })).statusCode);
      }
      return statuses;
    };
    expect(await statusesOf("a-guess")).toEqual([401, 401, 429]);
    expect(await statusesOf(READ_KEY)).toEqual([403, 403, 429]);
    expect(await statusesOf(MONITOR_KEY)).toEqual([200, 200, 200]);
  });
});
