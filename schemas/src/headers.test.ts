import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { eventHeaders, parseEventHeaders } from "./headers.ts";
import { TOPIC_NAMES } from "./topics.ts";

const ID = "3f0c1a2b-8d7e-8f60-9a1b-2c3d4e5f6071";

const headers = eventHeaders({
  id: ID,
  source: "/amc/streams/features",
  topic: "signals.features.v1",
  happenedAt: Date.UTC(2021, 0, 13, 14, 30),
});

describe("event headers", () => {
  it("are CloudEvents 1.0 in binary mode", () => {
    expect(headers).toStrictEqual({
      ce_specversion: "1.0",
      ce_id: ID,
      ce_source: "/amc/streams/features",
      ce_type: "signals.features.v1",
      ce_time: "2021-01-13T14:30:00.000Z",
      "content-type": "application/vnd.confluent.avro",
      traceparent: "00-3f0c1a2b8d7e8f609a1b2c3d4e5f6071-9a1b2c3d4e5f6071-01",
    });
  });

  it("are read back as they were written, in any order of instants", () => {
    const identity = fc.record({
      id: fc.uuid(),
      source: fc.constantFrom("/amc/ingest/recordings", "/amc/streams/gates"),
      topic: fc.constantFrom(...TOPIC_NAMES),
      happenedAt: fc.integer({ min: 0, max: Date.UTC(2099, 11, 31) }),
    });
    fc.assert(
      fc.property(identity, (event) => {
        const written = eventHeaders(event);
        expect(written.ce_time).toBe(new Date(event.happenedAt).toISOString());
        expect(parseEventHeaders(written)).toEqual({ ok: true, ...event });
      }),
    );
  });

  it("may stand beside others", () => {
    const parsed = parseEventHeaders({
      ...headers,
      traceparent: "00-1-2-01",
      "amc-stage": "gates",
    });
    expect(parsed.ok).toBe(true);
  });

  it.each(["ce_specversion", "ce_id", "ce_source", "ce_type", "ce_time"])(
    "without %s are refused",
    (name) => {
      const rest = Object.fromEntries(Object.entries(headers).filter(([key]) => key !== name));
      expect(parseEventHeaders(rest)).toEqual({ ok: false, code: "headers.missing", header: name });
    },
  );

  it.each([
    ["ce_specversion", "0.3", "headers.specversion"],
    ["ce_id", ID.toUpperCase(), "headers.id"],
    ["ce_id", `${ID}\n`, "headers.id"],
    ["ce_type", "signals.features.v9", "headers.type"],
    ["ce_type", "__proto__", "headers.type"],
    ["ce_time", "2021-01-13T14:30:00Z", "headers.time"],
    ["ce_time", "2021-01-13T09:30:00.000-05:00", "headers.time"],
    ["ce_time", "2021-13-13T14:30:00.000Z", "headers.time"],
    ["content-type", "application/json", "headers.content-type"],
  ])("with %s of %j are refused", (header, value, code) => {
    expect(parseEventHeaders({ ...headers, [header]: value })).toEqual({ ok: false, code, header });
  });
});
