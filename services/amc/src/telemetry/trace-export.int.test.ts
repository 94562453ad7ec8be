import { playRecording } from "@amc/ingest-recordings/player";
import { createMemoryLog } from "@amc/platform/log/memory";
import type { Log } from "@amc/platform/log/port";
import { startTestPostgres, type TestDatabase } from "@amc/platform/postgres/testing";
import { systemLayout } from "@amc/platform/runtime/layout";
import { OtlpExporter } from "@amc/platform/tracing/otlp-exporter";
import { type CollectedSpan, LoopbackCollector } from "@amc/platform/tracing/testing";
import { type SpanExporter, Tracer } from "@amc/platform/tracing/tracer";
import { Processor } from "@amc/processor/processor";
import { digestsOf } from "@amc/replay/log-digests";
import { createTopology, DEFAULT_TOPOLOGY } from "@amc/streams/topology/topology";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openRecording } from "../recordings.ts";
import { TestDirectory } from "../testing/simulated-system.ts";
import { playBuiltIn, systemOnDatabase } from "../testing/system-on-database.ts";

const NOW_MS = Date.UTC(2026, 0, 1);

let collector: LoopbackCollector;
beforeEach(async () => {
  collector = await LoopbackCollector.start();
});
afterEach(() => collector.stop());

function isA(prefix: string): (span: CollectedSpan) => boolean {
  return ({ name }) => name.startsWith(prefix);
}

describe("a system with a collector", () => {
  let directory: TestDirectory;
  let database: TestDatabase;
  beforeEach(async () => {
    directory = new TestDirectory();
    database = await startTestPostgres();
  });
  afterEach(async () => {
    await database.drop();
    directory.dispose();
  });

  it("tells it one trace from the fact to the alert and the rows, and the requests of callers", async () => {
    const system = await systemOnDatabase(directory.path, database, {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
      OTEL_SERVICE_NAME: "amc-test",
    });
    const caller = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    try {
      await playBuiltIn(system);
      const isDone = async () =>
        (await system.processor.lag()) === 0 && (await system.projector.caughtUp());
      while (!(await isDone())) await Promise.race([new Promise(setImmediate), system.ended]);
      await system.alerts.deliverPending();
      await fetch(`${system.address}/recommendations`, { headers: { traceparent: caller } });
    } finally {
      await system.stop();
    }
    expect([...collector.services]).toEqual(["amc-test"]);
    const alert = collector.spans.find(isA("publish alerts.delivery.v1"));
    const trace = collector.spans.filter(({ traceId }) => traceId === alert?.traceId);
    // From the delivery back to the fact, each span is the child of the one before it.
    const path: string[] = [];
    for (let span = alert; span !== undefined; ) {
      path.push(span.name);
      const parent: string | undefined = span.parentSpanId;
      span = trace.find(({ spanId }) => spanId === parent);
    }
    expect(path).toEqual([
      "publish alerts.delivery.v1",
      "publish alerts.requested.v1",
      "publish discovery.recommendation.v1",
      "publish discovery.candidate.v1",
      "publish signals.verdict.v1",
      "publish signals.features.v1",
      "publish market.price-tick.v1",
    ]);
    const recommended = trace.find(isA("publish discovery.recommendation.v1"));
    const projected = trace.find(isA("project discovery.recommendation.v1"));
    expect(projected?.parentSpanId).toBe(recommended?.spanId);
    expect(trace.filter(isA("publish signals.detection.v1"))).toHaveLength(6);
    const request = collector.spans.find(isA("GET /recommendations"));
    expect(request).toMatchObject({
      traceId: "4bf92f3577b34da6a3ce929d0e0e4736",
      parentSpanId: "00f067aa0ba902b7",
      kind: 2,
    });
  });
});

/** The built-in case through all stages, with spans to `exporter` or to nobody. */
async function processed(exporter: SpanExporter | null): Promise<Log> {
  const log = createMemoryLog(systemLayout(2), () => 0);
  const { description } = await playRecording({ log, ...(await openRecording("built-in", "")) });
  const configuredUniverse = description.symbols.length;
  const topology = createTopology({ ...DEFAULT_TOPOLOGY, configuredUniverse, failFast: true });
  const tracer = exporter && new Tracer({ exporter, ratio: 1, nowMs: () => NOW_MS });
  const processor = await Processor.open({ log, topology, observer: tracer?.stages });
  await processor.runUntilIdle();
  return log;
}

describe("discovery", () => {
  it("is the same whether the collector is there, away or was never configured", async () => {
    const expected = await digestsOf(await processed(null));
    const there = new OtlpExporter({ endpoint: collector.endpoint, serviceName: "amc" });
    expect(await digestsOf(await processed(there))).toEqual(expected);
    await there.close();
    expect(collector.spans.length).toBeGreaterThan(500);

    await collector.stop();
    const away = new OtlpExporter({ endpoint: collector.endpoint, serviceName: "amc" });
    expect(await digestsOf(await processed(away))).toEqual(expected);
    await away.close();
    collector = await LoopbackCollector.start();
  });

  it("would not be, were a failure of the collector allowed to reach a commit: the control", async () => {
    const careless: SpanExporter = {
      export: () => {
        throw new Error("connect ECONNREFUSED");
      },
    };
    await expect(processed(careless)).rejects.toThrow("ECONNREFUSED");
  });

  it("records the same share of the traces in every process", async () => {
    const names = new Map<string, Set<string>>();
    let all = 0;
    const exporter: SpanExporter = {
      export: ({ traceId, name }) => {
        names.set(traceId, (names.get(traceId) ?? new Set()).add(name));
      },
    };
    const log = await processed(null);
    for (const ratio of [1, 0.25]) {
      names.clear();
      const tracer = new Tracer({ exporter, ratio, nowMs: () => 0 });
      for (const topic of ["signals.features.v1", "signals.verdict.v1"]) {
        const records = await log.read(topic, 0, 0, { maxRecords: 5_000, maxBytes: 1 << 26 });
        tracer.written(records, 0);
      }
      if (ratio === 1) all = names.size;
    }
    expect(all).toBeGreaterThan(100);
    expect(names.size).toBeGreaterThan(all * 0.15);
    expect(names.size).toBeLessThan(all * 0.35);
    // Chosen by trace: a verdict is recorded exactly where its features are.
    const halves = [...names.values()].filter((one) => one.has("publish signals.verdict.v1"));
    for (const one of halves) expect(one).toContain("publish signals.features.v1");
  });
});
