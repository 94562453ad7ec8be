import { createMemoryLog } from "@amc/platform/log/memory";
import { partitionOf } from "@amc/platform/log/partitioner";
import type { Log } from "@amc/platform/log/port";
import { logWithMarkers } from "@amc/platform/log/testing/log-with-markers";
import { decodeRecord } from "@amc/platform/runtime/decode-record";
import { systemLayout } from "@amc/platform/runtime/layout";
import type { Fact } from "@amc/streams/kernel/fact";
import { uuidOf } from "@amc/streams/kernel/ids";
import { describe, expect, it } from "vitest";
import { ChunkWriter } from "./chunk-writer.ts";
import type { PlayState } from "./progress-state.ts";

const CONTROL = "ops.control.v1";
const HALTS = "market.halt.v1";
const PARTITIONS = 3;
const TEN = Date.UTC(2021, 0, 13, 15, 0);

const STATE: PlayState = {
  ...{ fingerprint: "", items: 0, facts: 0, rejected: 0, duplicates: 0, ticks: 1 },
  ...{ lastTickMs: TEN, openSliceMs: null, isDone: false },
};

function haltAt(atMs: number): Fact {
  const value = {
    ...{ symbol: "GME", happenedAt: atMs, publishedAt: atMs, capturedAt: atMs, source: "test" },
    ...{ confidence: 1, stale: false, providerLatencyMs: null, simulated: true },
    ...{ status: "HALTED" as const, reason: null },
  };
  return { topic: HALTS, id: uuidOf(`halt/${atMs}`), value };
}

/** End of a topic that the last tick of each partition covers. */
async function coveredEnds(log: Log, of: string): Promise<(number | undefined)[]> {
  const covered: (number | undefined)[] = [];
  for (let partition = 0; partition < PARTITIONS; partition += 1) {
    const end = await log.endOffset("ops.clock.v1", partition);
    const limits = { maxRecords: 1, maxBytes: 1 };
    const [record] = await log.read("ops.clock.v1", partition, end - 1, limits);
    const decoded = record === undefined ? null : decodeRecord(record, false);
    if (decoded?.ok !== true || decoded.event.topic !== "ops.clock.v1") continue;
    covered.push(decoded.event.value.cuts.find(({ topic }) => topic === of)?.endOffset);
  }
  return covered;
}

describe("the cut of facts", () => {
  it("reaches behind the markers of the commits before, also after a restart", async () => {
    const log = logWithMarkers(createMemoryLog(systemLayout(PARTITIONS), () => 0));
    const covered: (number | undefined)[] = [];
    for (const hour of [0, 1, 2]) {
      const lease = await log.acquire("ingest-recordings", 0);
      const writer = await ChunkWriter.open(log, lease, "test", STATE);
      for (const half of [0, 1]) {
        const atMs = TEN + hour * 3_600_000 + half * 1_800_000;
        writer.addFact(haltAt(atMs));
        writer.addTick(atMs, false);
        await writer.commit({ ...STATE, lastTickMs: atMs });
      }
      const partition = partitionOf("GME", PARTITIONS);
      covered.push((await coveredEnds(log, HALTS))[partition]);
      expect(covered.at(-1)).toBe(await log.endOffset(HALTS, partition));
    }
    // Six records and the five markers between them.
    expect(covered).toEqual([3, 7, 11]);
  });
});

describe("the cut of settings", () => {
  it("is the same in every partition when a setting is written while the ends are read", async () => {
    const log = createMemoryLog(systemLayout(PARTITIONS), () => 0);
    const partitions = Array.from({ length: PARTITIONS }, (_, partition) => partition);
    const endOffset = log.endOffset.bind(log);
    let writes = 0;
    // A setting comes before the last partition is read, twice in a row.
    log.endOffset = async (topic, partition) => {
      if (topic === CONTROL && partition === PARTITIONS - 1 && writes < 2) {
        writes += 1;
        const record = { topic: CONTROL, key: "preset", value: null, headers: {} };
        await log.commit({ appends: partitions.map((to) => ({ ...record, partition: to })) });
      }
      return endOffset(topic, partition);
    };
    const lease = await log.acquire("ingest-recordings", 0);
    const writer = await ChunkWriter.open(log, lease, "test", STATE);
    writer.addTick(TEN, false);
    await writer.commit(STATE);
    expect(writes).toBe(2);
    expect(await coveredEnds(log, CONTROL)).toEqual([2, 2, 2]);
  });
});
