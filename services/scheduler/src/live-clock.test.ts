import { createMemoryLog } from "@amc/platform/log/memory";
import { partitionOf } from "@amc/platform/log/partitioner";
import type { Append, Commit, Log } from "@amc/platform/log/port";
import { logWithCommit } from "@amc/platform/log/testing/log-with-commit";
import { logWithMarkers } from "@amc/platform/log/testing/log-with-markers";
import { systemLayout } from "@amc/platform/runtime/layout";
import { StageRunner } from "@amc/platform/runtime/stage-runner";
import { encodeEvent } from "@amc/schemas/codec";
import { eventHeaders } from "@amc/schemas/headers";
import { uuidOf } from "@amc/streams/kernel/ids";
import { isoUtc, newYorkToUtc } from "@amc/streams/market/event-time";
import { createTopology, DEFAULT_TOPOLOGY } from "@amc/streams/topology/topology";
import { describe, expect, it } from "vitest";
import { storedState } from "./clock-state.ts";
import { LiveClock } from "./live-clock.ts";
import { playedTick } from "./testing/played-tick.ts";
import { forgetfulLog, jobRunsOf, ticksOf } from "./testing/ticks-of.ts";

const PARTITIONS = 3;
const SCHEDULE = { tickMs: 1_000, slotMinutes: 15 };
const HALTS = "market.halt.v1";
const CONTROL = "ops.control.v1";
const TEN = newYorkToUtc("2025-09-03", "10:00");
const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;

const newLog = () => createMemoryLog(systemLayout(PARTITIONS), () => 0);

function haltAt(atMs: number, symbol = "GME"): Append {
  const value = {
    ...{ symbol, happenedAt: atMs, publishedAt: atMs, capturedAt: atMs, source: "test" },
    ...{ confidence: 1, stale: false, providerLatencyMs: null, simulated: true },
    ...{ status: "HALTED" as const, reason: null },
  };
  const headers = eventHeaders({
    ...{ id: uuidOf(`halt/${symbol}/${atMs}`), source: "/test", topic: HALTS, happenedAt: atMs },
  });
  return { topic: HALTS, key: symbol, value: encodeEvent(HALTS, value), headers };
}

/** A setting goes to every partition; its content is of no interest here. */
const setting = (): Append[] =>
  Array.from({ length: PARTITIONS }, (_, partition) => ({
    ...{ topic: CONTROL, partition, key: "preset", value: Buffer.from("a setting"), headers: {} },
  }));

const cutsOf = async (log: Log, topic: string): Promise<(number | undefined)[][]> => {
  const found: (number | undefined)[][] = [];
  for (let partition = 0; partition < PARTITIONS; partition += 1) {
    const ticks = await ticksOf(log, partition);
    found.push(ticks.map(({ cuts }) => cuts.find((cut) => cut.topic === topic)?.endOffset));
  }
  return found;
};

const instantsOf = async (log: Log, partition = 0): Promise<number[]> =>
  (await ticksOf(log, partition)).map(({ happenedAt }) => happenedAt);

/** A log whose process dies at its n-th commit, before or after it took effect. */
function dyingLog(inner: Log, dies: { readonly at: number; readonly isWritten: boolean }): Log {
  let commits = 0;
  return logWithCommit(inner, async (commit: Commit) => {
    commits += 1;
    if (commits < dies.at) return inner.commit(commit);
    if (commits === dies.at && dies.isWritten) await inner.commit(commit);
    throw new Error("killed");
  });
}

describe("a tick of the live clock", () => {
  it("is in every partition and covers what lies there, in each the same settings", async () => {
    const log = newLog();
    await log.commit({ appends: [haltAt(TEN), haltAt(TEN, "AMC"), ...setting()] });
    const clock = await LiveClock.open(log, SCHEDULE);
    expect((await clock.publish(TEN)).ticks).toEqual([TEN]);
    await log.commit({ appends: [haltAt(TEN + 400)] });
    await clock.publish(TEN + SECOND_MS);
    const ends = Array.from({ length: PARTITIONS }, (_, partition) => {
      const before = ["GME", "AMC"].filter((one) => partitionOf(one, PARTITIONS) === partition);
      const later = partitionOf("GME", PARTITIONS) === partition ? 1 : 0;
      return [before.length, before.length + later];
    });
    expect(await cutsOf(log, HALTS)).toEqual(ends);
    expect(await cutsOf(log, CONTROL)).toEqual(ends.map(() => [1, 1]));
  });

  it("is written once for an instant, however often it is asked for", async () => {
    const log = newLog();
    const clock = await LiveClock.open(log, SCHEDULE);
    for (const ms of [0, 0, 1, 999, 1_000, 500, 1_000, 3_500]) await clock.publish(TEN + ms);
    expect(await instantsOf(log)).toEqual([0, 1, 3].map((second) => TEN + second * SECOND_MS));
  });

  it("reaches behind the markers that transactions leave", async () => {
    const log = logWithMarkers(newLog());
    const partition = partitionOf("GME", PARTITIONS);
    for (const hour of [0, 1]) {
      await log.commit({ appends: [haltAt(TEN + hour * HOUR_MS)] });
      const clock = await LiveClock.open(log, SCHEDULE);
      await clock.publish(TEN + hour * HOUR_MS);
      const ends = (await cutsOf(log, HALTS))[partition];
      expect(ends?.at(-1)).toBe(await log.endOffset(HALTS, partition));
    }
  });

  it("closes its slice: what was published before it and comes after it is late, and counted", async () => {
    const log = newLog();
    const [subtopology] = createTopology({ ...DEFAULT_TOPOLOGY, failFast: true });
    if (subtopology === undefined) throw new TypeError("no topology");
    const partition = partitionOf("GME", PARTITIONS);
    const runner = await StageRunner.open({ log, subtopology, partition });
    const clock = await LiveClock.open(log, SCHEDULE);
    await log.commit({ appends: [haltAt(TEN - 1), haltAt(TEN + 1_700)] });
    await clock.publish(TEN);
    await runner.runUntilIdle();
    // In time for the next tick, ahead of it, and behind the one that was.
    await log.commit({ appends: [haltAt(TEN + 400), haltAt(TEN - 2)] });
    for (const second of [1, 2]) await clock.publish(TEN + second * SECOND_MS);
    await runner.runUntilIdle();
    expect(runner.counts).toMatchObject({ late: 1, ticks: 3, deadLettered: 0 });
    expect(runner.lastTickMs()).toBe(TEN + 2 * SECOND_MS);
  });
});

describe("a clock that is taken over", () => {
  it("goes on behind the newest tick of the log, whoever wrote that", async () => {
    const log = newLog();
    const other = newLog();
    await (await LiveClock.open(other, SCHEDULE)).publish(TEN);
    for (let partition = 0; partition < PARTITIONS; partition += 1) {
      const [tick] = await other.read("ops.clock.v1", partition, 0, { maxRecords: 1, maxBytes: 1 });
      if (tick !== undefined) await log.commit({ appends: [tick] });
    }
    const clock = await LiveClock.open(log, SCHEDULE);
    expect(clock.lastTickMs).toBe(TEN);
    expect((await clock.publish(TEN)).ticks).toEqual([]);
    expect((await clock.publish(TEN + SECOND_MS)).ticks).toEqual([TEN + SECOND_MS]);
  });

  it("begins behind a recording of the past as from none: nothing is missed, nothing made up for", async () => {
    const log = newLog();
    const playedMs = newYorkToUtc("2021-01-28", "16:00");
    await log.commit({ appends: playedTick(playedMs, PARTITIONS) });
    const clock = await LiveClock.open(log, SCHEDULE);
    expect(clock.lastTickMs).toBe(playedMs);
    const first = await clock.publish(TEN);
    expect(first).toMatchObject({ ticks: [TEN], runs: [], missed: 0, missedRuns: 0 });
    // From its first tick on it makes up for what it missed, taken over or not.
    for (const one of [clock, await LiveClock.open(log, SCHEDULE)]) {
      expect(one.lastTickMs).toBe(TEN);
    }
    const next = await (await LiveClock.open(log, SCHEDULE)).publish(TEN + 16 * 60_000);
    expect(next.ticks).toEqual([TEN + 15 * 60_000, TEN + 16 * 60_000]);
  });

  it("waits where a recording reaches beyond the present, and takes no time back", async () => {
    const log = newLog();
    await log.commit({ appends: playedTick(TEN + 500, PARTITIONS) });
    const clock = await LiveClock.open(log, SCHEDULE);
    expect((await clock.publish(TEN)).ticks).toEqual([]);
    expect((await clock.publish(TEN + SECOND_MS)).ticks).toEqual([TEN + SECOND_MS]);
  });

  it("leaves its former owner unable to write", async () => {
    const log = newLog();
    const former = await LiveClock.open(log, SCHEDULE);
    await former.publish(TEN);
    const clock = await LiveClock.open(log, SCHEDULE);
    const code = { code: "log.fenced" };
    await expect(former.publish(TEN + SECOND_MS)).rejects.toMatchObject(code);
    await clock.publish(TEN + SECOND_MS);
    expect(await instantsOf(log)).toEqual([TEN, TEN + SECOND_MS]);
  });

  it("writes what was decided, with the cuts of then: a setting is in the same slice everywhere", async () => {
    const log = newLog();
    const killed = await LiveClock.open(dyingLog(log, { at: 2, isWritten: false }), SCHEDULE);
    await expect(killed.publish(TEN)).rejects.toThrow("killed");
    await log.commit({ appends: setting() });
    const { recovered } = await LiveClock.open(log, SCHEDULE);
    expect(recovered).toMatchObject({ ticks: [TEN], missed: 0, missedRuns: 0 });
    expect(recovered?.appends).toHaveLength(PARTITIONS);
    expect((await LiveClock.open(log, SCHEDULE)).recovered).toBeNull();
    expect(await instantsOf(log)).toEqual([TEN]);
    expect(await cutsOf(log, CONTROL)).toEqual([[0], [0], [0]]);
  });

  it("counts the runs of a plan as missed when the log has gone on without it", async () => {
    const log = newLog();
    await (await LiveClock.open(log, SCHEDULE)).publish(TEN);
    const killed = await LiveClock.open(dyingLog(log, { at: 2, isWritten: false }), SCHEDULE);
    await expect(killed.publish(TEN + HOUR_MS)).rejects.toThrow("killed");
    const decided = (await storedState(log)).plan?.runs ?? [];
    expect(decided.length).toBeGreaterThan(0);
    await log.commit({ appends: playedTick(TEN + 2 * HOUR_MS, PARTITIONS) });
    const { recovered } = await LiveClock.open(log, SCHEDULE);
    expect(recovered).toMatchObject({ ticks: [], runs: [], missedRuns: decided.length });
    expect(await jobRunsOf(log)).toEqual([]);
  });

  /** An afternoon of ticks a quarter of an hour apart, each time by a scheduler that dies at a commit. */
  async function afternoonOf(log: Log, survivorOf: (log: Log) => Log): Promise<number> {
    let deaths = 0;
    const ask = Array.from({ length: 13 }, (_, index) => TEN + index * 15 * 60_000);
    for (const isWritten of [true, false]) {
      for (const at of [1, 2, 3, 4]) {
        const dying = dyingLog(survivorOf(log), { at, isWritten });
        try {
          const clock = await LiveClock.open(dying, SCHEDULE);
          for (const atMs of ask) await clock.publish(atMs);
        } catch {
          deaths += 1;
        }
      }
    }
    const last = await LiveClock.open(survivorOf(log), SCHEDULE);
    for (const atMs of ask) await last.publish(atMs);
    return deaths;
  }

  it("repeats no tick and leaves none out, at whichever commit it was killed", async () => {
    const [killed, undisturbed] = [newLog(), newLog()];
    expect(await afternoonOf(killed, (log) => log)).toBe(8);
    const clock = await LiveClock.open(undisturbed, SCHEDULE);
    for (let index = 0; index < 13; index += 1) await clock.publish(TEN + index * 15 * 60_000);
    for (let partition = 0; partition < PARTITIONS; partition += 1) {
      expect(await ticksOf(killed, partition)).toEqual(await ticksOf(undisturbed, partition));
    }
    const runs = await jobRunsOf(undisturbed);
    expect(runs).toContain(`${isoUtc(TEN + HOUR_MS)} validate-data-quality`);
    expect(await jobRunsOf(killed)).toEqual(runs);
  });

  it("would repeat ticks if it did not look for what is there: the control", async () => {
    const log = newLog();
    await afternoonOf(log, forgetfulLog);
    const instants = await instantsOf(log);
    expect(instants.length).toBeGreaterThan(new Set(instants).size);
    const runs = await jobRunsOf(log);
    expect(runs.length).toBeGreaterThan(new Set(runs).size);
  });
});
