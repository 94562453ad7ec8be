import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { expectLogError } from "./contract/fixture.ts";
import { verifyFileLog } from "./file/verify.ts";
import { openFileLog } from "./file.ts";
import type { Log, TopicLayout } from "./port.ts";
import { startCommitting } from "./testing/child.ts";
import {
  faultsOf,
  INPUT,
  lastNumber,
  NUMBERED_LAYOUT,
  numberedCommit,
  OUTPUT,
  recordsIn,
  takeOver,
} from "./testing/numbered-commits.ts";

let parent = "";
let directory = "";

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), "amc-log-opening-"));
  directory = join(parent, "data", "log");
});

afterEach(() => rmSync(parent, { recursive: true }));

function open(layout: readonly TopicLayout[] = NUMBERED_LAYOUT): Promise<Log> {
  return openFileLog({ directory, layout, clock: Date.now });
}

/** A closed log of some commits. */
async function written(commits: number): Promise<void> {
  const log = await open();
  const lease = await takeOver(log);
  for (let number = 1; number <= commits; number++) await log.commit(numberedCommit(number, lease));
  await log.close();
}

function modeOf(path: string): number {
  return statSync(path).mode & 0o777;
}

describe("opening a file log", () => {
  it("makes a directory and files that only their owner can read", async () => {
    const log = await open();
    const lease = await takeOver(log);
    await log.commit(numberedCommit(1, lease));
    expect(modeOf(directory)).toBe(0o700);
    for (const name of readdirSync(directory)) expect(modeOf(join(directory, name))).toBe(0o600);
    await log.close();
  });

  it("refuses a second writer in the same process until the first has closed", async () => {
    const first = await open();
    await expectLogError(open(), "log.locked");
    await first.close();
    await (await open()).close();
  });

  it("refuses a second writer in another process, by its id, until that is killed", async () => {
    const child = startCommitting(directory, "sound");
    await child.acknowledged(1);
    await expect(open()).rejects.toMatchObject({
      code: "log.locked",
      facts: { pid: child.process.pid },
      message: expect.stringContaining(directory),
    });
    child.process.kill("SIGKILL");
    await child.ended;
    await (await open()).close();
  });

  it("finds the same bytes however often it is opened", async () => {
    await written(20);
    const digest = () =>
      createHash("sha256")
        .update(readFileSync(join(directory, "log.sqlite")))
        .digest("hex");
    const before = digest();
    for (let i = 0; i < 2; i++) {
      const log = await open();
      expect(await faultsOf(log, 20)).toEqual([]);
      await log.close();
      expect(digest()).toBe(before);
    }
  });

  it("refuses other partition counts and adds topics that are new", async () => {
    await written(3);
    await expectLogError(open([{ topic: INPUT, partitions: 3 }]), "log.format");
    const log = await open([...NUMBERED_LAYOUT, { topic: "ops.clock.v1", partitions: 1 }]);
    expect(await log.endOffset("ops.clock.v1", 0)).toBe(0);
    await log.close();
    await expectLogError(open([{ topic: "ops.clock.v1", partitions: 2 }]), "log.format");
    const again = await open([{ topic: INPUT, partitions: 2 }]);
    expect(again.topics()).toEqual([{ topic: INPUT, partitions: 2 }]);
    await again.close();
    expect(verifyFileLog(directory).commits).toBeGreaterThan(3);
  });

  it("refuses a directory that holds something else, and leaves it alone", async () => {
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, "thesis.txt"), "years of work");
    await expect(open()).rejects.toMatchObject({
      code: "log.format",
      facts: { path: join(directory, "thesis.txt") },
    });
    expect(readdirSync(directory)).toEqual(["thesis.txt"]);
  });

  it("refuses a path that is a file", async () => {
    writeFileSync(join(parent, "data"), "a file");
    await expect(open()).rejects.toMatchObject({
      code: "log.cannot-open",
      facts: { path: directory },
    });
  });

  it("refuses a store that is no database, or somebody else's", async () => {
    await written(1);
    const store = join(directory, "log.sqlite");
    writeFileSync(store, "not a database at all, but long enough to look at".repeat(100));
    await expectLogError(open(), "log.format");
    rmSync(store);
    const foreign = new DatabaseSync(store);
    foreign.exec("CREATE TABLE accounts (id INTEGER)");
    foreign.close();
    await expect(open()).rejects.toMatchObject({ code: "log.format", facts: { path: store } });
  });

  it("refuses a format of the future and one it no longer reads, saying which", async () => {
    await written(1);
    const store = join(directory, "log.sqlite");
    for (const [version, advice] of [
      [7, "a newer version"],
      [0, "the version that wrote it"],
    ] as const) {
      const db = new DatabaseSync(store);
      db.exec(`PRAGMA user_version = ${version}`);
      db.close();
      await expect(open()).rejects.toMatchObject({
        code: "log.format",
        message: expect.stringContaining(advice),
        facts: { path: store, format: version, readable: 1 },
      });
    }
  });

  it("says what is missing when a file of the log is gone", async () => {
    await written(5);
    const mark = readFileSync(join(directory, "acknowledged"));
    rmSync(join(directory, "acknowledged"));
    await expect(open()).rejects.toMatchObject({
      code: "log.corrupt",
      message: expect.stringContaining("acknowledged"),
    });
    writeFileSync(join(directory, "acknowledged"), mark);
    rmSync(join(directory, "log.sqlite"));
    await expect(open()).rejects.toMatchObject({
      code: "log.corrupt",
      facts: { path: join(directory, "log.sqlite") },
    });
    expect(existsSync(join(directory, "log.sqlite"))).toBe(false);
  });

  it("starts over when it was killed while it made the store", async () => {
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, "acknowledged.new"), "half a mark");
    writeFileSync(join(directory, "log.sqlite.new"), "half a store");
    writeFileSync(join(directory, "log.sqlite.new-journal"), "half a journal");
    await written(2);
    expect(readdirSync(directory).sort()).toEqual(["acknowledged", "log.sqlite", "writer.lock"]);
    expect(verifyFileLog(directory).commits).toBeGreaterThan(2);
  });
});

describe("inspecting a file log", () => {
  it("shows another process's log while that writes it, and cannot write", async () => {
    const child = startCommitting(directory, "sound");
    await child.acknowledged(1);
    const log = await openFileLog({ directory, readOnly: true });
    const end = await log.endOffset(INPUT, 0);
    await log.waitFor(INPUT, 0, end + 20, new AbortController().signal);
    expect(await log.endOffset(INPUT, 0)).toBeGreaterThan(end + 20);
    expect(log.topics()).toEqual(NUMBERED_LAYOUT);
    expect(await lastNumber(log)).toBeGreaterThan(0);
    expect((await log.positions("numbered", 0))[0]?.next).toBeGreaterThan(0);
    await expectLogError(log.commit({ appends: [] }), "log.read-only");
    await expectLogError(log.acquire("numbered", 0), "log.read-only");
    await expectLogError(log.truncateBefore(INPUT, 0, 1), "log.read-only");
    child.process.kill("SIGKILL");
    await child.ended;
    expect(await faultsOf(log, 1)).toEqual([]);
    await log.close();
    await expectLogError(log.endOffset(INPUT, 0), "log.closed");
  });

  it("wakes its waiters by abort and by closing", async () => {
    await written(1);
    const log = await openFileLog({ directory, readOnly: true });
    const abort = new AbortController();
    const aborted = log.waitFor(INPUT, 0, 1_000, abort.signal);
    const closed = expectLogError(
      log.waitFor(INPUT, 0, 1_000, new AbortController().signal),
      "log.closed",
    );
    abort.abort();
    await aborted;
    await log.close();
    await closed;
  });

  it("does not make a log where there is none", async () => {
    await expectLogError(openFileLog({ directory, readOnly: true }), "log.cannot-open");
    expect(existsSync(directory)).toBe(false);
  });

  it("verifies everything beside the writer", async () => {
    const log = await open();
    const lease = await takeOver(log);
    for (let number = 1; number <= 30; number++) await log.commit(numberedCommit(number, lease));
    let records = 0;
    for (const topic of [INPUT, OUTPUT]) {
      for (const partition of [0, 1]) {
        for await (const _ of recordsIn(log, topic, partition)) records += 1;
      }
    }
    // One commit made the topics, one the lease.
    expect(verifyFileLog(directory)).toMatchObject({ commits: 32, records, stateKeys: 1 });
    await log.close();
  });
});

describe("retention in a file log", () => {
  it("gives the space of truncated batches back to later commits", async () => {
    const log = await open();
    const lease = await takeOver(log);
    for (let number = 1; number <= 600; number++) await log.commit(numberedCommit(number, lease));
    const before = verifyFileLog(directory);
    const end = await log.endOffset(INPUT, 0);
    await log.truncateBefore(INPUT, 0, end - 1);
    const after = verifyFileLog(directory);
    // All batches of the partition but the last: one for each commit.
    expect(before.batches - after.batches).toBe(599);
    expect(before.records - after.records).toBe(end - 1);
    await log.close();
  });

  it("splits a large commit into batches that are read in any step", async () => {
    const log = await open();
    const appends = Array.from({ length: 5_000 }, (_, i) => ({
      topic: INPUT,
      partition: 0,
      key: `K${i % 200}`,
      value: new Uint8Array(i % 400).fill(i % 256),
      headers: { ce_id: `${i}` },
    }));
    await log.commit({ appends });
    for (const maxRecords of [999, 1_000, 1_001, 10_000]) {
      const ids: string[] = [];
      for (let offset = 0; offset < 5_000; ) {
        const records = await log.read(INPUT, 0, offset, { maxRecords, maxBytes: 1 << 20 });
        ids.push(...records.map(({ headers }) => headers.ce_id ?? ""));
        offset += records.length;
      }
      expect(ids).toEqual(appends.map((_, i) => `${i}`));
    }
    expect(verifyFileLog(directory).batches).toBeGreaterThanOrEqual(5);
    await log.close();
  });
});
