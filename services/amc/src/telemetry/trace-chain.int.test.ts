import { ConsoleSender } from "@amc/alert-sender/console-sender";
import { playRecording } from "@amc/ingest-recordings/player";
import { createMemoryLog } from "@amc/platform/log/memory";
import type { Log, LogRecord } from "@amc/platform/log/port";
import { readPartition } from "@amc/platform/log/read-partition";
import { systemLayout } from "@amc/platform/runtime/layout";
import { StageRunner } from "@amc/platform/runtime/stage-runner";
import { decodeEvent } from "@amc/schemas/codec";
import { FACT_TOPICS, type TopicName } from "@amc/schemas/topics";
import { parseTraceparent } from "@amc/schemas/trace-context";
import { createTopology, DEFAULT_TOPOLOGY } from "@amc/streams/topology/topology";
import { beforeAll, describe, expect, it } from "vitest";
import { openRecording } from "../recordings.ts";

const READ = { maxRecords: 1_000, maxBytes: 1 << 22 };
const NOW_MS = Date.UTC(2026, 0, 1);
const CHAIN = [
  "signals.features.v1",
  "signals.detection.v1",
  "signals.verdict.v1",
  "discovery.candidate.v1",
  "discovery.run.v1",
  "discovery.recommendation.v1",
  "alerts.requested.v1",
  "alerts.delivery.v1",
] as const satisfies readonly TopicName[];

async function recordsOf(log: Log, topics: readonly string[]): Promise<LogRecord[]> {
  const found: LogRecord[] = [];
  for (const topic of topics) {
    for (let partition = 0; partition < log.partitions(topic); partition += 1) {
      for await (const record of readPartition(log, topic, partition, READ)) found.push(record);
    }
  }
  return found;
}

/** `restarting`: every runner is opened anew for each of its batches, as after a kill. */
async function builtIn(partitions: number, restarting: boolean): Promise<Log> {
  const log = createMemoryLog(systemLayout(partitions), () => NOW_MS);
  const { description } = await playRecording({ log, ...(await openRecording("built-in", "")) });
  const configuredUniverse = description.symbols.length;
  const topology = createTopology({ ...DEFAULT_TOPOLOGY, configuredUniverse, failFast: true });
  for (const subtopology of topology) {
    // Of what is not cut into slices a single record, so that candidates and markers are torn apart.
    const maxRecords = restarting && !subtopology.timed ? 1 : 1_000;
    const batch = { maxRecords, maxTicks: restarting ? 9 : 64 };
    for (let partition = 0; partition < partitions; partition += 1) {
      const open = () => StageRunner.open({ log, subtopology, partition, batch });
      let runner = await open();
      while ((await runner.runOnce()) > 0) if (restarting) runner = await open();
    }
  }
  const sender = await ConsoleSender.open({ log, show: () => undefined, nowMs: () => NOW_MS });
  await sender.deliverPending();
  return log;
}

/** Trace headers by event id. */
async function traces(log: Log): Promise<ReadonlyMap<string, string>> {
  const records = await recordsOf(log, [...FACT_TOPICS, ...CHAIN]);
  return new Map(
    records.map(({ headers }) => [
      headers.ce_id ?? "",
      `${headers.traceparent} ${headers["amc-run"]}`,
    ]),
  );
}

let log: Log;
beforeAll(async () => {
  log = await builtIn(4, false);
});

describe("the trace of a fact", () => {
  it("goes through features, detections, verdict, candidate and recommendation to the alert", async () => {
    const [alert] = await recordsOf(log, ["alerts.delivery.v1"]);
    const trace = parseTraceparent(alert?.headers.traceparent)?.traceId;
    const inTrace = async (topics: readonly string[]) =>
      (await recordsOf(log, topics)).filter(
        ({ headers }) => parseTraceparent(headers.traceparent)?.traceId === trace,
      );
    const [fact, ...others] = await inTrace(FACT_TOPICS);
    expect(others).toEqual([]);
    expect(fact?.headers.ce_id?.replaceAll("-", "")).toBe(trace);
    expect(fact?.key).toBe("GME");
    const topics = new Set((await inTrace(CHAIN)).map(({ topic }) => topic));
    expect([...topics].sort()).toEqual(CHAIN.filter((one) => one !== "discovery.run.v1").sort());
  });

  it("is on every record, with a span of its own", async () => {
    const records = await recordsOf(
      log,
      log.topics().map(({ topic }) => topic),
    );
    const events = records.filter(({ headers }) => headers.ce_id !== undefined);
    const spans = new Set<string>();
    for (const { headers } of events) {
      const parsed = parseTraceparent(headers.traceparent);
      if (parsed === null) throw new Error(`${headers.ce_id} has no trace`);
      spans.add(`${parsed.traceId}/${parsed.spanId}`);
    }
    expect(events.length).toBeGreaterThan(1_000);
    // Settings and ticks of several partitions are the only copies of one event.
    const ids = new Set(events.map(({ headers }) => headers.ce_id));
    expect(spans.size).toBe(ids.size);
  });

  it("is the same for one partition, and when every process dies after each of its batches", async () => {
    const expected = await traces(log);
    expect(await traces(await builtIn(1, false))).toEqual(expected);
    expect(await traces(await builtIn(4, true))).toEqual(expected);
  });

  it("carries the id of its discovery run from the run to the delivered alert", async () => {
    const [run] = await recordsOf(log, ["discovery.recommendation.v1"]);
    const decoded = decodeEvent("discovery.recommendation.v1", run?.value ?? new Uint8Array());
    if (!decoded.ok) throw new Error(decoded.message);
    const { runId } = decoded.value;
    for (const topic of CHAIN.slice(4)) {
      const runs = (await recordsOf(log, [topic])).map(({ headers }) => headers["amc-run"]);
      expect(runs, topic).toContain(runId);
      expect(runs, topic).not.toContain(undefined);
    }
  });
});
