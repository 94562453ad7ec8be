import { createMemoryLog } from "@amc/platform/log/memory";
import { partitionOf } from "@amc/platform/log/partitioner";
import type { Append, Log } from "@amc/platform/log/port";
import { logWithCommit } from "@amc/platform/log/testing/log-with-commit";
import { logWithMarkers } from "@amc/platform/log/testing/log-with-markers";
import { decodeRecord } from "@amc/platform/runtime/decode-record";
import { systemLayout } from "@amc/platform/runtime/layout";
import type { Fact } from "@amc/streams/kernel/fact";
import { uuidOf } from "@amc/streams/kernel/ids";
import { describe, expect, it } from "vitest";
import type { Rejected } from "../facts/fact.ts";
import { ChunkWriter } from "./chunk-writer.ts";
import type { PlayState } from "./progress-state.ts";

const CONTROL = "ops.control.v1";
const HALTS = "market.halt.v1";
const DEAD = "market.halt.v1.dlq";
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

function rejectedRow(row: number): Rejected {
  return {
    ...{ type: "rejected", topic: HALTS, path: "halts.csv", row, column: null },
    ...{ code: "row.columns", message: "too few columns", raw: "GME" },
  };
}

/** Two facts, their tick and two rejected rows. */
async function playChunk(log: Log): Promise<readonly Append[]> {
  const lease = await log.acquire("ingest-recordings", 0);
  const writer = await ChunkWriter.open(log, lease, "test", { ends: {} });
  writer.addFact(haltAt(TEN - 2));
  writer.addFact(haltAt(TEN - 1));
  writer.addRejected(rejectedRow(2));
  writer.addRejected(rejectedRow(3));
  writer.addTick(TEN, false);
  return writer.commit(STATE);
}

/** A log of a process that dies in the commit of its progress, after the appends that `isWritten`. */
function dyingLog(inner: Log, isWritten: (append: Append, index: number) => boolean): Log {
  return logWithCommit(inner, async (commit) => {
    if ((commit.state ?? []).length === 0) return inner.commit(commit);
    await inner.commit({ ...commit, appends: commit.appends.filter(isWritten), state: [] });
    throw new Error("killed");
  });
}

async function recordCounts(log: Log): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { topic, partitions } of log.topics()) {
    for (let partition = 0; partition < partitions; partition += 1) {
      counts[topic] = (counts[topic] ?? 0) + (await log.endOffset(topic, partition));
    }
  }
  return counts;
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

describe("a play that was killed before its progress was written", () => {
  const written = {
    nothing: () => false,
    "one dead letter": ({ topic }: Append, index: number) => topic === DEAD && index % 2 === 1,
    "the dead letters": ({ topic }: Append) => topic === DEAD,
    "all of it": () => true,
  };
  for (const [what, isWritten] of Object.entries(written)) {
    it(`writes each record once and returns those it appends, where ${what} got written`, async () => {
      const log = createMemoryLog(systemLayout(PARTITIONS), () => 0);
      await expect(playChunk(dyingLog(log, isWritten))).rejects.toThrow("killed");
      const before = await recordCounts(log);
      const appended = await playChunk(log);
      const after = await recordCounts(log);
      expect(after).toMatchObject({ [HALTS]: 2, [DEAD]: 2, "ops.clock.v1": PARTITIONS });
      const grown = Object.keys(after).filter((topic) => after[topic] !== before[topic]);
      expect([...new Set(appended.map(({ topic }) => topic))].sort()).toEqual(grown.sort());
      const total = (counts: object) => Object.values(counts).reduce((sum, count) => sum + count);
      expect(appended.length).toBe(total(after) - total(before));
    });
  }

  it("writes the dead letter of a row again where another stage refused a record of that id", async () => {
    const log = createMemoryLog(systemLayout(PARTITIONS), () => 0);
    const [letter] = (await playChunk(log)).filter(({ topic }) => topic === DEAD);
    const other = createMemoryLog(systemLayout(PARTITIONS), () => 0);
    if (letter === undefined) throw new Error("no dead letter");
    const headers = { ...letter.headers, "dlq-stage": "features" };
    await other.commit({ appends: [{ ...letter, headers }] });
    await playChunk(other);
    expect((await recordCounts(other))[DEAD]).toBe(3);
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
