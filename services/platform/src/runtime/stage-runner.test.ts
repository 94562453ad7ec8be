import { encodeEvent } from "@amc/schemas/codec";
import { digestOf } from "@amc/schemas/digest";
import type { Halt } from "@amc/schemas/generated/events";
import { eventHeaders } from "@amc/schemas/headers";
import { derivedId, uuidOf } from "@amc/streams/kernel/ids";
import { isNumber, isText, listOf } from "@amc/streams/kernel/json-shape";
import { KeyedStore } from "@amc/streams/kernel/keyed-store";
import { DONE, type Stage, type Subtopology } from "@amc/streams/kernel/stage";
import { jsonCodec } from "@amc/streams/kernel/state-codec";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isLogError } from "../log/errors.ts";
import { createMemoryLog } from "../log/memory.ts";
import type { Append, Log, LogRecord } from "../log/port.ts";
import { logWithCommit } from "../log/testing/log-with-commit.ts";
import { passingTime } from "../log/testing/passing-time.ts";
import { watchedWaits } from "../log/testing/watched-waits.ts";
import { systemLayout } from "./layout.ts";
import { StageRunner } from "./stage-runner.ts";

const FACTS = "market.halt.v1";
const OUTPUT = "alerts.delivery.v1";
const T0 = Date.UTC(2021, 0, 13, 15, 0);

/** Counts facts per symbol and says so at each tick: enough state to notice anything lost. */
const counting: Stage = {
  name: "counting",
  version: 1,
  inputs: [FACTS, "ops.clock.v1"],
  outputs: [OUTPUT],
  init: ({ emit }) => {
    const seen = new KeyedStore("counting.seen", jsonCodec(1, listOf(isText)));
    return {
      stores: [seen],
      step: (event) => {
        if (event.topic === FACTS) {
          const mark = `${event.id}${event.late === true ? "!" : ""}`;
          seen.set(event.value.symbol, [...(seen.get(event.value.symbol) ?? []), mark]);
        }
        if (event.topic !== "ops.clock.v1") return DONE;
        const { happenedAt } = event.value;
        for (const symbol of [...seen.keys()].sort()) {
          const error = (seen.get(symbol) ?? []).join(",");
          emit({
            topic: OUTPUT,
            id: derivedId("counting", 1, [symbol, String(happenedAt)]),
            key: symbol,
            happenedAt,
            value: {
              symbol,
              happenedAt,
              publishedAt: happenedAt,
              capturedAt: happenedAt,
              source: "counting",
              simulated: true,
              alertId: symbol,
              channel: "test",
              status: "SENT",
              attempt: 1,
              error,
              ...{ recipient: null, reference: null, requestedAt: null },
            },
          });
        }
        return DONE;
      },
    };
  },
};

const SUBTOPOLOGY: Subtopology = { name: "test", timed: true, stages: [counting] };

function halt(symbol: string, publishedAt: number, number = 0): Append {
  const value: Halt = {
    symbol,
    happenedAt: publishedAt,
    publishedAt,
    capturedAt: publishedAt,
    source: "test",
    confidence: 1,
    stale: false,
    providerLatencyMs: null,
    simulated: true,
    status: "HALTED",
    reason: null,
  };
  const id = uuidOf(`${symbol}/${publishedAt}/${number}`);
  return {
    topic: FACTS,
    partition: 0,
    key: symbol,
    value: encodeEvent(FACTS, value),
    headers: eventHeaders({ id, source: "/test", topic: FACTS, happenedAt: publishedAt }),
  };
}

function tick(atMs: number, endOffset: number, source = "test"): Append {
  const topic = "ops.clock.v1";
  const value = {
    happenedAt: atMs,
    cuts: [{ topic: FACTS, endOffset }],
    discovery: true,
    source,
  };
  const id = uuidOf(`clock/${atMs}`);
  return {
    topic,
    partition: 0,
    key: null,
    value: encodeEvent(topic, value),
    headers: eventHeaders({ id, source: "/test", topic, happenedAt: atMs }),
  };
}

async function recordsOf(log: Log, topic: string): Promise<readonly LogRecord[]> {
  return log.read(topic, 0, 0, { maxRecords: 100_000, maxBytes: 1e9 });
}

async function digest(log: Log): Promise<string> {
  return (await digestOf(await recordsOf(log, OUTPUT))).sha256;
}

const newLog = (): Log => createMemoryLog(systemLayout(1), () => 0);

/** Says of each fact how many there were: a copy that is taken shows in everything after it. */
const tallying: Stage = {
  ...{ name: "tallying", version: 1, inputs: [FACTS], outputs: [OUTPUT] },
  init: ({ emit }) => {
    const seen = new KeyedStore("tallying.seen", jsonCodec(1, isNumber));
    return {
      stores: [seen],
      step: (event) => {
        if (event.topic !== FACTS) return DONE;
        const { symbol, happenedAt } = event.value;
        const attempt = (seen.get(symbol) ?? 0) + 1;
        seen.set(symbol, attempt);
        emit({
          ...{ topic: OUTPUT, key: symbol, happenedAt },
          id: derivedId("tallying", 1, [event.id, String(attempt)]),
          value: {
            ...{ symbol, happenedAt, publishedAt: happenedAt, capturedAt: happenedAt },
            ...{ source: "tallying", simulated: true, alertId: symbol, channel: "test" },
            ...{ status: "SENT" as const, attempt, error: null },
            ...{ recipient: null, reference: null, requestedAt: null },
          },
        });
        return DONE;
      },
    };
  },
};

/**
 * What the tallying stage makes of six records of one writer that a crash made write three again,
 * with a restart of the reader at each commit; `headersOf` says what a record was derived from.
 */
async function tallied(order: readonly number[], headersOf: (number: number) => Append["headers"]) {
  const log = newLog();
  const counts = [];
  for (const number of order) {
    const fact = halt("GME", T0 + number, number);
    await log.commit({
      appends: [{ ...fact, headers: { ...fact.headers, ...headersOf(number) } }],
    });
    const subtopology = { name: "tally", timed: false, stages: [tallying] };
    const runner = await StageRunner.open({ log, subtopology, partition: 0 });
    await runner.runUntilIdle();
    counts.push(runner.counts.skipped.get("copy") ?? 0);
  }
  const sum = counts.reduce((total, count) => total + count, 0);
  return { digest: await digest(log), records: (await recordsOf(log, OUTPUT)).length, sum };
}

/** The log without one fact, as compaction leaves it. */
function withoutOffset(log: Log, missing: number): Log {
  const read = log.read.bind(log);
  log.read = async (topic, partition, offset, limits) => {
    if (topic !== FACTS) return read(topic, partition, offset, limits);
    const found = await read(topic, partition, offset, { maxRecords: 1_000, maxBytes: 1e9 });
    return found.filter((record) => record.offset !== missing).slice(0, limits.maxRecords);
  };
  return log;
}

/** Facts of `count` slices, `perSlice` each, every slice closed by its tick. */
async function fill(log: Log, count: number, perSlice: number): Promise<void> {
  return fillFrom(log, 0, count, perSlice);
}

/** As `fill`, in a log that has the first `from` slices. */
async function fillFrom(log: Log, from: number, count: number, perSlice: number): Promise<void> {
  let end = from * perSlice;
  for (let slice = from + 1; slice <= count; slice += 1) {
    const appends: Append[] = [];
    for (let number = 0; number < perSlice; number += 1) {
      appends.push(halt(`S${number % 3}`, T0 + slice * 1000 - number, number));
    }
    end += perSlice;
    await log.commit({ appends: [...appends, tick(T0 + slice * 1000, end)] });
  }
}

describe("stage runner", () => {
  it("gives the same output whatever the batch and wherever it was stopped and taken up again", async () => {
    const reference = newLog();
    await fill(reference, 12, 5);
    await (
      await StageRunner.open({ log: reference, subtopology: SUBTOPOLOGY, partition: 0 })
    ).runUntilIdle();
    const expected = await digest(reference);
    const stops = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 20 }), stops, async (maxTicks, batches) => {
        const log = newLog();
        await fill(log, 12, 5);
        const options = { log, subtopology: SUBTOPOLOGY, partition: 0 };
        const batch = { maxTicks, maxRecords: 7 };
        for (const runs of batches) {
          const runner = await StageRunner.open({ ...options, batch });
          for (let run = 0; run < runs; run += 1) await runner.runOnce();
        }
        await (await StageRunner.open({ ...options, batch })).runUntilIdle();
        expect(await digest(log)).toBe(expected);
      }),
      { numRuns: 25 },
    );
  });

  it("ends a batch with the slice that makes it large, however few its records are", async () => {
    const log = newLog();
    const large = { ...halt("BAD", T0), value: Buffer.alloc(250_000, 9) };
    for (let slice = 1; slice <= 60; slice += 1)
      await log.commit({ appends: [large, large, tick(T0 + slice * 1000, 2 * slice)] });
    const commits: number[] = [];
    const counted = logWithCommit(log, (commit) => {
      commits.push(commit.appends.length);
      return log.commit(commit);
    });
    const options = { log: counted, subtopology: SUBTOPOLOGY, partition: 0 };
    await (await StageRunner.open(options)).runUntilIdle();
    // 34 slices of half a megabyte go past 16 MiB; neither records nor ticks would be too many.
    expect(commits).toEqual([68, 52]);
  });

  it("takes the facts of a slice in one order, however they arrived", async () => {
    const facts = [5, 3, 4, 1, 2].map((number) => halt("GME", T0 + number, number));
    const digests = new Set<string>();
    for (const order of [facts, [...facts].reverse(), [...facts].sort(() => -1)]) {
      const log = newLog();
      await log.commit({ appends: [...order, tick(T0 + 1000, 5)] });
      await (
        await StageRunner.open({ log, subtopology: SUBTOPOLOGY, partition: 0 })
      ).runUntilIdle();
      digests.add(await digest(log));
    }
    expect(digests.size).toBe(1);
  });

  it("dead-letters what it cannot read, with the raw bytes and the reason, and goes on", async () => {
    const log = newLog();
    const garbage = { ...halt("BAD", T0), value: Uint8Array.from([9, 9, 9, 9, 9, 9, 9]) };
    const nameless = { ...halt("BAD", T0), headers: {} };
    await log.commit({ appends: [garbage, nameless, halt("GME", T0 + 1), tick(T0 + 1000, 3)] });
    const runner = await StageRunner.open({ log, subtopology: SUBTOPOLOGY, partition: 0 });
    await runner.runUntilIdle();
    const letters = await recordsOf(log, `${FACTS}.dlq`);
    expect(letters.map(({ headers }) => [headers["dlq-code"], headers["dlq-offset"]])).toEqual([
      ["envelope.magic", "0"],
      ["envelope.id", "1"],
    ]);
    expect(letters[0]?.value).toEqual(garbage.value);
    expect(await recordsOf(log, OUTPUT)).toHaveLength(1);
    expect(runner.counts).toMatchObject({ applied: 1, deadLettered: 2 });
  });

  it("takes what compaction has left of a cut, and stops at a cut whose records never came", async () => {
    const log = newLog();
    const facts = [0, 1, 2].map((number) => halt("GME", T0 + number, number));
    await log.commit({ appends: [...facts, tick(T0 + 1000, 2), tick(T0 + 2000, 3)] });
    const runner = await StageRunner.open({
      log: withoutOffset(log, 1),
      ...{ subtopology: SUBTOPOLOGY, partition: 0, pacing: passingTime() },
    });
    await runner.runUntilIdle();
    expect(runner.counts).toMatchObject({ applied: 2, ticks: 2, late: 1 });
    await log.commit({ appends: [tick(T0 + 3000, 4)] });
    await expect(runner.runOnce()).rejects.toMatchObject({ code: "runtime.stalled" });
  });

  it("drops what a crashed writer wrote again, in the state that it commits with its position", async () => {
    const headersOf = (number: number) => ({
      "amc-stage": "upstream",
      "amc-source": `signals.features.v1/0/${Math.floor(number / 2)}#${number % 2}`,
    });
    const once = await tallied([0, 1, 2, 3, 4, 5], headersOf);
    const copied = await tallied([0, 1, 2, 1, 2, 3, 0, 4, 5], headersOf);
    expect(copied).toEqual({ ...once, sum: 3 });
    expect(once).toMatchObject({ records: 6, sum: 0 });
  });

  it("takes copies for new where they do not say what they were derived from (control)", async () => {
    const once = await tallied([0, 1, 2, 3, 4, 5], () => ({}));
    const copied = await tallied([0, 1, 2, 1, 2, 3, 0, 4, 5], () => ({}));
    expect(copied.records).toBe(9);
    expect(copied.digest).not.toBe(once.digest);
  });

  it("keeps a fact from its stages until it is published, also across a restart", async () => {
    const log = newLog();
    await log.commit({ appends: [halt("GME", T0 + 5000), tick(T0 + 1000, 1), tick(T0 + 2000, 1)] });
    const options = { log, subtopology: SUBTOPOLOGY, partition: 0 };
    await (await StageRunner.open(options)).runUntilIdle();
    expect(await recordsOf(log, OUTPUT)).toHaveLength(0);
    await log.commit({ appends: [tick(T0 + 6000, 1)] });
    await (await StageRunner.open(options)).runUntilIdle();
    expect(await recordsOf(log, OUTPUT)).toHaveLength(1);
  });

  it("marks and counts a fact that an earlier tick should have covered, and takes it", async () => {
    const log = newLog();
    await log.commit({ appends: [tick(T0 + 1000, 0), halt("GME", T0 + 500), tick(T0 + 2000, 1)] });
    const runner = await StageRunner.open({ log, subtopology: SUBTOPOLOGY, partition: 0 });
    await runner.runUntilIdle();
    expect(runner.counts.late).toBe(1);
    expect(runner.counts.applied).toBe(1);
  });

  it("is stopped by a newer owner before it can write anything", async () => {
    const log = newLog();
    await fill(log, 2, 1);
    const options = { log, subtopology: SUBTOPOLOGY, partition: 0 };
    const zombie = await StageRunner.open(options);
    const owner = await StageRunner.open(options);
    await expect(zombie.runOnce()).rejects.toSatisfy((error) => isLogError(error, "log.fenced"));
    await owner.runUntilIdle();
    expect(await recordsOf(log, OUTPUT)).toHaveLength(2);
  });

  it("skips ticks that their source has written before, counted, and takes what comes after them", async () => {
    const once = newLog();
    await fill(once, 6, 2);
    const options = { subtopology: SUBTOPOLOGY, partition: 0 };
    await (await StageRunner.open({ ...options, log: once })).runUntilIdle();
    const log = newLog();
    await fill(log, 4, 2);
    await (await StageRunner.open({ ...options, log })).runUntilIdle();
    await log.commit({ appends: [tick(T0 + 3000, 6), tick(T0 + 4000, 8)] });
    await fillFrom(log, 4, 6, 2);
    // Of copies alone the position is committed too.
    const runner = await StageRunner.open({
      ...options,
      log,
      batch: { maxRecords: 2, maxTicks: 2 },
    });
    await runner.runUntilIdle();
    expect(runner.counts.skipped.get("copy")).toBe(2);
    expect(runner.counts.ticks).toBe(2);
    expect(await (await StageRunner.open({ ...options, log })).lag()).toBe(0);
    expect(await digest(log)).toBe(await digest(once));
  });

  it("stops at an earlier tick of another source, and at any after a state that names none", async () => {
    const wentBack = { code: "runtime.clock-went-back" };
    const options = { subtopology: SUBTOPOLOGY, partition: 0 };
    const log = newLog();
    await log.commit({ appends: [tick(T0 + 2000, 0), tick(T0 + 1000, 0, "other")] });
    const runner = await StageRunner.open({ ...options, log });
    await expect(runner.runOnce()).rejects.toMatchObject(wentBack);

    const older = newLog();
    const value = Buffer.from(JSON.stringify({ lastTickMs: T0 + 2000 }));
    const lease = await older.acquire(SUBTOPOLOGY.name, 0);
    const state = [{ store: "runtime.clock", key: "tick", value }];
    await older.commit({ appends: [tick(T0 + 1000, 0)], lease, state });
    const reader = await StageRunner.open({ ...options, log: older });
    expect(reader.lastTickMs()).toBe(T0 + 2000);
    await expect(reader.runOnce()).rejects.toMatchObject(wentBack);
  });

  it("refuses a clock tick it cannot read instead of inventing when it was", async () => {
    const log = newLog();
    await log.commit({ appends: [{ ...tick(T0, 0), value: Uint8Array.from([0]) }] });
    const runner = await StageRunner.open({ log, subtopology: SUBTOPOLOGY, partition: 0 });
    await expect(runner.runOnce()).rejects.toMatchObject({ code: "runtime.clock-unreadable" });
  });

  it("leaves no wait behind when one of its inputs cannot be waited for", async () => {
    const stage: Stage = { ...tallying, inputs: [FACTS, "market.news.v1"] };
    const { log, waiting } = watchedWaits(newLog(), "market.news.v1/0");
    const subtopology = { name: "tally", timed: false, stages: [stage] };
    const runner = await StageRunner.open({ log, subtopology, partition: 0 });
    const waited = runner.waitForInput(new AbortController().signal);
    await expect(waited).rejects.toMatchObject({ code: "log.unavailable" });
    expect([...waiting]).toEqual([]);
  });
});
