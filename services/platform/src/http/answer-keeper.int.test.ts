import { createHash, randomBytes } from "node:crypto";
import type { ServerResponse } from "node:http";
import { gunzipSync } from "node:zlib";
import { TOPIC_NAMES } from "@amc/schemas/topics";
import { afterEach, describe, expect, it, vi } from "vitest";
import { loadConfig } from "../config/load-config.ts";
import { LogError } from "../log/errors.ts";
import { createMemoryLog } from "../log/memory.ts";
import type { Log } from "../log/port.ts";
import { ProcessMetrics } from "../metrics/process-metrics.ts";
import { type LocalServer, startServer } from "./mock/local-server.ts";
import { openProvider } from "./open-provider.ts";
import type { ProviderQuestion } from "./provider-client.ts";
import type { Provider } from "./provider-limits.ts";
import { readJson } from "./read-json.ts";
import { FAILURES } from "./testing/failing-server.ts";
import { eventsOf } from "./testing/provider-under-test.ts";
import { virtualClock } from "./testing/virtual-clock.ts";

const KEY = "canary-a1b2c3d4e5f6";
const CRUMB = "canary.crumb/1";
const COOKIE = "A3=canary-cookie-9; A1=canary-cookie-8";
const JSON_TYPE = { "content-type": "application/json; charset=utf-8" };

const servers: LocalServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

type Reply = Parameters<typeof startServer>[0];

/** What a log does before it takes an answer; calls it takes at once. */
function holdAnswers(log: Log, before: () => Promise<void>): void {
  const commit = log.commit.bind(log);
  vi.spyOn(log, "commit").mockImplementation(async (given) => {
    if (given.appends.some(({ topic }) => topic === "ops.provider-answer.v1")) await before();
    return await commit(given);
  });
}

/** A provider on this machine, opened as the product opens it. */
async function opened(
  reply: Reply,
  environment: Record<string, string>,
  beforeAnswer: () => Promise<void> = async () => undefined,
  name: Provider = "alpha_vantage",
) {
  const server = await startServer(reply);
  servers.push(server);
  const clock = virtualClock();
  const log = createMemoryLog(
    TOPIC_NAMES.map((topic) => ({ topic, partitions: 1 })),
    clock.nowMs,
  );
  holdAnswers(log, beforeAnswer);
  const lines: object[] = [];
  const take = (facts: object, message: string) => void lines.push({ ...facts, message });
  const metrics = new ProcessMetrics(clock.nowMs);
  const provider = await openProvider({
    ...{ provider: name, clock, source: "/amc/test", baseUrls: [server.origin] },
    ...{ logger: { info: take, warn: take }, metrics: metrics.providerCalls, log },
    variables: loadConfig({ ALPHA_VANTAGE_API_KEY: KEY, ...environment }),
    simulated: true,
  });
  const question = (more: Partial<ProviderQuestion<unknown>> = {}): ProviderQuestion<unknown> => ({
    endpoint: "HISTORICAL_OPTIONS",
    request: {
      url: new URL(`${server.origin}/query?symbol=GME&apikey=${KEY}&crumb=${CRUMB}`),
      headers: { authorization: `Bearer ${KEY}`, cookie: COOKIE },
      accept: ["application/json"],
    },
    parameters: { symbol: "GME" },
    read: readJson,
    ...more,
  });
  const kept = () => eventsOf(log, "ops.provider-answer.v1");
  const { client } = provider;
  const close = () => provider.close();
  return { client, close, log, lines, metrics, clock, question, kept, server };
}

const ON = { KEEP_RAW_ANSWERS: "true" };

function bodyOf(parts: readonly { readonly body: string | null }[]): string {
  const text = parts.map(({ body }) => body ?? "").join("");
  return gunzipSync(Buffer.from(text, "base64")).toString();
}

describe("answers that are kept", () => {
  it("hold the body with its hash, what was asked about and the call it belongs to, marked simulated", async () => {
    const body = JSON.stringify({ data: [{ strike: 25 }] });
    const under = await opened((_path, response) => {
      response.writeHead(200, JSON_TYPE);
      response.end(body);
    }, ON);
    await under.client.ask(under.question());
    await under.close();
    const [answer, ...others] = await under.kept();
    expect(others).toEqual([]);
    expect(answer).toMatchObject({
      ...{ provider: "alpha_vantage", endpoint: "HISTORICAL_OPTIONS", origin: under.server.origin },
      ...{ parameters: [{ name: "symbol", value: "GME" }], attempt: 1, httpStatus: 200 },
      ...{ happenedAt: under.clock.nowMs(), answeredAt: under.clock.nowMs(), errorCode: null },
      ...{ contentType: "application/json", encoding: "gzip+base64", part: 1, parts: 1 },
      ...{ bodyBytes: body.length, redacted: false, missing: null, simulated: true },
      sha256: createHash("sha256").update(body).digest("hex"),
    });
    expect(bodyOf(answer === undefined ? [] : [answer])).toBe(body);
    const limits = { maxRecords: 10, maxBytes: 1_000_000 };
    const [call] = await under.log.read("ops.provider-call.v1", 0, 0, limits);
    expect(answer?.callId).toBe(call?.headers.ce_id);
    expect(await under.metrics.metrics()).toContain(
      'amc_provider_answers_total{provider="alpha_vantage",outcome="kept"} 1\n',
    );
  });

  it("are none where nobody switched that on", async () => {
    const under = await opened((_path, response) => {
      response.writeHead(200, JSON_TYPE);
      response.end("{}");
    }, {});
    await under.client.ask(under.question());
    await under.close();
    expect(await under.kept()).toEqual([]);
    expect(await eventsOf(under.log, "ops.provider-call.v1")).toHaveLength(1);
  });

  it.each([
    ["429", 429, JSON_TYPE, '{"wait":1}', "provider.rate-limited"],
    [
      "an HTML page",
      200,
      { "content-type": "text/html" },
      "<html>busy</html>",
      "provider.content-type",
    ],
    ["a quota note", 200, JSON_TYPE, '{"Information":"25 a day"', "provider.unreadable"],
    ["a refusal", 403, { "content-type": "text/plain" }, "no", "provider.refused"],
  ])(
    "hold what %s said, because a parser is mended by it",
    async (_what, status, type, body, code) => {
      const under = await opened((_path, response) => {
        response.writeHead(status, type);
        response.end(body);
      }, ON);
      await expect(under.client.ask(under.question())).rejects.toMatchObject({ code });
      await under.close();
      const answers = await under.kept();
      expect(answers.length).toBe((await eventsOf(under.log, "ops.provider-call.v1")).length);
      for (const answer of answers) {
        expect(answer).toMatchObject({ httpStatus: status, errorCode: code, missing: null });
        expect(bodyOf([answer])).toBe(body);
      }
    },
  );

  it.each(["cut in a chunk", "a truncated gzip stream", "larger than allowed"])(
    "hold nothing of a body that is %s but that it was incomplete",
    async (failure) => {
      const under = await opened((_path, response) => FAILURES[failure]?.(response, 1), ON);
      await expect(under.client.ask(under.question())).rejects.toMatchObject({
        code: expect.stringMatching(/^provider\./),
      });
      await under.close();
      const answers = await under.kept();
      expect(answers.length).toBeGreaterThan(0);
      for (const answer of answers) {
        expect(answer).toMatchObject({ sha256: null, body: null, missing: "incomplete", parts: 1 });
      }
    },
  );

  it.each([
    ["never ends", (response: ServerResponse) => response.write("<html>")],
    [
      "is larger than is read of it",
      (response: ServerResponse) => response.end("x".repeat(300_000)),
    ],
  ])(
    "hold nothing of a page that is refused and %s, and the call fails as it would have",
    async (_what, say) => {
      // Who waited for the call's own deadline would wait longer than a test may take.
      const waiting = { ...ON, YAHOO_FINANCE_TIMEOUT: "600" };
      const under = await opened(
        (_path, response) => {
          response.writeHead(200, { "content-type": "text/html" });
          say(response);
        },
        waiting,
        undefined,
        "yahoo",
      );
      await expect(under.client.ask(under.question())).rejects.toMatchObject({
        code: "provider.content-type",
      });
      await under.close();
      expect(await under.kept()).toMatchObject([
        { errorCode: "provider.content-type", sha256: null, body: null, missing: "incomplete" },
      ]);
    },
  );

  it("hold a large body in parts that give it back byte for byte, and one beyond them as hash and size", async () => {
    const noise = (bytes: number) => JSON.stringify(randomBytes(bytes).toString("base64"));
    const bodies = [noise(500_000), noise(3_400_000)];
    const [large = "", tooLarge = ""] = bodies;
    const under = await opened((_path, response) => {
      response.writeHead(200, JSON_TYPE);
      response.end(bodies.shift());
    }, ON);
    await under.client.ask(under.question());
    await under.client.ask(under.question());
    await under.close();
    const answers = await under.kept();
    const last = answers.pop();
    expect(answers.map(({ part }) => part)).toEqual(answers.map((_answer, index) => index + 1));
    expect(answers.length).toBeGreaterThan(1);
    expect(bodyOf(answers) === large).toBe(true);
    expect(last).toMatchObject({ missing: "too-large", encoding: null, body: null, parts: 1 });
    expect(last?.sha256).toBe(createHash("sha256").update(tooLarge).digest("hex"));
    expect(last?.bodyBytes).toBe(tooLarge.length);
  });

  it("hold no key, crumb or cookie, even where the provider repeats them", async () => {
    const echo = `{"note":"your key ${KEY}, ${CRUMB}, ${encodeURIComponent(CRUMB)}, canary-cookie-9"}`;
    const under = await opened((_path, response) => {
      response.writeHead(200, { ...JSON_TYPE, "set-cookie": "A3=canary-set; Path=/" });
      response.end(echo);
    }, ON);
    await under.client.ask(under.question({ parameters: { symbol: "GME", note: KEY } }));
    await under.close();
    const [answer] = await under.kept();
    // The control: all of them were in what the provider said.
    expect(echo.match(/canary/g)?.length).toBe(4);
    expect(answer?.redacted).toBe(true);
    const body = bodyOf(answer === undefined ? [] : [answer]);
    expect(body).toContain("your key [redacted], [redacted]");
    expect(JSON.stringify(answer) + body + JSON.stringify(under.lines)).not.toContain("canary");
    expect(answer?.sha256).toBe(createHash("sha256").update(body).digest("hex"));
  });

  it("are none of a question whose answer is a secret itself", async () => {
    const under = await opened((_path, response) => {
      response.writeHead(200, JSON_TYPE);
      response.end('{"crumb":"canary"}');
    }, ON);
    await under.client.ask(under.question({ parameters: null }));
    await under.close();
    expect(await under.kept()).toEqual([]);
  });

  it("cost nobody his answer when they cannot be written, which is told and counted", async () => {
    const refusing = async () => {
      throw new LogError("log.unavailable", "no broker");
    };
    const under = await opened(
      (_path, response) => {
        response.writeHead(200, JSON_TYPE);
        response.end('{"value":7}');
      },
      ON,
      refusing,
    );
    expect((await under.client.ask(under.question())).answer).toEqual({ value: 7 });
    await under.close();
    expect(await under.kept()).toEqual([]);
    expect(under.lines).toContainEqual(
      expect.objectContaining({ message: "raw answer not kept", error: "log.unavailable" }),
    );
    expect(await under.metrics.metrics()).toContain(
      'amc_provider_answers_total{provider="alpha_vantage",outcome="lost"} 1\n',
    );
  });

  it("are written behind the answer: a log that does not take them keeps nobody waiting", async () => {
    const gate = Promise.withResolvers<void>();
    const under = await opened(
      (_path, response) => {
        response.writeHead(200, JSON_TYPE);
        response.end('{"value":7}');
      },
      ON,
      () => gate.promise,
    );
    // Both resolve while the first is still held back.
    await under.client.ask(under.question());
    await under.client.ask(under.question());
    expect(await under.kept()).toEqual([]);
    gate.resolve();
    await under.close();
    expect(await under.kept()).toHaveLength(2);
  });
});
