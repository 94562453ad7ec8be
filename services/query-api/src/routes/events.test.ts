import type { FastifyInstance, InjectOptions } from "fastify";
import { describe, expect, it } from "vitest";
import type { ApiOptions } from "../app.ts";
import { digestOf, parseApiKeys } from "../auth/api-keys.ts";
import { DEFAULT_API_CONFIG } from "../config.ts";
import { FEED } from "../live/position.ts";
import { apiUnderTest, memoryLog, NOW_MS } from "../testing/api-under-test.ts";
import { story } from "../testing/story.ts";
import { writeStory } from "../testing/story-log.ts";

const FROM_START = `/events?from=${encodeURIComponent("run=0.0;recommendation=0.0;alert=0.0")}`;
const GARBLED: InjectOptions = { url: "/events", headers: { "last-event-id": "42" } };
const MONITOR_KEY = `amc_monitor_${"m".repeat(43)}`;
const KEYS = parseApiKeys(
  JSON.stringify([
    {
      ...{ id: "monitor", client: "monitor", scopes: ["monitor"] },
      sha256: digestOf(MONITOR_KEY).toString("hex"),
      expiresAt: "2022-01-01T00:00:00Z",
    },
  ]),
  NOW_MS,
);

function api(config: Partial<ApiOptions["config"]> = {}): Promise<FastifyInstance> {
  return apiUnderTest({ config: { ...DEFAULT_API_CONFIG, ...config } });
}

async function afterRetention(): Promise<FastifyInstance> {
  const log = memoryLog();
  await writeStory(log, story());
  const partition = (await log.endOffset(FEED.run, 0)) > 0 ? 0 : 1;
  await log.truncateBefore(FEED.run, partition, 1);
  return apiUnderTest({ log });
}

async function afterAnother(request: InjectOptions): Promise<FastifyInstance> {
  const app = await api({ requestsPerMinute: 1 });
  await app.inject(request);
  return app;
}

/** Every way to be refused; the names are those of the problems. */
const REFUSED: readonly (readonly [string, () => Promise<FastifyInstance>, InjectOptions])[] = [
  ["invalid-request", api, { url: "/events?since=1" }],
  ["invalid-position", api, GARBLED],
  ["unauthenticated", () => api({ keys: KEYS }), { url: "/events" }],
  [
    "forbidden",
    () => api({ keys: KEYS }),
    { url: "/events", headers: { authorization: `Bearer ${MONITOR_KEY}` } },
  ],
  ["position-expired", afterRetention, { url: FROM_START }],
  ["misdirected-request", api, { url: "/events", headers: { host: "attacker.example" } }],
  ["rate-limited", () => afterAnother(GARBLED), GARBLED],
  ["too-many-streams", () => api({ maxStreams: 0 }), { url: "/events" }],
];

async function describedAnswers() {
  const app = await api();
  return (await app.inject({ url: "/openapi.json" })).json().paths["/events"].get.responses;
}

describe("the description of /events", () => {
  it.each(REFUSED)("names the answer %s as it is given", async (name, open, request) => {
    const app = await open();
    const answer = await app.inject(request);
    const [type = ""] = String(answer.headers["content-type"]).split(";");
    const described = (await describedAnswers())[answer.statusCode]?.content[type]?.schema;
    const body = answer.json();
    expect(body.type).toBe(`urn:amc:problem:${name}`);
    expect(described?.properties.type.enum).toContain(body.type);
    expect(Object.keys(body)).toEqual(expect.arrayContaining(described?.required));
  });

  it("names no problem that nothing is answered with", async () => {
    const { 200: _, ...refusals } = await describedAnswers();
    const named = Object.values(refusals).flatMap(problemTypes);
    const given = REFUSED.map(([name]) => `urn:amc:problem:${name}`);
    expect(named.toSorted()).toEqual(given.toSorted());
  });

  it("says how a stream is continued", async () => {
    const document = (await (await api()).inject({ url: "/openapi.json" })).json();
    const { parameters } = document.paths["/events"].get;
    expect(parameters).toEqual([
      expect.objectContaining({ in: "query", name: "from", required: false }),
      expect.objectContaining({
        ...{ in: "header", name: "last-event-id", required: false },
        description: expect.stringContaining("overrides `from`"),
      }),
    ]);
  });
});

function problemTypes(response: unknown): string[] {
  return [...JSON.stringify(response).matchAll(/urn:amc:problem:[a-z-]+/g)].map(([type]) => type);
}
