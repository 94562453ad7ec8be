import { LogError } from "@amc/platform/log/errors";
import { TEN_O_CLOCK } from "@amc/streams/testing/features-builder";
import { features, priceTick } from "@amc/streams/testing/projected-events";
import { describe, expect, it } from "vitest";
import type { Chunk } from "./batch.ts";
import { BatchReader } from "./batch-reader.ts";
import type { Position } from "./positions.ts";
import { append, emptyLog } from "./testing/log-of-events.ts";

const TICKS = "market.price-tick.v1";
const FEATURES = "signals.features.v1";

function at(topic: string, partition = 0): Position {
  return { topic, partition, epoch: 1, nextOffset: 0 };
}

function ticks(count: number) {
  return Array.from({ length: count }, (_, index) =>
    priceTick({ happenedAt: TEN_O_CLOCK + index * 1000 }),
  );
}

function size(chunks: readonly Chunk[]): number {
  return chunks.reduce((sum, { records }) => sum + records.length, 0);
}

describe("batch reader", () => {
  it("takes what has arrived at once and nothing twice", async () => {
    const log = emptyLog(1);
    const reader = new BatchReader(log, "prices", [at(TICKS)]);
    await append(log, ticks(3));
    expect(size(await reader.read())).toBe(3);
    expect(await reader.read()).toEqual([]);
    await append(log, ticks(1));
    expect((await reader.read()).map(({ position }) => position.nextOffset)).toEqual([3]);
  });

  it("reads a backlog in batches that grow to a limit, and small ones again after it", async () => {
    const log = emptyLog(1);
    const reader = new BatchReader(log, "prices", [at(TICKS)]);
    await append(log, ticks(16_000));
    const sizes = [];
    for (let batch = await reader.read(); batch.length > 0; batch = await reader.read()) {
      sizes.push(size(batch));
    }
    expect(sizes).toEqual([1024, 2048, 4096, 4096, 4096, 640]);
  });

  it("lets every partition be first in turn, so that a backlog in one starves no other", async () => {
    const log = emptyLog(1);
    const reader = new BatchReader(log, "signals", [at(TICKS), at(FEATURES)]);
    await append(log, ticks(10_000));
    await append(log, [features()]);
    const first = await reader.read();
    const second = await reader.read();
    expect(first.map(({ position }) => position.topic)).toEqual([TICKS]);
    expect(second.map(({ position }) => position.topic)).toEqual([FEATURES, TICKS]);
  });

  it("tells of every answer of the log, because each of them may have been waited for", async () => {
    const log = emptyLog(3);
    let answers = 0;
    const onRead = () => {
      answers += 1;
    };
    const positions = [at(TICKS), at(TICKS, 1), at(TICKS, 2)];
    await new BatchReader(log, "prices", positions, { onRead }).read();
    expect(answers).toBe(3);
  });

  it("reads again what it had read before a partition failed", async () => {
    const log = emptyLog(1);
    await append(log, [features(), ...ticks(3)]);
    const read = log.read.bind(log);
    let isAway = true;
    log.read = async (topic, ...rest) => {
      if (isAway && topic === TICKS) throw new LogError("log.unavailable", "nobody answers");
      return read(topic, ...rest);
    };
    const reader = new BatchReader(log, "signals", [at(FEATURES), at(TICKS)]);
    await expect(reader.read()).rejects.toMatchObject({ code: "log.unavailable" });
    isAway = false;
    expect(size(await reader.read())).toBe(4);
  });

  it("stops before a bound, and goes on when the bound is moved", async () => {
    const log = emptyLog(1);
    const bounds = new Map([[`prices/${TICKS}/0`, 2]]);
    const reader = new BatchReader(log, "prices", [at(TICKS)], { bounds });
    await append(log, ticks(5));
    expect(size(await reader.read())).toBe(2);
    expect(await reader.read()).toEqual([]);
    bounds.set(`prices/${TICKS}/0`, 4);
    expect(size(await reader.read())).toBe(2);
  });

  it("asks only for what ended a wait, and leaves what came meanwhile to the next wait", async () => {
    const log = emptyLog(1);
    await append(log, ticks(1));
    let answers = 0;
    const onRead = () => {
      answers += 1;
    };
    const reader = new BatchReader(log, "signals", [at(TICKS), at(FEATURES)], { onRead });
    expect(size(await reader.read())).toBe(1);
    const arrived = reader.waitForInput(new AbortController().signal);
    await append(log, [features()]);
    await arrived;
    await append(log, ticks(1));
    answers = 0;
    const first = await reader.read();
    expect(first.map(({ position }) => position.topic)).toEqual([FEATURES]);
    expect(await reader.read()).toEqual([]);
    expect(answers).toBe(1);
    await reader.waitForInput(new AbortController().signal);
    const second = await reader.read();
    expect(second.map(({ position }) => position.topic)).toEqual([TICKS]);
  });

  it("goes on with all partitions after a wait that found more than a batch", async () => {
    const log = emptyLog(1);
    const reader = new BatchReader(log, "signals", [at(TICKS), at(FEATURES)]);
    await append(log, ticks(1_500));
    await reader.waitForInput(new AbortController().signal);
    await append(log, [features()]);
    expect(size(await reader.read())).toBe(1_024);
    expect(size(await reader.read())).toBe(477);
  });

  it("waits until any partition has something, or it is told to stop", async () => {
    const log = emptyLog(1);
    const reader = new BatchReader(log, "signals", [at(TICKS), at(FEATURES)]);
    const arrived = reader.waitForInput(new AbortController().signal);
    await append(log, [features()]);
    await arrived;
    expect(size(await reader.read())).toBe(1);
    const stopping = new AbortController();
    const stopped = reader.waitForInput(stopping.signal);
    stopping.abort();
    await expect(stopped).resolves.toBeUndefined();
  });
});
