import { once } from "node:events";
import { connect } from "node:net";
import fastify, { type FastifyInstance } from "fastify";
import { afterEach, describe, expect, it } from "vitest";
import { DEFAULT_API_CONFIG } from "./config.ts";
import { listen } from "./listen.ts";
import { apiUnderTest, append, memoryLog } from "./testing/api-under-test.ts";
import { memoryReadModel } from "./testing/memory-read-model.ts";
import { story } from "./testing/story.ts";
import { writeStory } from "./testing/story-log.ts";

const CONFIG = { ...DEFAULT_API_CONFIG, port: 0, heartbeatMs: 20, maxStreams: 2 };
const started: FastifyInstance[] = [];

afterEach(async () => {
  await Promise.all(started.splice(0).map((app) => app.close()));
});

async function serve(log = memoryLog()) {
  const told = story();
  const written = await writeStory(log, told);
  const app = await apiUnderTest({
    log,
    config: CONFIG,
    readModel: memoryReadModel({ story: told, ...written }),
  });
  started.push(app);
  return { app, log, told, url: await listen(app, CONFIG) };
}

/** Reads a stream until it holds `count` events with data, then hangs up. */
async function readEvents(url: string, count: number, headers: Record<string, string> = {}) {
  const stop = new AbortController();
  const response = await fetch(url, { headers, signal: stop.signal });
  const events: { id: string; name: string; data: { id: string } }[] = [];
  let text = "";
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk;
    const blocks = [...text.matchAll(/event: (\w+)\nid: (\S+)\ndata: (.+)\n\n/g)];
    for (const [, name = "", id = "", data = ""] of blocks.slice(events.length)) {
      events.push({ name, id, data: JSON.parse(data) });
    }
    if (events.length >= count && text.includes("\n\n")) break;
  }
  stop.abort();
  return { events, text };
}

interface EventVariant {
  readonly properties: {
    readonly event: { readonly enum: readonly [string] };
    readonly data: { readonly contentSchema: object };
  };
}

/** Judges values by schemas in the way that fastify judges bodies: with nothing made to fit. */
async function schemaJudge(schemas: readonly (readonly [name: string, schema: object])[]) {
  const customOptions = {
    coerceTypes: false,
    removeAdditional: false,
    useDefaults: false,
  } as const;
  const judge = fastify({ ajv: { customOptions } });
  started.push(judge);
  for (const [name, body] of schemas) {
    judge.post(`/${name}`, { schema: { body }, handler: async () => "valid" });
  }
  return async (name: string, payload: object): Promise<string> =>
    (await judge.inject({ method: "POST", url: `/${name}`, payload })).body;
}

const FROM_START = "run=0.0;recommendation=0.0;alert=0.0";

describe("a listening API", () => {
  it("binds 127.0.0.1 and nothing else by default", async () => {
    const { app } = await serve();
    expect(app.addresses()).toEqual([expect.objectContaining({ address: "127.0.0.1" })]);
  });

  it("streams events from a position, and after Last-Event-ID only what follows", async () => {
    const { url, told } = await serve();
    const all = await readEvents(`${url}/events?from=${encodeURIComponent(FROM_START)}`, 7);
    expect(all.events.map(({ name }) => name).toSorted()).toEqual([
      "alert",
      "recommendation",
      "recommendation",
      "run",
      "run",
      "run",
      "run",
    ]);
    const third = all.events[2];
    const rest = await readEvents(`${url}/events?from=${encodeURIComponent(FROM_START)}`, 4, {
      "last-event-id": third?.id ?? "",
    });
    const seen = [...all.events.slice(0, 3), ...rest.events].map(({ data }) => data.id);
    const expected = [...told.runs, ...told.recommendations, ...told.alerts].map(({ id }) => id);
    expect(seen.toSorted()).toEqual(expected.toSorted());
  });

  it("streams the events that /openapi.json describes, and only such", async () => {
    const { app, url } = await serve();
    const document = (await app.inject({ url: "/openapi.json" })).json();
    const { content } = document.paths["/events"].get.responses["200"];
    const variants: EventVariant[] = content["text/event-stream"].schema.items.oneOf;
    const { events } = await readEvents(`${url}/events?from=${encodeURIComponent(FROM_START)}`, 7);
    const judge = await schemaJudge(
      variants.map(({ properties: { event, data } }) => [event.enum[0], data.contentSchema]),
    );
    const names = variants.map(({ properties }) => properties.event.enum[0]);
    expect([...new Set(events.map(({ name }) => name))].toSorted()).toEqual(names.toSorted());
    for (const { name, data } of events) expect(await judge(name, data)).toBe("valid");
    // Control: a judge that lets everything pass would have shown nothing.
    expect(await judge("run", { ...events[0]?.data, universe: "many" })).not.toBe("valid");
  });

  it("continues exactly where the position of an answer ends", async () => {
    const { app, url, log, told } = await serve();
    const { position } = (await app.inject({ url: "/recommendations" })).json();
    const [alert] = told.alerts;
    if (alert === undefined) throw new Error("the story has an alert");
    const id = "00000000-0000-8000-8000-0000000000aa";
    await append(log, "alerts.requested.v1", id, alert.event, { key: "GME" });
    const { events } = await readEvents(`${url}/events?from=${encodeURIComponent(position)}`, 1);
    expect(events.map(({ data }) => data.id)).toEqual([id]);
  });

  it("sends heartbeats while nothing happens, with headers that no proxy buffers", async () => {
    const { url } = await serve();
    const stop = new AbortController();
    const response = await fetch(`${url}/events`, { signal: stop.signal });
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-store",
      "x-accel-buffering": "no",
    });
    let text = "";
    for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      text += chunk;
      if (text.includes(": heartbeat")) break;
    }
    stop.abort();
    expect(text).toMatch(
      /^retry: 2000\nid: run=\d+\.\d+;recommendation=\d+\.\d+;alert=\d+\.\d+\n\n/,
    );
  });

  it("refuses a stream beyond the last and takes it again once one is closed", async () => {
    const { url } = await serve();
    const stops = [new AbortController(), new AbortController()];
    for (const { signal } of stops) await fetch(`${url}/events`, { signal });
    const refused = await fetch(`${url}/events`);
    expect(refused.status).toBe(503);
    expect(refused.headers.get("retry-after")).toBe("2");
    expect(await refused.json()).toMatchObject({ type: "urn:amc:problem:too-many-streams" });
    stops[0]?.abort();
    const last = new AbortController();
    let status = 503;
    while (status === 503) status = (await fetch(`${url}/events`, { signal: last.signal })).status;
    expect(status).toBe(200);
    last.abort();
    stops[1]?.abort();
  });

  it("answers positions it cannot continue from with a problem", async () => {
    const { url, log } = await serve();
    const topic = "discovery.run.v1";
    const partition = (await log.endOffset(topic, 0)) > 0 ? 0 : 1;
    await log.truncateBefore(topic, partition, 1);
    const expired = await fetch(`${url}/events?from=${encodeURIComponent(FROM_START)}`);
    expect(expired.status).toBe(410);
    const garbled = await fetch(`${url}/events`, { headers: { "last-event-id": "42" } });
    expect(garbled.status).toBe(400);
    expect(await garbled.json()).toMatchObject({ type: "urn:amc:problem:invalid-position" });
  });

  it("ends its streams when it closes", async () => {
    const { app, url } = await serve();
    const response = await fetch(`${url}/events`);
    const ended = response.text().then(
      () => "ended",
      () => "ended",
    );
    await app.close();
    expect(await ended).toBe("ended");
  });

  it.each([
    [
      "headers of 64 KB",
      `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${"x".repeat(65_536)}\r\n\r\n`,
      431,
    ],
    [
      "two lengths of one body",
      "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      400,
    ],
    ["a request line that is none", "HELLO\r\n\r\n", 400],
    ["no host", "GET /livez HTTP/1.1\r\n\r\n", 400],
  ])("refuses %s and closes the connection", async (_, request, status) => {
    const { url } = await serve();
    const socket = connect(Number(new URL(url).port), "127.0.0.1");
    let answer = "";
    socket.setEncoding("latin1").on("data", (chunk) => {
      answer += String(chunk);
    });
    socket.on("error", () => undefined);
    socket.end(request);
    await once(socket, "close");
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  });
});
