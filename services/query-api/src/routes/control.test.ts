import { LogError } from "@amc/platform/log/errors";
import type { FastifyInstance, InjectOptions } from "fastify";
import { beforeEach, describe, expect, it } from "vitest";
import { ApiError } from "../api-error.ts";
import type { ApiOptions } from "../app.ts";
import { digestOf, parseApiKeys } from "../auth/api-keys.ts";
import { routesOf } from "../auth/authenticate.ts";
import { DEFAULT_API_CONFIG } from "../config.ts";
import type { Decision } from "../control/decision.ts";
import { apiUnderTest, NOW_MS } from "../testing/api-under-test.ts";

const TOKEN = "t".repeat(43);
const WITH_TOKEN = { "x-amc-control-token": TOKEN };
const PRESET = { setting: "preset", value: "catalyst_heavy", actor: "ann", reason: "earnings" };

let published: Decision[];
beforeEach(() => {
  published = [];
});

function api(overrides: Partial<ApiOptions> = {}): Promise<FastifyInstance> {
  const publish = async (decision: Decision) => {
    published.push(decision);
    return { ...decision, happenedAt: NOW_MS, publishedAt: NOW_MS };
  };
  return apiUnderTest({ control: { token: TOKEN, publish }, ...overrides });
}

const post = (app: FastifyInstance, more: Partial<InjectOptions> = {}) =>
  app.inject({ method: "POST", url: "/control", payload: PRESET, ...more });

describe("POST /control on loopback without keys", () => {
  it("publishes the setting of whoever holds the token, and answers what it published", async () => {
    const answer = await post(await api(), { headers: WITH_TOKEN });
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({ ...PRESET, publishedAt: "2021-01-13T15:31:00.000Z" });
    expect(published).toEqual([PRESET]);
  });

  it("returns to what is configured without a value", async () => {
    const { value: _, ...payload } = PRESET;
    const answer = await post(await api(), { headers: WITH_TOKEN, payload });
    expect(answer.json()).toMatchObject({ value: null });
    expect(published).toEqual([{ ...PRESET, value: null }]);
  });

  it.each([
    ["no token", {}],
    ["a wrong token", { headers: { "x-amc-control-token": "u".repeat(43) } }],
    ["the token as a bearer token", { headers: { authorization: `Bearer ${TOKEN}` } }],
    ["the token from another machine", { headers: WITH_TOKEN, remoteAddress: "203.0.113.9" }],
  ])("answers 401 to %s and publishes nothing", async (_, more) => {
    const answer = await post(await api(), more);
    expect(answer.statusCode).toBe(401);
    expect(answer.json()).toMatchObject({ type: "urn:amc:problem:unauthenticated" });
    expect(published).toEqual([]);
  });

  it("takes nothing from a web page: not what a form can send, and no browser is let to ask for more", async () => {
    const app = await api();
    const origin = { origin: "https://attacker.example" };
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]) {
      const headers = { ...origin, "content-type": type };
      const answer = await post(app, { headers, payload: JSON.stringify(PRESET) });
      expect([401, 415]).toContain(answer.statusCode);
    }
    const preflight = await app.inject({
      method: "OPTIONS",
      url: "/control",
      headers: {
        ...origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "x-amc-control-token",
      },
    });
    expect(preflight.statusCode).toBe(405);
    expect(Object.keys(preflight.headers).join()).not.toContain("access-control-allow");
    const rebound = await post(app, { headers: { ...WITH_TOKEN, host: "attacker.example" } });
    expect(rebound.statusCode).toBe(421);
    expect(published).toEqual([]);
  });

  it.each([
    ["an unknown setting", { setting: "colour" }, "setting"],
    ["a value the setting cannot have", { value: "magic" }, "value"],
    ["a value of null", { value: null }, "value"],
    ["no reason", { reason: "" }, "reason"],
    ["a reason of spaces", { reason: "  " }, "reason"],
    ["a reason with escapes for a terminal", { reason: "\u001b[2J" }, "reason"],
    ["an actor of two lines", { actor: "ann\nroot" }, "actor"],
    ["too long a reason", { reason: "x".repeat(501) }, "reason"],
    ["another member", { token: TOKEN }, "token"],
  ])("answers 400 to %s, names the field and publishes nothing", async (_, wrong, field) => {
    const answer = await post(await api(), {
      headers: WITH_TOKEN,
      payload: { ...PRESET, ...wrong },
    });
    expect(answer.statusCode).toBe(400);
    expect(answer.json().field).toBe(field);
    expect(published).toEqual([]);
  });

  it("answers 413 to a body above 8 KB", async () => {
    const payload = { ...PRESET, reason: "x".repeat(9_000) };
    expect((await post(await api(), { headers: WITH_TOKEN, payload })).statusCode).toBe(413);
  });

  it.each(["log.unavailable", "log.outcome-unknown"] as const)(
    "answers 503 and whose fault it is when the log says %s",
    async (code) => {
      const publish = () => Promise.reject(new LogError(code, "two of three brokers are away"));
      const app = await api({ control: { token: TOKEN, publish } });
      const answer = await post(app, { headers: WITH_TOKEN });
      expect(answer.statusCode).toBe(503);
      expect(answer.json()).toMatchObject({ type: "urn:amc:problem:unavailable" });
      expect(answer.json().detail).toMatch(/^the log d/);
    },
  );

  it("answers 409 while the log has no tick to follow", async () => {
    const app = await api({ control: { token: TOKEN, publish: async () => null } });
    const answer = await post(app, { headers: WITH_TOKEN });
    expect(answer.statusCode).toBe(409);
    expect(answer.json().type).toBe("urn:amc:problem:no-tick");
  });

  it("answers 409 to an experiment that cannot change so, and says why", async () => {
    const publish = async () => {
      throw new ApiError("refused", "rollout is COMPLETED");
    };
    const answer = await post(await api({ control: { token: TOKEN, publish } }), {
      headers: WITH_TOKEN,
      payload: { ...PRESET, setting: "experiment/rollout", value: "pause" },
    });
    expect(answer.statusCode).toBe(409);
    expect(answer.json()).toMatchObject({
      type: "urn:amc:problem:refused",
      detail: "rollout is COMPLETED",
    });
  });

  it("is the only request that changes anything, and is not there where nobody writes the log", async () => {
    const changing = (app: FastifyInstance) =>
      routesOf(app).filter(({ method }) => !["GET", "HEAD"].includes(method));
    expect(changing(await api())).toEqual([{ method: "POST", url: "/control", scope: "control" }]);
    const reader = await apiUnderTest();
    expect(changing(reader)).toEqual([]);
    expect((await post(reader, { headers: WITH_TOKEN })).statusCode).toBe(404);
  });
});

describe("POST /control with keys", () => {
  const keyOf = (id: string) => `amc_${id}_${id.charAt(0).repeat(43)}`;
  const entryOf = (id: string, scope: string) => ({
    ...{ id, client: id, scopes: [scope], expiresAt: "2022-01-01T00:00:00Z" },
    sha256: digestOf(keyOf(id)).toString("hex"),
  });
  const keys = parseApiKeys(
    JSON.stringify([entryOf("operator", "control"), entryOf("reader", "read")]),
    NOW_MS,
  );
  const remote = { remoteAddress: "203.0.113.9" };
  const config = { ...DEFAULT_API_CONFIG, host: "0.0.0.0", keys };

  it("takes a key with the scope control from anywhere and notes whose it was", async () => {
    const headers = { authorization: `Bearer ${keyOf("operator")}` };
    const answer = await post(await api({ config }), { headers, ...remote });
    expect(answer.statusCode).toBe(200);
    expect(published).toEqual([{ ...PRESET, actor: "ann (key operator)" }]);
  });

  it("refuses other keys with 403, and nobody with 401", async () => {
    const app = await api({ config });
    const headers = { authorization: `Bearer ${keyOf("reader")}` };
    expect((await post(app, { headers, ...remote })).statusCode).toBe(403);
    expect((await post(app, remote)).statusCode).toBe(401);
    expect((await post(app, { headers: WITH_TOKEN, ...remote })).statusCode).toBe(401);
    expect(published).toEqual([]);
  });

  it("takes the token of the data directory on the machine itself", async () => {
    const app = await api({ config });
    expect((await post(app, { headers: WITH_TOKEN })).statusCode).toBe(200);
  });
});
