import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { OtlpExporter, QUEUED_SPANS_MAX } from "./otlp-exporter.ts";
import { SPAN_KIND, type Span } from "./span.ts";
import { LoopbackCollector } from "./testing.ts";

const SPAN: Span = {
  traceId: "3f0c1a2b8d7e8f609a1b2c3d4e5f6071",
  spanId: "9a1b2c3d4e5f6071",
  name: "publish market.price-tick.v1",
  kind: SPAN_KIND.producer,
  startMs: 1_610_550_000_000.25,
  endMs: 1_610_550_000_001,
  attributes: { "amc.key": "GME", "http.response.status_code": 200, "amc.run.id": undefined },
  error: "avro.truncated",
};

let collector: LoopbackCollector;
let outcomes: { exported: number; dropped: number };
beforeEach(async () => {
  collector = await LoopbackCollector.start();
  outcomes = { exported: 0, dropped: 0 };
});
afterEach(() => collector.stop());

function exporterTo(endpoint: string): OtlpExporter {
  return new OtlpExporter({
    endpoint,
    headers: { "x-tenant": "desk" },
    serviceName: "amc-processor",
    onOutcome: (outcome, spans) => {
      outcomes[outcome] += spans;
    },
  });
}

describe("OTLP exporter", () => {
  it("sends spans as the protocol's JSON, with the configured headers and service", async () => {
    const exporter = exporterTo(`${collector.endpoint}/`);
    exporter.export(SPAN);
    await exporter.close();
    expect(collector.spans).toEqual([
      {
        traceId: SPAN.traceId,
        spanId: SPAN.spanId,
        name: SPAN.name,
        kind: 4,
        startTimeUnixNano: "1610550000000250000",
        endTimeUnixNano: "1610550000001000000",
        attributes: [
          { key: "amc.key", value: { stringValue: "GME" } },
          { key: "http.response.status_code", value: { intValue: "200" } },
        ],
        status: { code: 2, message: "avro.truncated" },
      },
    ]);
    expect([...collector.services]).toEqual(["amc-processor"]);
    expect(collector.headers).toEqual(["desk"]);
    expect(outcomes).toEqual({ exported: 1, dropped: 0 });
  });

  it("tries again while the collector is unavailable, and loses nothing of what it kept", async () => {
    collector.unavailableFor = 1;
    const exporter = exporterTo(collector.endpoint);
    const taken = Promise.withResolvers<void>();
    const watched = new OtlpExporter({
      endpoint: collector.endpoint,
      serviceName: "amc",
      onOutcome: (outcome) => (outcome === "exported" ? taken.resolve() : undefined),
    });
    watched.export(SPAN);
    await taken.promise;
    expect(collector.requests).toBe(2);
    expect(collector.spans).toHaveLength(1);
    await Promise.all([exporter.close(), watched.close()]);
  });

  it("holds a bounded number of spans for a collector that is away, drops the rest and never throws", async () => {
    const endpoint = collector.endpoint;
    await collector.stop();
    const exporter = exporterTo(endpoint);
    for (let span = 0; span < QUEUED_SPANS_MAX + 1_000; span += 1) exporter.export(SPAN);
    expect(outcomes).toEqual({ exported: 0, dropped: 1_000 });
    await exporter.close();
    expect(outcomes).toEqual({ exported: 0, dropped: QUEUED_SPANS_MAX + 1_000 });
    collector = await LoopbackCollector.start();
  });
});
