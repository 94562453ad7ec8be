import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { openFileLog } from "@amc/platform/log/file";
import type { Log } from "@amc/platform/log/port";
import { decodeRecord } from "@amc/platform/runtime/decode-record";
import { systemLayout } from "@amc/platform/runtime/layout";
import { Processor } from "@amc/processor/processor";
import { digestsOf, recordsOf } from "@amc/replay/log-digests";
import { replayTopology } from "@amc/replay/replay-topologies";
import { runInMemory } from "@amc/replay/run-topology";
import { seededRandom } from "@amc/replay/seeded-random";
import { simulatedMarket } from "@amc/replay/simulated-market";
import { writeSlices } from "@amc/replay/slice-writer";
import { decodeEvent } from "@amc/schemas/codec";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { POISON_KINDS, type Poisoned, poisoned } from "./poison.ts";

const POISON = 1_000;
/** Cases that the catalogue of bad inputs asks for (reliability.md §3). */
const ASKED = [
  ["B8", 60],
  ["B9", 100],
  ["B10", 100],
] as const;
const TOPIC = "market.price-tick.v1";
const MARKET = [
  ...simulatedMarket({ symbols: 20, warmupSessions: 105, sessions: 1, minutes: 35, seed: 3 }),
];
const TICKS = MARKET.flatMap(({ facts }) => facts).flatMap((fact) => {
  if (fact.topic !== TOPIC || fact.append.value === null) return [];
  const decoded = decodeEvent(TOPIC, fact.append.value);
  return decoded.ok ? [{ fact, tick: decoded.value }] : [];
});

function sha256Of(value: Uint8Array | null): string {
  return createHash("sha256")
    .update(value ?? new Uint8Array())
    .digest("hex");
}

async function letters(log: Log) {
  const found = [];
  for await (const record of recordsOf(log, `${TOPIC}.dlq`)) found.push(record);
  return found;
}

function collector(): () => void {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc");
}

/** Bytes on the heap when a processor, still open, has taken the market and `count` poison records. */
async function heapAfter(count: number): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), "amc-poison-"));
  const log = await openFileLog({ directory, layout: systemLayout(3), clock: () => 0 });
  try {
    await writeSlices(log, poisoned(MARKET, TICKS, count, seededRandom(9)).slices);
    const processor = await Processor.open({ log, topology: replayTopology() });
    await processor.runUntilIdle();
    const deadLettered = processor.runners.map(({ counts }) => counts.deadLettered);
    expect(deadLettered.reduce((sum, letters) => sum + letters, 0)).toBe(count);
    collector()();
    return process.memoryUsage().heapUsed;
  } finally {
    await log.close();
    await rm(directory, { recursive: true, force: true });
  }
}

describe("poison among good messages", () => {
  let directory = "";
  let log: Log;
  let attack: Poisoned;
  let processor: Processor;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "amc-poison-"));
    log = await openFileLog({ directory, layout: systemLayout(3), clock: () => 0 });
    attack = poisoned(MARKET, TICKS, POISON, seededRandom(9));
    await writeSlices(log, attack.slices);
    processor = await Processor.open({ log, topology: replayTopology() });
    await processor.runUntilIdle();
  });

  afterAll(async () => {
    await log.close();
    await rm(directory, { recursive: true, force: true });
  });

  it("meets every kind of the catalogue that a price tick can be", () => {
    expect(new Set(attack.poison.map(({ kind }) => kind))).toEqual(new Set(POISON_KINDS));
  });

  it("meets B8, B9 and B10 as often as the catalogue asks, and dead-letters each", async () => {
    const found = await letters(log);
    const kept = new Set(
      found.map(({ value, headers }) => headers["dlq-value-sha256"] ?? sha256Of(value)),
    );
    for (const [number, asked] of ASKED) {
      const sent = attack.poison.filter(({ kind }) => kind.startsWith(`${number} `));
      const refused = sent.filter(({ fact }) => kept.has(sha256Of(fact.append.value)));
      console.info(`${number}: ${refused.length} of ${sent.length} bad records dead-lettered`);
      expect(refused).toHaveLength(sent.length);
      expect(sent.length).toBeGreaterThanOrEqual(asked);
    }
  });

  it("applies, dead-letters or skips with a reason every record, and loses none", () => {
    const signals = processor.runners.filter(({ subtopology }) => subtopology.timed);
    let applied = 0;
    let deadLettered = 0;
    let skipped = 0;
    for (const { counts } of signals) {
      applied += counts.applied;
      deadLettered += counts.deadLettered;
      for (const count of counts.skipped.values()) skipped += count;
    }
    const input = attack.slices.reduce((sum, { facts }) => sum + facts.length, 0);
    expect(applied + deadLettered + skipped).toBe(input);
    expect(deadLettered).toBe(POISON);
    expect(applied).toBe(input - POISON);
  });

  it("keeps the raw bytes, the origin and the reason of each in the dead letters", async () => {
    const found = await letters(log);
    expect(found).toHaveLength(POISON);
    const sent = attack.poison.map(({ fact }) => sha256Of(fact.append.value));
    const kept = found.map(({ value, headers }) => headers["dlq-value-sha256"] ?? sha256Of(value));
    expect(kept.sort()).toEqual(sent.sort());
    const cut = found.filter(({ headers }) => headers["dlq-truncated"] === "value");
    expect(cut).toHaveLength(
      attack.poison.filter(({ kind }) => kind === "B3 as large as a record may be").length,
    );
    for (const { headers } of found) {
      expect(headers["dlq-topic"]).toBe(TOPIC);
      expect(headers["dlq-offset"]).toMatch(/^\d+$/);
      expect(headers["dlq-code"]).toMatch(/^[a-z]+[.a-z0-9-]+$/);
      expect(headers["dlq-reason"]).not.toBe("");
    }
  });

  it("computes from the good messages what it computes without the poison", async () => {
    const clean = await digestsOf(await runInMemory(MARKET, replayTopology()));
    const attacked = await digestsOf(log);
    for (const [topic, { sha256 }] of clean) {
      expect({ topic, sha256: attacked.get(topic)?.sha256 }).toEqual({ topic, sha256 });
    }
  });

  it("holds no more after ten thousand poison records than after a thousand", async () => {
    await heapAfter(POISON / 10);
    const after = await heapAfter(POISON);
    expect((await heapAfter(10 * POISON)) - after).toBeLessThan(1024 * 1024);
  }, 120_000);

  it("refuses fifty thousand poison records without its memory growing", async () => {
    const collect = collector();
    // Those that decoding itself refuses; the others are seen through by the runtime and the stage.
    const records = await letters(log);
    const origin = records
      .filter(({ headers }) => !/^(fact|id)\./.test(headers["dlq-code"] ?? ""))
      .map((record) => ({ ...record, topic: TOPIC }));
    expect(origin.length).toBeGreaterThan(0.8 * POISON);
    const refuseAll = (rounds: number): number => {
      let refused = 0;
      for (let round = 0; round < rounds; round += 1) {
        for (const record of origin) if (!decodeRecord(record, true).ok) refused += 1;
      }
      return refused;
    };
    refuseAll(5);
    collect();
    const before = process.memoryUsage().heapUsed;
    expect(refuseAll(50)).toBe(50 * origin.length);
    collect();
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(1024 * 1024);
  });
});
