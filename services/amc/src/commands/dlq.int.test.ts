import { recordBytes } from "@amc/platform/log/commit-check";
import { type Append, type Log, type LogRecord, MAX_RECORD_BYTES } from "@amc/platform/log/port";
import { deadLetter } from "@amc/platform/runtime/dead-letter";
import { recordsOf } from "@amc/replay/log-digests";
import { decodeEvent, encodeEvent } from "@amc/schemas/codec";
import type { PriceTick } from "@amc/schemas/generated/events";
import { eventHeaders } from "@amc/schemas/headers";
import { uuidOf } from "@amc/streams/kernel/ids";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type CommandResult, jsonLines, runCommand } from "../testing/run-command.ts";
import { openTestLog, processAll, TestDirectory } from "../testing/simulated-system.ts";

const TOPIC = "market.price-tick.v1";
const START_MS = Date.parse("2025-03-14T14:00:00Z");

let directory: TestDirectory;
beforeEach(() => {
  directory = new TestDirectory();
});
afterEach(() => directory.dispose());

const dlq = (...words: string[]): Promise<CommandResult> =>
  runCommand(["dlq", ...words, "--data-dir", directory.path]);

const causesIn = (listed: CommandResult) =>
  jsonLines(listed).filter(({ type }) => type === "dead-letters");

async function withLog<Result>(work: (log: Log) => Promise<Result>): Promise<Result> {
  const log = await openTestLog(directory.path);
  try {
    return await work(log);
  } finally {
    await log.close();
  }
}

function priceTick(minute: number): Append {
  const happenedAt = START_MS + minute * 60_000;
  const value: PriceTick = {
    ...{ symbol: "AAA", happenedAt, publishedAt: happenedAt, capturedAt: happenedAt },
    ...{ source: "simulated", confidence: 0.95, stale: false, providerLatencyMs: null },
    ...{ simulated: true, kind: "BAR", intervalMs: 60_000, volumeScope: "CONSOLIDATED" },
    ...{ open: 10, high: 11, low: 9, close: 10 + minute / 100, volume: 1_000 },
    ...{ vwap: null, tradeCount: null, bid: null, ask: null, auction: false },
  };
  const id = uuidOf(`dlq-test/${minute}`);
  return {
    topic: TOPIC,
    partition: 1,
    key: "AAA",
    value: encodeEvent(TOPIC, value),
    headers: eventHeaders({ id, source: "/amc/test", topic: TOPIC, happenedAt }),
  };
}

/** Appends a tick to both partitions that covers everything the topic holds by now. */
async function tick(log: Log, happenedAt: number): Promise<void> {
  for (const partition of [0, 1]) {
    const cuts = [{ topic: TOPIC, endOffset: await log.endOffset(TOPIC, partition) }];
    const id = uuidOf(`dlq-test/tick/${happenedAt}/${partition}`);
    const topic = "ops.clock.v1";
    const value = encodeEvent(topic, { happenedAt, cuts, discovery: true, source: "test" });
    const headers = eventHeaders({ id, source: "/amc/test", topic, happenedAt });
    await log.commit({ appends: [{ topic, partition, key: null, value, headers }] });
  }
}

/** Dead letters of records at these offsets, as an older version left them that could not read them. */
function refusedBefore(minutes: readonly number[], code = "envelope.unknown-schema"): Append[] {
  return minutes.map((minute) => {
    const record: LogRecord = {
      ...priceTick(minute),
      partition: 1,
      offset: minute,
      appendedAtMs: 0,
    };
    return deadLetter(record, { stage: "signals", code, reason: "schema 77 is not known" });
  });
}

async function valuesOf(log: Log, topic: string): Promise<LogRecord[]> {
  const records: LogRecord[] = [];
  for await (const record of recordsOf(log, topic)) records.push(record);
  return records;
}

describe("amc dlq list and show", () => {
  it("groups real refusals by cause and shows the bytes of one as they came", async () => {
    const poison = Uint8Array.from([0, 0, 0, 0, 99, 1, 2, 3]);
    await withLog(async (log) => {
      const good = priceTick(0);
      const appends = [good, { ...good, value: poison }, { ...good, value: Uint8Array.of(7) }];
      await log.commit({ appends: [...appends, { ...good, value: poison }] });
      await tick(log, START_MS);
      await processAll(log);
    });
    const listed = await dlq("list", "--json");
    expect(listed.exitCode, listed.stderr).toBe(0);
    expect(
      causesIn(listed).map(({ topic, code, stage, count }) => [topic, code, stage, count]),
    ).toEqual([
      [TOPIC, "envelope.unknown-schema", "signals", 2],
      [TOPIC, "envelope.too-short", "signals", 1],
    ]);
    expect(jsonLines(listed).at(-1)).toEqual({ type: "total", causes: 2, total: 3, redriven: 0 });
    const shown = jsonLines(await dlq("show", TOPIC, "1", "0", "--json"))[0];
    expect(shown?.valueHex).toBe("0000000063010203");
    expect(shown?.headers).toMatchObject({
      "dlq-offset": "1",
      "dlq-code": "envelope.unknown-schema",
    });
    const text = await dlq("show", TOPIC, "1", "0");
    expect(text.stdout).toMatch(/^00000000 {2}00 00 00 00 63 01 02 03 +\.\.\.\.c\.\.\.$/m);
  });

  it("lists nothing where nothing was refused, and names the offsets there are", async () => {
    await withLog(async (log) => log.commit({ appends: [priceTick(0)] }));
    expect((await dlq("list")).stdout).toBe("No dead letters.\n");
    expect(jsonLines(await dlq("list", "--json"))).toEqual([
      { type: "total", causes: 0, total: 0, redriven: 0 },
    ]);
    const { exitCode, stderr } = await dlq("show", TOPIC, "1", "5");
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`${TOPIC}.dlq/1 holds nothing`);
  });
});

describe("amc dlq redrive", () => {
  const redrive = (...words: string[]) => dlq("redrive", "--topic", TOPIC, ...words);

  it("counts and refuses without --yes, and appends nothing", async () => {
    await withLog((log) => log.commit({ appends: refusedBefore([0, 1, 2]) }));
    const refused = await redrive();
    expect(refused.exitCode).toBe(64);
    expect(refused.stdout).toContain("3 can be read now and would be appended again");
    expect(refused.stderr).toContain("nothing was changed: give --yes");
    const dryRun = await redrive("--dry-run", "--json");
    expect(dryRun.exitCode).toBe(0);
    expect(jsonLines(dryRun)).toMatchObject([{ type: "redrive", done: false, redrivable: 3 }]);
    expect(await withLog((log) => log.endOffset(TOPIC, 1))).toBe(0);
  });

  it("appends what can be read once, however often it runs and whoever refused it", async () => {
    await withLog(async (log) => {
      const twice = refusedBefore([0]).map((letter) => ({
        ...letter,
        headers: { ...letter.headers, "dlq-stage": "another" },
      }));
      await log.commit({ appends: [...refusedBefore([0, 1, 2]), ...twice] });
    });
    const first = await redrive("--yes", "--json");
    expect(first.exitCode, first.stderr).toBe(0);
    expect(jsonLines(first)).toMatchObject([
      { done: true, total: 4, redrivable: 3, alreadyRedriven: 1 },
    ]);
    const second = await redrive("--yes", "--json");
    expect(jsonLines(second)).toMatchObject([{ redrivable: 0, alreadyRedriven: 4 }]);
    const records = await withLog((log) => valuesOf(log, TOPIC));
    expect(records.map(({ headers }) => headers.ce_id)).toEqual(
      [0, 1, 2].map((minute) => uuidOf(`dlq-test/${minute}`)),
    );
    for (const { partition, headers } of records) {
      expect(partition).toBe(1);
      expect(Object.keys(headers).filter((name) => name.startsWith("dlq-"))).toEqual([
        "dlq-attempt",
      ]);
      expect(headers["dlq-attempt"]).toBe("1");
    }
    const causes = causesIn(await dlq("list", "--json"));
    expect(causes.map(({ count, redriven }) => [count, redriven])).toEqual([
      [3, 3],
      [1, 1],
    ]);
  });

  it("brings a redriven fact to the stages with the next tick, just once", async () => {
    await withLog(async (log) => {
      await log.commit({ appends: [priceTick(0), ...refusedBefore([1])] });
      await tick(log, START_MS + 60_000);
      await processAll(log);
    });
    expect((await redrive("--yes")).exitCode).toBe(0);
    expect((await redrive("--yes")).exitCode).toBe(0);
    const features = await withLog(async (log) => {
      await tick(log, START_MS + 120_000);
      await processAll(log);
      return valuesOf(log, "signals.features.v1");
    });
    const volumes = features.map(({ value }) => {
      const decoded = value === null ? null : decodeEvent("signals.features.v1", value);
      return decoded?.ok === true ? decoded.value.sessionVolume : undefined;
    });
    expect(volumes).toEqual([1_000, 2_000]);
  });

  it("appends all of a record whose letter was cut, from where it lies, or says that it is gone", async () => {
    const good = priceTick(1);
    const wide = { ...good, headers: { ...good.headers, wide: "" } };
    const room = MAX_RECORD_BYTES - recordBytes(wide) - 50;
    const large = { ...wide, headers: { ...wide.headers, wide: "x".repeat(room) } };
    await withLog(async (log) => {
      await log.commit({ appends: [large, large] });
      const records = await valuesOf(log, TOPIC);
      const refusal = { stage: "signals", code: "envelope.unknown-schema", reason: "not known" };
      await log.commit({ appends: records.map((record) => deadLetter(record, refusal)) });
      await log.truncateBefore(TOPIC, 1, 1);
    });
    expect(jsonLines(await redrive("--yes", "--json"))).toMatchObject([
      { total: 2, redrivable: 1, stillRefused: { "record.gone": 1 } },
    ]);
    const [lying, redriven] = await withLog((log) => valuesOf(log, TOPIC));
    expect(redriven?.headers).toEqual({ ...lying?.headers, "dlq-attempt": "1" });
    expect(redriven?.value).toEqual(lying?.value);
  });

  it("leaves what cannot be read still, what a stage decided, and what only a rebuild mends", async () => {
    await withLog(async (log) => {
      const [letter] = refusedBefore([4]);
      if (letter === undefined) throw new RangeError("no dead letter was made");
      const projected = { ...letter.headers, "dlq-stage": "projector.signals", "dlq-offset": "5" };
      const row = {
        "dlq-topic": TOPIC,
        "dlq-stage": "ingest-recordings",
        "dlq-code": "row.number",
      };
      await log.commit({
        appends: [
          { ...letter, value: Uint8Array.of(0, 0, 0, 0, 99) },
          ...refusedBefore([6], "id.conflict"),
          { ...letter, headers: projected },
          { ...letter, headers: row, value: Buffer.from("2021-01-13,abc") },
        ],
      });
    });
    expect(jsonLines(await redrive("--yes", "--json"))).toMatchObject([
      {
        ...{ total: 4, redrivable: 0, ofProjections: 1, rowsOfFiles: 1 },
        stillRefused: { "envelope.unknown-schema": 1 },
        decided: { "id.conflict": 1 },
      },
    ]);
    expect(await withLog((log) => log.endOffset(TOPIC, 1))).toBe(0);
    const named = await redrive("--code", "id.conflict", "--yes", "--json");
    expect(jsonLines(named)).toMatchObject([{ total: 1, redrivable: 1 }]);
  });

  it("says what to stop while another process writes, and counts beside it", async () => {
    await withLog(async (log) => {
      await log.commit({ appends: refusedBefore([0]) });
      const refused = await redrive("--yes");
      expect(refused.exitCode).toBe(69);
      expect(refused.stderr).toBe(
        `amc: process ${process.pid} writes to ${directory.path}: stop it (Ctrl-C at npm start), then run this again\n`,
      );
      expect((await redrive("--dry-run")).stdout).toContain("1 can be read now");
    });
  });
});
