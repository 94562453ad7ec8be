import type { FastifyInstance } from "fastify";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { routesOf } from "./auth/authenticate.ts";
import { apiUnderTest } from "./testing/api-under-test.ts";
import { story } from "./testing/story.ts";

describe("the API", () => {
  let app: FastifyInstance;
  beforeAll(async () => {
    app = await apiUnderTest();
  });
  afterAll(() => app.close());

  const json = async (url: string) => (await app.inject({ url })).json();

  it("keeps the shape of /discovery/contenders and puts freshness in headers", async () => {
    const answer = await app.inject({ url: "/discovery/contenders" });
    const [first] = answer.json();
    expect(Object.keys(first)).toEqual([
      "symbol",
      "score",
      "price",
      "thesis",
      "confidence",
      "factors",
    ]);
    expect(first).toMatchObject({ symbol: "GME", price: 24.5, confidence: 0.61 });
    expect(first.factors.options_flow).toBeNull();
    expect(first.factors.squeeze).toBeCloseTo((0.25 * 0.7375) / 0.9, 12);
    expect(answer.headers).toMatchObject({
      "x-amc-as-of": "2021-01-13T15:30:00.000Z",
      "x-amc-simulated": "false",
      "x-amc-source": "postgres",
    });
  });

  it("keeps the shape of /discovery/squeeze-candidates", async () => {
    const rows = await json("/discovery/squeeze-candidates");
    expect(rows[0]).toEqual({
      symbol: "GME",
      squeeze_score: 0.7375,
      volume_spike: 4.1,
      short_interest: 1.02,
      price: 24.5,
      pattern_type: "STRONG",
      confidence: 0.61,
      detected_at: "2021-01-13T15:30:00.000Z",
    });
  });

  it("answers every list with data, freshness, position and the next page", async () => {
    for (const url of ["/discovery/runs", "/recommendations", "/near-misses", "/symbols/GME"]) {
      const body = await json(`${url}?limit=1`);
      expect(Object.keys(body)).toEqual(["data", "freshness", "position", "next"]);
      expect(body.data).toHaveLength(1);
      expect(body.freshness.asOf).toMatch(/Z$/);
      expect(body.position).toBe("run=0.0;recommendation=0.0;alert=0.0");
    }
  });

  it("gives each row once over all pages, and the link to the next page beside the cursor", async () => {
    const ids: string[] = [];
    let next: string | null = "/near-misses?limit=4&maxFailedGates=12";
    while (next !== null) {
      const page: Page = await pageAt(app, next);
      ids.push(...page.ids);
      next = page.next;
    }
    const rejected = story().evaluations.filter(({ verdict }) => !verdict.event.passed);
    expect(ids).toHaveLength(rejected.length);
    expect(new Set(ids).size).toBe(rejected.length);
  });

  it("shows what was known at an instant when asked asOf", async () => {
    const body = await json("/recommendations?asOf=2021-01-13T15:15:00Z");
    expect(body.data.map((row: { label: string }) => row.label)).toEqual(["watchlist"]);
    const offset = await json("/recommendations?asOf=2021-01-13T10:15:00-05:00");
    expect(offset.data).toEqual(body.data);
  });

  it("writes unknown values as null, never as 0 or nothing", async () => {
    const { data } = await json("/symbols/GME?limit=1");
    const { features, detections } = data[0];
    expect(features.borrowFee).toBeNull();
    expect(features.sharesShort).toBeNull();
    expect(features.failsToDeliverFlag).toBeNull();
    const options = detections.find(
      (each: { detector: string }) => each.detector === "options_flow",
    );
    expect(options).toMatchObject({
      score: null,
      label: null,
      components: [{ value: null }, { value: null }],
    });
  });

  it("answers 404 for what does not exist", async () => {
    for (const url of [
      "/recommendations/00000000-0000-8000-8000-000000000000",
      "/recommendations/00000000-0000-8000-8000-000000000000/explanation",
      "/symbols/NOPE",
      "/nothing",
    ]) {
      const answer = await app.inject({ url });
      expect(answer.statusCode).toBe(404);
      expect(answer.headers["content-type"]).toContain("application/problem+json");
    }
  });

  it.each([
    ["POST", "/recommendations", "GET, HEAD"],
    ["DELETE", "/symbols/GME?limit=1", "GET, HEAD"],
    ["OPTIONS", "/recommendations/1/explanation", "GET, HEAD"],
    ["HEAD", "/events", "GET"],
  ] as const)("answers 405 to %s %s and names what the path takes", async (method, url, allow) => {
    const answer = await app.inject({ method, url });
    expect(answer.statusCode).toBe(405);
    expect(answer.headers).toMatchObject({ allow });
    expect(answer.headers["content-type"]).toContain("application/problem+json");
    if (method === "HEAD") return;
    expect(answer.json()).toMatchObject({ type: "urn:amc:problem:method-not-allowed" });
  });

  it("has no way to place an order", async () => {
    const payload = { symbol: "GME", qty: 1, side: "buy" };
    const answer = await app.inject({ method: "POST", url: "/trades/execute", payload });
    expect(answer.statusCode).toBe(404);
    expect(routesOf(app).filter(({ method }) => !["GET", "HEAD"].includes(method))).toEqual([]);
  });

  it.each([
    ["an unknown parameter", "/recommendations?symbols=GME", "symbols"],
    ["a limit of 0", "/recommendations?limit=0", "limit"],
    ["a negative limit", "/recommendations?limit=-1", "limit"],
    ["a limit above 500", "/recommendations?limit=501", "limit"],
    ["a limit in exponents", "/recommendations?limit=1e9", "limit"],
    ["a limit that is no number", "/recommendations?limit=NaN", "limit"],
    ["a parameter given twice", "/recommendations?limit=1&limit=2", "limit"],
    ["a symbol in lower case", "/recommendations?symbol=gme", "symbol"],
    ["SQL as symbol", "/recommendations?symbol=';DROP TABLE verdicts--", "symbol"],
    ["wildcards as gate", "/near-misses?gate=%25_%25_%25", "gate"],
    ["an id that is none", "/recommendations/1", "id"],
    ["a date without time", "/recommendations?from=2021-01-13", "from"],
    ["a prototype key", "/recommendations?__proto__=1", "__proto__"],
  ])("refuses %s and names the field", async (_, url, field) => {
    const answer = await app.inject({ url });
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({
      type: "urn:amc:problem:invalid-request",
      status: 400,
      field,
    });
  });

  it("refuses a cursor that was tampered with or belongs to another query", async () => {
    const { next } = await json("/recommendations?limit=1");
    for (const url of [
      `/recommendations?limit=1&cursor=${next}x`,
      `/discovery/runs?cursor=${next}`,
      "/recommendations?cursor=%00",
    ]) {
      const answer = await app.inject({ url });
      expect(answer.json()).toMatchObject({ type: "urn:amc:problem:invalid-cursor", status: 400 });
    }
  });

  it("answers problems with instance and the caller's trace id", async () => {
    const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
    const headers = { traceparent: `00-${traceId}-00f067aa0ba902b7-01` };
    const answer = await app.inject({ url: "/recommendations/1?x=secret", headers });
    expect(answer.json()).toMatchObject({ instance: "/recommendations/1", traceId });
    expect(answer.body).not.toContain("secret");
  });

  it("answers hostile paths with 4xx and never with a file", async () => {
    for (const url of [
      "/../package.json",
      "/page/../../package.json",
      "/page/%2e%2e/app.ts",
      "/page/page.html%00.js",
      "/%c0%ae%c0%ae/",
      "/%",
      `/symbols/${"A".repeat(5000)}`,
    ]) {
      const answer = await app.inject({ url });
      expect(answer.statusCode).toBeGreaterThanOrEqual(400);
      expect(answer.statusCode).toBeLessThan(500);
      expect(answer.headers["content-type"]).toContain("application/problem+json");
    }
  });

  it("refuses a body above 64 KB unread", async () => {
    const payload = { padding: "x".repeat(70_000) };
    const answer = await app.inject({ method: "POST", url: "/recommendations", payload });
    expect([405, 413]).toContain(answer.statusCode);
  });
});

describe("security headers", () => {
  it("allow only what the page itself serves and say nothing about the server", async () => {
    const app = await apiUnderTest();
    const { headers } = await app.inject({ url: "/" });
    expect(headers["content-security-policy"]).toBe(
      "default-src 'none';script-src 'self';style-src 'self';img-src 'self';connect-src 'self';base-uri 'none';form-action 'none';frame-ancestors 'none'",
    );
    expect(headers).toMatchObject({
      // The others of helmet 8.
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-resource-policy": "same-origin",
      "origin-agent-cluster": "?1",
      "referrer-policy": "no-referrer",
      "strict-transport-security": "max-age=31536000; includeSubDomains",
      "x-content-type-options": "nosniff",
      "x-dns-prefetch-control": "off",
      "x-download-options": "noopen",
      "x-frame-options": "DENY",
      "x-permitted-cross-domain-policies": "none",
      "x-xss-protection": "0",
    });
    const problem = await app.inject({ url: "/nothing" });
    expect(problem.headers).toMatchObject({ "x-content-type-options": "nosniff" });
    expect(headers.server).toBeUndefined();
    expect(headers["x-powered-by"]).toBeUndefined();
    expect(headers["access-control-allow-origin"]).toBeUndefined();
  });

  it("fit the page: it has no inline script, style or handler, and loads nothing from elsewhere", async () => {
    const app = await apiUnderTest();
    for (const url of ["/", "/docs"]) {
      const { body } = await app.inject({ url });
      expect(body).not.toMatch(/<script(?![^>]*\bsrc="\/)/);
      expect(body).not.toMatch(/<style|\sstyle=|\son[a-z]+=/);
      expect(body).not.toMatch(/(src|href)="(https?:)?\/\//);
    }
  });
});

describe("/openapi.json", () => {
  it("is OpenAPI 3.1 and describes every route but the page's files", async () => {
    const app = await apiUnderTest();
    const document = (await app.inject({ url: "/openapi.json" })).json();
    expect(document.openapi).toBe("3.1.0");
    const described = Object.keys(document.paths).toSorted();
    const registered = routesOf(app)
      .map(({ url }) => url.replace(/:(\w+)/g, "{$1}"))
      .filter((url) => url !== "/" && !url.startsWith("/page/") && url !== "/favicon.svg");
    expect(described).toEqual([...new Set(registered)].toSorted());
  });

  it("is shown to people under /docs with every problem type", async () => {
    const app = await apiUnderTest();
    const { body } = await app.inject({ url: "/docs" });
    expect(body).toContain("/recommendations/{id}/explanation");
    expect(body).toContain("urn:amc:problem:position-expired");
    // The events of the stream by name.
    expect(body).toMatch(/<code>event<.code> <span class="type">string: recommendation</);
  });
});

interface Page {
  readonly ids: readonly string[];
  /** Target of `Link: rel="next"`. */
  readonly next: string | null;
}

async function pageAt(app: FastifyInstance, url: string): Promise<Page> {
  const answer = await app.inject({ url });
  const body: { data: { id: string }[]; next: string | null } = answer.json();
  const link = /^<(.+)>; rel="next"$/.exec(String(answer.headers.link ?? ""))?.[1] ?? null;
  expect(body.next === null).toBe(link === null);
  return { ids: body.data.map(({ id }) => id), next: link };
}
