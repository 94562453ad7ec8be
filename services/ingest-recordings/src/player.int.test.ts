import { createMemoryLog } from "@amc/platform/log/memory";
import type { Commit, Log, LogRecord } from "@amc/platform/log/port";
import { systemLayout } from "@amc/platform/runtime/layout";
import { decodeEvent, encodeEvent } from "@amc/schemas/codec";
import type { Clock } from "@amc/schemas/generated/events";
import { eventHeaders } from "@amc/schemas/headers";
import { FACT_TOPICS } from "@amc/schemas/topics";
import { uuidOf } from "@amc/streams/kernel/ids";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import type { RecordingManifest } from "./manifest.ts";
import { type PlayOptions, type PlayProgress, playRecording } from "./player.ts";
import {
  eastern,
  folderOf,
  MINUTE_BARS,
  MINUTE_HEADER,
  manifestOf,
  RECORDINGS,
  recording,
} from "./testing/fixtures.ts";

const PARTITIONS = 3;
const folders: { remove(): Promise<void> }[] = [];

afterEach(async () => {
  for (const folder of folders.splice(0)) await folder.remove();
});

function newLog(): Log {
  return createMemoryLog(systemLayout(PARTITIONS), () => 0);
}

/** Minutes from 09:30 ET of 2021-01-13 on, several symbols per minute. */
async function recordingOf(rows: readonly string[], fields: object = {}) {
  const folder = await folderOf({ "bars.csv": `${[MINUTE_HEADER, ...rows].join("\n")}\n` });
  folders.push(folder);
  return { manifest: manifestOf({ sources: [MINUTE_BARS], ...fields }), dataRoot: folder.path };
}

function bar(symbol: string, minute: number): string {
  const time = new Date(eastern("2021-01-13 09:30") + minute * 60_000).toISOString();
  return `${symbol},${time},10,11,9,10,${minute + 1}`;
}

async function records(log: Log, topic: string, partition: number): Promise<readonly LogRecord[]> {
  return log.read(topic, partition, 0, { maxRecords: 1_000_000, maxBytes: 1e9 });
}

async function ticksOf(log: Log, partition = 0): Promise<Clock[]> {
  return (await records(log, "ops.clock.v1", partition)).map(({ value }) => {
    const decoded = decodeEvent("ops.clock.v1", value ?? new Uint8Array());
    if (!decoded.ok) throw new Error(decoded.message);
    return decoded.value;
  });
}

function time(ms: number): string {
  return new Intl.DateTimeFormat("en-GB", {
    timeZone: "America/New_York",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  }).format(ms);
}

/** Every record of every topic, but for append times: equal texts are equal logs. */
async function contentOf(log: Log): Promise<string[]> {
  const lines: string[] = [];
  for (const { topic, partitions } of log.topics()) {
    for (let partition = 0; partition < partitions; partition += 1) {
      for (const { offset, key, value, headers } of await records(log, topic, partition)) {
        const bytes = Buffer.from(value ?? []).toString("base64");
        lines.push(`${topic}/${partition}/${offset} ${key} ${bytes} ${JSON.stringify(headers)}`);
      }
    }
  }
  return lines;
}

/** A log that dies before or after its `killAt`-th commit, as a process does. */
function dyingLog(log: Log, killAt: number, isWritten: boolean): Log {
  let commits = 0;
  const dying: Log = Object.create(log);
  const reading = ["partitions", "topics", "startOffset", "endOffset", "read", "state"] as const;
  for (const name of [...reading, "acquire"] as const) {
    Object.defineProperty(dying, name, { value: log[name].bind(log) });
  }
  dying.commit = async (commit: Commit) => {
    commits += 1;
    if (commits < killAt) return log.commit(commit);
    if (isWritten) await log.commit(commit);
    throw new Error("killed");
  };
  return dying;
}

describe("playRecording", () => {
  it("writes a tick after the facts of each minute that has some, with the cuts of each partition", async () => {
    const played = await recordingOf([bar("ACME", 0), bar("BETA", 0), bar("ACME", 3)], {
      slots: "none",
    });
    const log = newLog();
    const result = await playRecording({ log, ...played });
    expect(result).toMatchObject({ facts: 3, ticks: 2, rejected: 0, isDone: true });
    for (let partition = 0; partition < PARTITIONS; partition += 1) {
      const ticks = await ticksOf(log, partition);
      expect(ticks.map(({ happenedAt }) => time(happenedAt))).toEqual(["09:31:00", "09:34:00"]);
      for (const tick of ticks) {
        expect(tick.cuts.map(({ topic }) => topic)).toEqual([...FACT_TOPICS, "ops.control.v1"]);
        const facts = (await records(log, "market.price-tick.v1", partition)).filter(
          ({ headers }) => Date.parse(headers.ce_time ?? "") <= tick.happenedAt,
        );
        const cut = tick.cuts.find(({ topic }) => topic === "market.price-tick.v1");
        expect(cut?.endOffset).toBe(facts.length);
      }
    }
  });

  it("ticks at every slot between first and last fact, and lets slots fire only when evaluated", async () => {
    const played = await recordingOf([bar("ACME", 0), bar("ACME", 50)], {
      evaluate: { from: "2021-01-13T09:50:00-05:00", to: "2021-01-13T10:15:00-05:00" },
    });
    const log = newLog();
    await playRecording({ log, ...played });
    const ticks = await ticksOf(log);
    expect(ticks.map(({ happenedAt, discovery }) => `${time(happenedAt)} ${discovery}`)).toEqual([
      "09:31:00 false",
      "10:00:00 true",
      "10:15:00 true",
      "10:21:00 false",
    ]);
  });

  it("puts a fact published between two slices under the end of its slice", async () => {
    const trades = {
      ...MINUTE_BARS,
      kind: "trade",
      interval: undefined,
      columns: { symbol: "symbol", timestamp: "time", price: "open", volume: "volume" },
      stamp: { unit: "iso" },
    };
    const { interval: _interval, ...source } = trades;
    const folder = await folderOf({
      "bars.csv": `${MINUTE_HEADER}\nACME,2021-01-13T14:30:00.500Z,10,0,0,0,1\nACME,2021-01-13T14:31:00Z,10,0,0,0,2\nACME,2021-01-13T14:31:00.001Z,10,0,0,0,3\n`,
    });
    folders.push(folder);
    const log = newLog();
    const manifest = manifestOf({ sources: [source], slots: "none" });
    await playRecording({ log, manifest, dataRoot: folder.path });
    expect((await ticksOf(log)).map(({ happenedAt }) => time(happenedAt))).toEqual([
      "09:31:00",
      "09:32:00",
    ]);
    const fine = newLog();
    await playRecording({ log: fine, manifest, dataRoot: folder.path, sliceMs: 1000 });
    expect((await ticksOf(fine)).map(({ happenedAt }) => time(happenedAt))).toEqual([
      "09:30:01",
      "09:31:00",
      "09:31:01",
    ]);
  });

  it("evaluates daily bars at their publication and needs no slots for them", async () => {
    const folder = await folderOf({
      "bars.csv": `${MINUTE_HEADER}\nACME,2021-01-13,10,11,9,10,5\nACME,2021-01-14,10,11,9,10,5\n`,
    });
    folders.push(folder);
    const source = {
      ...MINUTE_BARS,
      interval: "1d",
      volumeScope: "REGULAR",
      stamp: { unit: "iso" },
    };
    const log = newLog();
    await playRecording({
      log,
      manifest: manifestOf({ sources: [source] }),
      dataRoot: folder.path,
    });
    expect(
      (await ticksOf(log)).map(({ happenedAt, discovery }) => [happenedAt, discovery]),
    ).toEqual([
      [eastern("2021-01-13 16:00"), true],
      [eastern("2021-01-14 16:00"), true],
    ]);
  });

  it("sends rejected rows to the dead letters of their topic with the raw row and its place", async () => {
    const played = await recordingOf(["ACME,soon,10,11,9,10,5", bar("ACME", 0)]);
    const log = newLog();
    expect(await playRecording({ log, ...played })).toMatchObject({ facts: 1, rejected: 1 });
    const letters = (
      await Promise.all(
        [0, 1, 2].map((partition) => records(log, "market.price-tick.v1.dlq", partition)),
      )
    ).flat();
    expect(letters).toHaveLength(1);
    expect(Buffer.from(letters[0]?.value ?? []).toString()).toBe("ACME,soon,10,11,9,10,5");
    expect(letters[0]?.headers).toMatchObject({
      "dlq-code": "stamp.invalid",
      "dlq-path": "bars.csv",
      "dlq-row": "2",
      "dlq-topic": "market.price-tick.v1",
    });
  });

  it("gives a log that ends the same wherever it was killed, before or after a commit", async () => {
    const rows = ["ACME", "BETA", "GAMA"].flatMap((symbol) =>
      Array.from({ length: 40 }, (_, minute) => bar(symbol, minute * 2)),
    );
    const played = await recordingOf([...rows, "bad,row", bar("ACME", 0)], {
      evaluate: { from: "2021-01-13", to: "2021-01-13" },
    });
    const whole = newLog();
    const unbroken = await playRecording({ log: whole, ...played, chunkRecords: 10 });
    const expected = await contentOf(whole);
    const kills = fc.array(fc.tuple(fc.integer({ min: 1, max: 12 }), fc.boolean()), {
      maxLength: 6,
    });
    await fc.assert(
      fc.asyncProperty(kills, fc.integer({ min: 1, max: 40 }), async (deaths, chunkRecords) => {
        const log = newLog();
        for (const [killAt, isWritten] of deaths) {
          const dying = dyingLog(log, killAt, isWritten);
          await playRecording({ log: dying, ...played, chunkRecords }).catch((error: unknown) => {
            if (!(error instanceof Error) || error.message !== "killed") throw error;
          });
        }
        const resumed = await playRecording({ log, ...played, chunkRecords });
        expect(resumed).toEqual(unbroken);
        expect(await contentOf(log)).toEqual(expected);
      }),
      { numRuns: 40 },
    );
  });

  it("stops at the signal with what it has, and goes on from there", async () => {
    const played = await recordingOf(
      Array.from({ length: 60 }, (_, minute) => bar("ACME", minute)),
    );
    const whole = newLog();
    await playRecording({ log: whole, ...played });
    const log = newLog();
    const controller = new AbortController();
    const onProgress = (progress: PlayProgress): void => {
      if (progress.factsDone >= 20) controller.abort();
    };
    const options: PlayOptions = {
      log,
      ...played,
      chunkRecords: 8,
      onProgress,
      signal: controller.signal,
    };
    const stopped = await playRecording(options);
    expect(stopped.isDone).toBe(false);
    expect(stopped.facts).toBeLessThan(60);
    await playRecording({ log, ...played });
    expect(await contentOf(log)).toEqual(await contentOf(whole));
  });

  it("writes nothing when a finished recording is played again", async () => {
    const played = await recordingOf([bar("ACME", 0)]);
    const log = newLog();
    const first = await playRecording({ log, ...played });
    const content = await contentOf(log);
    expect(await playRecording({ log, ...played })).toEqual(first);
    expect(await contentOf(log)).toEqual(content);
  });

  it("reports progress up to everything", async () => {
    const played = await recordingOf(
      Array.from({ length: 30 }, (_, minute) => bar("ACME", minute)),
    );
    const seen: PlayProgress[] = [];
    await playRecording({
      log: newLog(),
      ...played,
      chunkRecords: 10,
      onProgress: (one) => seen.push(one),
    });
    expect(seen.length).toBeGreaterThan(3);
    const done = seen.map(({ factsDone }) => factsDone);
    expect(done).toEqual(done.toSorted((a, b) => a - b));
    expect(seen.at(-1)).toEqual({
      factsDone: 30,
      factsTotal: 30,
      eventTime: eastern("2021-01-13 10:00"),
      fraction: 1,
    });
  });

  it("covers settings that an operator wrote meanwhile with the next ticks", async () => {
    const played = await recordingOf([bar("ACME", 0), bar("ACME", 1)], { slots: "none" });
    const log = newLog();
    const setting = {
      topic: "ops.control.v1",
      partition: 0,
      key: "profile",
      value: null,
      headers: {},
    };
    await playRecording({
      log,
      ...played,
      chunkRecords: 1,
      onDescribed: () => void log.commit({ appends: [setting] }),
    });
    const cuts = (await ticksOf(log)).map(
      ({ cuts }) => cuts.find(({ topic }) => topic === "ops.control.v1")?.endOffset,
    );
    expect(cuts.at(-1)).toBe(1);
  });

  it("refuses to resume other files, and a recording that does not follow the one in the log", async () => {
    const log = newLog();
    await playRecording({ log, ...(await recordingOf([bar("ACME", 10)])) });
    const changed = await recordingOf([bar("ACME", 11)]);
    await expect(playRecording({ log, ...changed })).rejects.toMatchObject({
      code: "recording.changed",
    });
    const earlier = await recordingOf([bar("ACME", 5)], { name: "earlier" });
    await expect(playRecording({ log, ...earlier })).rejects.toMatchObject({
      code: "recording.other-in-log",
    });
    const later = await recordingOf([bar("ACME", 30)], { name: "later" });
    expect((await playRecording({ log, ...later })).isDone).toBe(true);
  });

  it("refuses a log in which a scheduler has written time", async () => {
    const log = newLog();
    const happenedAt = Date.UTC(2025, 8, 3, 14);
    const value = { happenedAt, cuts: [], discovery: true, source: "scheduler" };
    const tick = { topic: "ops.clock.v1", key: null, value: encodeEvent("ops.clock.v1", value) };
    const identity = { id: uuidOf("tick"), source: "/test", happenedAt };
    const headers = eventHeaders({ ...identity, topic: "ops.clock.v1" });
    await log.commit({ appends: [{ ...tick, partition: 0, headers }] });
    const played = await recordingOf([bar("ACME", 10)]);
    await expect(playRecording({ log, ...played })).rejects.toMatchObject({
      code: "recording.live-log",
    });
    expect(await records(log, "market.price-tick.v1", 0)).toEqual([]);
  });

  it("covers what another writer has put between its facts, and its own facts as before", async () => {
    const played = await recordingOf(Array.from({ length: 9 }, (_, minute) => bar("ACME", minute)));
    const log = createMemoryLog(systemLayout(1), () => 0);
    const foreign = {
      topic: "market.price-tick.v1",
      key: "ACME",
      value: new Uint8Array(),
      headers: {},
    };
    const play = playRecording({
      log,
      ...played,
      chunkRecords: 8,
      onProgress: () => void log.commit({ appends: [foreign] }),
    });
    expect((await play).isDone).toBe(true);
    const ends = (await ticksOf(log)).map(
      ({ cuts }) => cuts.find(({ topic }) => topic === foreign.topic)?.endOffset,
    );
    // Five facts and the ticks of the first four fill a chunk; the other record follows it.
    expect(ends).toEqual([1, 2, 3, 4, 5, 7, 8, 9, 10]);
  });

  it("fences an older player", async () => {
    const played = await recordingOf(Array.from({ length: 9 }, (_, minute) => bar("ACME", minute)));
    const log = newLog();
    const play = playRecording({
      log,
      ...played,
      chunkRecords: 8,
      onProgress: () => void log.acquire("ingest-recordings", 0),
    });
    await expect(play).rejects.toMatchObject({ code: "log.fenced" });
  });

  it("plays the built-in case: warm-up without slots, then five slots of the first hour", async () => {
    const manifest: RecordingManifest = await recording("built-in");
    const log = newLog();
    const result = await playRecording({ log, manifest, dataRoot: RECORDINGS });
    expect(result).toMatchObject({ facts: 382, rejected: 0, isDone: true });
    expect(result.description.symbols).toEqual(["GME", "IBM", "SPY"]);
    const evaluated = (await ticksOf(log)).filter(({ discovery }) => discovery);
    expect(time(evaluated[0]?.happenedAt ?? 0)).toBe("09:30:00");
    expect(time(evaluated.at(-1)?.happenedAt ?? 0)).toBe("10:30:00");
    expect(evaluated).toHaveLength(61);
  });
});
