import { Agent } from "undici";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { exchange } from "./exchange.ts";
import { type LocalServer, startServer } from "./mock/local-server.ts";
import { pinnedAgent } from "./pinned-agent.ts";
import { isProviderError, ProviderError, type ProviderErrorCode } from "./provider-error.ts";
import { FAILURES, startFailingServer } from "./testing/failing-server.ts";

const BODY_BYTES_MAX = 5_000_000;
/** Short for the cases that end with it; the others end by themselves, however busy the machine. */
const DEADLINE_MS = 1_500;
const PATIENT_MS = 120_000;
/** Cases that reliability.md §3 asks for of B11 and of B12. */
const ANSWERS_ASKED = 200;
const PLACES_ASKED = 80;
/** Of each kind; 20 kinds make the 200 cases of B11. */
const SIZES = Array.from({ length: 10 }, (_, index) => index + 1);

const EXPECTED: Readonly<Record<string, ProviderErrorCode>> = {
  "shorter than its length": "provider.connection",
  "cut in a chunk": "provider.connection",
  "truncated JSON": "provider.unreadable",
  "HTML with status 200": "provider.content-type",
  "HTML that says it is JSON": "provider.unreadable",
  "empty with status 200": "provider.unreadable",
  "of no type": "provider.content-type",
  "of another type": "provider.content-type",
  "larger than allowed": "provider.body-too-large",
  "endless in large chunks": "provider.body-too-large",
  "endless, a byte at a time": "provider.timeout",
  "a gzip bomb": "provider.body-too-large",
  "a truncated gzip stream": "provider.unreadable",
  "no gzip stream though it says so": "provider.unreadable",
  "in an encoding nobody asked for": "provider.content-type",
  "never begun": "provider.timeout",
  "begun and never gone on": "provider.timeout",
  "cut before its head": "provider.connection",
  "no HTTP": "provider.connection",
  "a redirect that never ends": "provider.redirect",
};

async function codeOf(call: () => Promise<unknown>): Promise<string> {
  try {
    await call();
    return "an answer";
  } catch (error) {
    return isProviderError(error) ? error.code : String(error);
  }
}

describe("an answer (B11)", () => {
  let refused = 0;
  let server: LocalServer;
  let agent: Agent;

  beforeAll(async () => {
    server = await startFailingServer();
    agent = pinnedAgent({ trusted: new Set([server.origin]), connections: 10, connectMs: 5_000 });
  });
  afterAll(async () => {
    await agent.destroy();
    await server.close();
  });

  const ask = async (path: string, deadlineMs = PATIENT_MS) => {
    const limits = {
      deadlineMs,
      maxBodyBytes: BODY_BYTES_MAX,
      nowMs: Date.now,
      takeTurn: async () => undefined,
      trusted: new Set([server.origin]),
    };
    const request = { url: new URL(encodeURI(path), server.origin), accept: ["application/json"] };
    const { body } = await exchange(agent, request, limits);
    try {
      return JSON.parse(body.toString());
    } catch (error) {
      throw new ProviderError("provider.unreadable", "no JSON", {}, { cause: error });
    }
  };

  it.each(Object.keys(FAILURES))("that is %s gives its code in each of ten sizes", async (name) => {
    const deadlineMs = EXPECTED[name] === "provider.timeout" ? DEADLINE_MS : PATIENT_MS;
    const codes = await Promise.all(
      SIZES.map((size) => codeOf(() => ask(`/${name}/${size}`, deadlineMs))),
    );
    expect(codes).toEqual(SIZES.map(() => EXPECTED[name]));
    refused += codes.length;
  });

  it("is refused as often as the catalogue asks", () => {
    console.info(
      `B11: ${refused} of ${Object.keys(FAILURES).length * SIZES.length} answers refused`,
    );
    expect(refused).toBeGreaterThanOrEqual(ANSWERS_ASKED);
  });

  it("that is whole is read, so that the refusals above are about the answers", async () => {
    expect(await ask("/good")).toEqual({ secret: true });
  });

  it("costs no more memory than its cap, however large it becomes", async () => {
    const codes: string[] = [];
    for (let round = 0; round < 3; round += 1)
      codes.push(await codeOf(() => ask("/a gzip bomb/90")));
    expect(codes).toEqual(new Array(3).fill("provider.body-too-large"));
    global.gc?.();
    const before = process.memoryUsage().arrayBuffers;
    await codeOf(() => ask("/a gzip bomb/90"));
    // 100 MB decoded; a reader that kept them would hold them here.
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(50_000_000);
  });
});

/** Where a feed or a redirect must not lead, beside the port of a real server. */
const PRIVATE_HOSTS = [
  "127.0.0.1",
  "127.1",
  "127.255.255.254",
  "0x7f000001",
  "0x7f.1",
  "2130706433",
  "0177.0.0.1",
  "0.0.0.0",
  "[::1]",
  "[::]",
  "[::ffff:127.0.0.1]",
  "[::ffff:7f00:1]",
  "[64:ff9b::7f00:1]",
  "[fd12:3456:789a::1]",
  "[fe80::1]",
  "169.254.169.254",
  "10.0.0.1",
  "192.168.1.1",
  "172.16.0.1",
  "100.64.0.1",
];

describe("a call out (B12)", () => {
  let secret: LocalServer;
  let redirecting: LocalServer;
  let requestsBefore = 0;
  let refused = 0;
  const expectRefused = async (call: () => Promise<unknown>) => {
    expect(await codeOf(call)).toBe("provider.address");
    refused += 1;
  };

  beforeAll(async () => {
    secret = await startFailingServer();
    redirecting = await startServer((path, response) => {
      response.writeHead(302, { location: decodeURIComponent(path.slice(1)) });
      response.end();
    });
    requestsBefore = secret.requests();
  });
  afterAll(async () => {
    await Promise.all([secret.close(), redirecting.close()]);
  });

  const askOver = async (
    agent: Agent,
    url: string,
    trusted: readonly string[],
    followsRedirects = true,
  ) => {
    const limits = {
      deadlineMs: PATIENT_MS,
      maxBodyBytes: BODY_BYTES_MAX,
      nowMs: Date.now,
      takeTurn: async () => undefined,
      trusted: new Set(trusted),
    };
    try {
      const request = { url: new URL(url), accept: ["application/json"], followsRedirects };
      return await exchange(agent, request, limits);
    } finally {
      await agent.destroy();
    }
  };
  const guarded = (trusted: readonly string[], addresses?: readonly string[]) =>
    pinnedAgent({
      trusted: new Set(trusted),
      connections: 1,
      connectMs: 5_000,
      ...(addresses === undefined
        ? {}
        : {
            resolve: async () =>
              addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
          }),
    });
  const portOfSecret = () => new URL(secret.origin).port;

  it.each(PRIVATE_HOSTS)("to %s is refused, directly and by redirect", async (host) => {
    const urls = [`http://${host}/`, `http://${host}:${portOfSecret()}/`];
    for (const url of urls) {
      await expectRefused(() => askOver(guarded([]), url, []));
      const trusted = [redirecting.origin];
      const through = `${redirecting.origin}/${encodeURIComponent(url)}`;
      await expectRefused(() => askOver(guarded(trusted), through, trusted));
    }
    expect(secret.requests()).toBe(requestsBefore);
  });

  it.each([
    "file:///etc/passwd",
    "gopher://127.0.0.1/",
    "ftp://example.com/",
    "http://user@127.0.0.1/",
    "https://user:word@example.com/",
    "http://example.com:25/",
  ])("that is redirected to %s is refused", async (url) => {
    const trusted = [redirecting.origin];
    const through = `${redirecting.origin}/${encodeURIComponent(url)}`;
    await expectRefused(() => askOver(guarded(trusted), through, trusted));
  });

  it.each([
    [["127.0.0.1"]],
    [["::1"]],
    [["::ffff:127.0.0.1"]],
    [["169.254.169.254"]],
    [["8.8.8.8", "10.0.0.1"]],
    [[]],
  ])(
    "to a name that leads to %s when it is connected to is refused (DNS rebinding)",
    async (addresses) => {
      const agent = guarded([], addresses);
      await expectRefused(() => askOver(agent, "http://feeds.example/", []));
    },
  );

  it("is refused as often as the catalogue asks", () => {
    console.info(`B12: ${refused} calls refused, directly, by redirect and by name`);
    expect(refused).toBeGreaterThanOrEqual(PLACES_ASKED);
  });

  it("over an agent that pins nothing reaches the secret server: the control of the above", async () => {
    const trusted = [redirecting.origin, secret.origin];
    const through = `${redirecting.origin}/${encodeURIComponent(secret.origin)}`;
    const { body } = await askOver(new Agent(), through, trusted);
    expect(body.toString()).toBe('{"secret":true}');
    expect(secret.requests()).toBe(requestsBefore + 1);
  });

  it("that is for one address alone follows no redirect, and does where it is for more (control)", async () => {
    const trusted = [redirecting.origin, secret.origin];
    const through = `${redirecting.origin}/${encodeURIComponent(secret.origin)}`;
    const before = secret.requests();
    const ask = (follows: boolean) => askOver(guarded(trusted), through, trusted, follows);
    expect(await codeOf(() => ask(false))).toBe("provider.redirect");
    expect(secret.requests()).toBe(before);
    expect((await ask(true)).body.toString()).toBe('{"secret":true}');
  });

  it("to what the operator named works, over a name as over an address", async () => {
    const { body } = await askOver(guarded([secret.origin]), secret.origin, [secret.origin]);
    expect(body.toString()).toBe('{"secret":true}');
  });
});
