import { setImmediate } from "node:timers/promises";
import { eventHeaders } from "@amc/schemas/headers";
import { uuidOf } from "@amc/streams/kernel/ids";
import { describe, expect, it } from "vitest";
import type { LogRecord } from "../log/port.ts";
import { newCounts } from "../runtime/runner-counts.ts";
import { ProcessMetrics } from "./process-metrics.ts";

const NOW_MS = Date.UTC(2021, 0, 13, 15, 31);
const TOPIC = "signals.features.v1";

function record(offset: number, appendedAtMs: number): LogRecord {
  const happenedAt = NOW_MS - 2_000;
  const id = uuidOf(`features/${offset}`);
  const headers = eventHeaders({ id, source: "/t", topic: TOPIC, happenedAt });
  const value = new Uint8Array(100);
  return { topic: TOPIC, partition: 0, offset, key: "X", value, headers, appendedAtMs };
}

const batch = {
  subtopology: "signals",
  partition: 3,
  records: 5,
  counts: newCounts(),
  appends: [
    { topic: TOPIC, key: "X", value: new Uint8Array(40), headers: {} },
    { topic: TOPIC, key: "X", value: new Uint8Array(2), headers: {} },
  ],
  parents: new Map<string, string>(),
  closedAtMs: NOW_MS - 40,
  batchMs: 30,
  commitMs: 8,
};

describe("metrics of a process", () => {
  it("sum what stages did per partition, and dead letters by their reason", async () => {
    const metrics = new ProcessMetrics(() => NOW_MS);
    const counts = { ...newCounts(), bytes: 77, late: 1, deadLettered: 3 };
    counts.refusals.set("avro.truncated", 2).set("fact.price", 1);
    counts.skipped.set("duplicate", 4);
    metrics.stages.committed({ ...batch, counts });
    metrics.stages.committed(batch);
    const text = await metrics.metrics();
    for (const line of [
      'amc_stage_records_total{subtopology="signals",partition="3"} 10',
      'amc_stage_bytes_total{subtopology="signals",partition="3"} 77',
      'amc_stage_emitted_records_total{subtopology="signals",partition="3"} 4',
      'amc_stage_emitted_bytes_total{subtopology="signals",partition="3"} 84',
      'amc_stage_late_total{subtopology="signals",partition="3"} 1',
      'amc_stage_skipped_total{subtopology="signals",reason="duplicate"} 4',
      'amc_dead_letters_total{stage="signals",code="avro.truncated"} 2',
      'amc_dead_letters_total{stage="signals",code="fact.price"} 1',
      'amc_stage_commit_seconds_bucket{le="0.005",subtopology="signals"} 0',
      'amc_stage_commit_seconds_bucket{le="0.01",subtopology="signals"} 2',
      'amc_stage_batch_records_sum{subtopology="signals"} 10',
      // 40 ms from the tick in the log to the commit.
      'amc_slice_close_seconds_bucket{le="0.025",subtopology="signals"} 0',
      'amc_slice_close_seconds_bucket{le="0.05",subtopology="signals"} 2',
    ]) {
      expect(text.split("\n")).toContain(line);
    }
  });

  it("time a row from the tick's instant, from the closed slice and from the event's append", async () => {
    const metrics = new ProcessMetrics(() => NOW_MS);
    metrics.projections.findTicksBy(async () => NOW_MS - 90);
    const chunks = [{ records: [record(0, NOW_MS - 20), record(1, NOW_MS - 10)] }];
    const refusals = ["column.range"];
    metrics.projections.committed({ projection: "features", chunks, refusals, commitMs: 3 });
    await setImmediate();
    const text = await metrics.metrics();
    for (const line of [
      'amc_projector_records_total{projection="features"} 2',
      'amc_projector_bytes_total{projection="features"} 200',
      'amc_dead_letters_total{stage="projector/features",code="column.range"} 1',
      `amc_row_visible_seconds_sum{since="tick_happened",topic="${TOPIC}"} 2`,
      `amc_row_visible_seconds_sum{since="slice_closed",topic="${TOPIC}"} 0.09`,
      `amc_row_visible_seconds_sum{since="event_appended",topic="${TOPIC}"} 0.02`,
    ]) {
      expect(text.split("\n")).toContain(line);
    }
  });

  it("sum what it took to get states back from their changelogs, by work group", async () => {
    const metrics = new ProcessMetrics(() => NOW_MS);
    const restored = { group: "amc.signals", partition: 0, records: 12, bytes: 4_000, ms: 70 };
    metrics.restores.restored(restored);
    metrics.restores.restored({ ...restored, partition: 1, records: 3, ms: 300 });
    const lines = (await metrics.metrics()).split("\n");
    expect(lines).toContain('amc_state_restored_records_total{group="amc.signals"} 15');
    expect(lines).toContain('amc_state_restored_bytes_total{group="amc.signals"} 8000');
    expect(lines).toContain('amc_state_restore_seconds_bucket{le="0.1",group="amc.signals"} 1');
    expect(lines).toContain('amc_state_restore_seconds_sum{group="amc.signals"} 0.37');
  });

  it("tell which component is away, and answer whatever it does", async () => {
    const metrics = new ProcessMetrics(() => NOW_MS);
    metrics.watch("log", async () => 1);
    metrics.watch("cache", () => Promise.reject(new Error("away")));
    metrics.watch("database", () => new Promise(() => undefined));
    const text = await metrics.metrics();
    expect(text).toContain('amc_up{component="log"} 1');
    expect(text).toContain('amc_up{component="cache"} 0');
    expect(text).toContain('amc_up{component="database"} 0');
  });

  it("are all prefixed, in base units, and counters end in _total", async () => {
    const metrics = new ProcessMetrics(() => NOW_MS);
    const types = [...(await metrics.metrics()).matchAll(/^# TYPE (\S+) (\S+)$/gm)];
    expect(types.length).toBeGreaterThan(20);
    for (const [, name = "", type] of types) {
      expect(name).toMatch(/^amc_/);
      expect(name).not.toMatch(/_(ms|millis|milliseconds|kb)(_|$)/);
      if (type === "counter") expect(name).toMatch(/_total$/);
    }
  });
});
