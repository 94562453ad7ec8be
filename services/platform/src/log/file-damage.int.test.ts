import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isLogError, type LogErrorCode } from "./errors.ts";
import { verifyFileLog } from "./file/verify.ts";
import { openFileLog } from "./file.ts";
import type { Log } from "./port.ts";
import {
  faultsOf,
  NUMBERED_LAYOUT,
  numberedCommit,
  recordsIn,
  takeOver,
} from "./testing/numbered-commits.ts";

/** The full matrix asks for 10,000 (F23); 300 take some ten seconds. */
const FLIPS = Number(process.env.AMC_FLIPS ?? "300");
const COMMITS = 100;
const FILES = ["log.sqlite", "log.sqlite-wal", "acknowledged"] as const;
const REPORTED: readonly LogErrorCode[] = ["log.corrupt", "log.format", "log.cannot-open"];

type FileName = (typeof FILES)[number];
type Damage = (files: Map<FileName, Buffer>) => void;

let parent = "";
/** Files of a log as kill -9 leaves them: half of the commits still in the write-ahead log. */
const killed = new Map<FileName, Buffer>();
/** Files of the same log after half of the commits, closed in order. */
const older = new Map<FileName, Buffer>();
/** Files of the same log closed in order. */
const closed = new Map<FileName, Buffer>();
let contents = "";

beforeAll(async () => {
  parent = mkdtempSync(join(tmpdir(), "amc-log-damage-"));
  const directory = join(parent, "original");
  const options = { directory, layout: NUMBERED_LAYOUT, clock: () => 1_610_548_200_000 };
  let log = await openFileLog(options);
  await commitNumbered(log, 1, COMMITS / 2);
  await log.close();
  takeFiles(directory, older);
  log = await openFileLog(options);
  await commitNumbered(log, COMMITS / 2 + 1, COMMITS);
  takeFiles(directory, killed);
  await log.close();
  takeFiles(directory, closed);
  contents = await digestOf(directory);
});

afterAll(() => rmSync(parent, { recursive: true }));

async function commitNumbered(log: Log, first: number, last: number): Promise<void> {
  const lease = await takeOver(log);
  for (let number = first; number <= last; number++) {
    await log.commit(numberedCommit(number, lease));
  }
}

function takeFiles(directory: string, into: Map<FileName, Buffer>): void {
  for (const name of FILES) {
    const path = join(directory, name);
    if (existsSync(path)) into.set(name, readFileSync(path));
  }
}

/** Everything a log shows, in one digest. */
async function digestOf(directory: string): Promise<string> {
  const log = await openFileLog({ directory, layout: NUMBERED_LAYOUT, clock: Date.now });
  try {
    const hash = createHash("sha256");
    const say = (...parts: readonly (string | number)[]) => hash.update(`${parts.join(" ")}\n`);
    for (const { topic, partitions } of log.topics()) {
      for (let partition = 0; partition < partitions; partition++) {
        for await (const { offset, key, value, headers, appendedAtMs } of recordsIn(
          log,
          topic,
          partition,
        )) {
          say(topic, partition, offset, String(key), JSON.stringify(headers), appendedAtMs);
          hash.update(value ?? "null");
        }
      }
    }
    for (const { topic, partition, next } of await log.positions("numbered", 0)) {
      say(topic, partition, next);
    }
    for await (const { store, key, value } of log.state("numbered", 0)) {
      say(store, key, Buffer.from(value ?? []).toString("hex"));
    }
    return hash.digest("hex");
  } finally {
    await log.close();
  }
}

/**
 * Damages a copy of a log and opens it. The outcome is `intact` when it shows exactly what it did
 * before, the code when the damage was reported with a path, and anything else in words.
 */
async function outcomeOf(files: ReadonlyMap<FileName, Buffer>, damage: Damage): Promise<string> {
  const directory = join(parent, "damaged");
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory);
  const copies = new Map(Array.from(files, ([name, bytes]) => [name, Buffer.from(bytes)]));
  damage(copies);
  for (const [name, bytes] of copies) writeFileSync(join(directory, name), bytes);
  try {
    const digest = await digestOf(directory);
    verifyFileLog(directory);
    return digest === contents ? "intact" : "opened with other contents";
  } catch (error) {
    if (!isLogError(error) || !REPORTED.includes(error.code)) return `threw ${String(error)}`;
    return error.facts.path?.startsWith(directory) ? error.code : "reported without its path";
  }
}

/** A small generator with a fixed seed (mulberry32), so that a failure can be repeated. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function bytesOf(files: Map<FileName, Buffer>, name: FileName): Buffer {
  const bytes = files.get(name);
  if (bytes === undefined) throw new Error(`the log has no file ${name}`);
  return bytes;
}

describe("a damaged file log", () => {
  it.each([
    ["killed", killed],
    ["closed", closed],
  ] as const)(
    `reports any of ${FLIPS / 2} flipped bits of a %s log or shows what was written`,
    async (_, files) => {
      const random = randomOf(20_210_113);
      const outcomes = new Map<string, number>();
      const surprises: string[] = [];
      const names = FILES.filter((name) => files.has(name));
      for (let flip = 0; flip < FLIPS / 2; flip++) {
        const name = names[flip % names.length] ?? "log.sqlite";
        const at = Math.floor(random() * bytesOf(files, name).length);
        const bit = Math.floor(random() * 8);
        const outcome = await outcomeOf(files, (copies) => {
          const bytes = bytesOf(copies, name);
          bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
        });
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
        if (outcome !== "intact" && !REPORTED.some((code) => code === outcome)) {
          surprises.push(`${name} byte ${at} bit ${bit}: ${outcome}`);
        }
      }
      expect(surprises).toEqual([]);
      // Were nothing ever reported, or everything, the flips would prove nothing.
      expect(outcomes.get("log.corrupt")).toBeGreaterThan(0);
      expect(outcomes.get("intact")).toBeGreaterThan(0);
    },
    600_000,
  );

  it.each([
    ["write-ahead log", "log.sqlite-wal", killed],
    ["store", "log.sqlite", closed],
  ] as const)(
    "reports a %s that was cut short, wherever, and never opens the rest",
    async (_, name, files) => {
      const random = randomOf(7);
      for (let cut = 0; cut < 30; cut++) {
        const length = Math.floor(random() * bytesOf(files, name).length);
        const outcome = await outcomeOf(files, (copies) => {
          copies.set(name, bytesOf(copies, name).subarray(0, length));
        });
        expect(REPORTED, `${name} cut at ${length}`).toContain(outcome);
      }
    },
    120_000,
  );

  it("reports zeros where acknowledged commits were", async () => {
    const zeroed = await outcomeOf(killed, (copies) => {
      const wal = bytesOf(copies, "log.sqlite-wal");
      wal.fill(0, Math.floor(wal.length / 2));
    });
    expect(zeroed).toBe("log.corrupt");
    const without = await outcomeOf(killed, (copies) => {
      copies.delete("log.sqlite-wal");
    });
    expect(without).toBe("log.corrupt");
  });

  it("is told from an older copy of itself by what was acknowledged since", async () => {
    const rolledBack = await outcomeOf(older, (copies) => {
      copies.set("acknowledged", bytesOf(closed, "acknowledged"));
    });
    expect(rolledBack).toBe("log.corrupt");
    // The control of this suite: a log that is whole, but another one, must not pass for intact.
    expect(await outcomeOf(older, () => undefined)).toBe("opened with other contents");
    expect(await outcomeOf(closed, () => undefined)).toBe("intact");
  });

  it("cuts a torn tail that was never acknowledged", async () => {
    const random = randomOf(11);
    for (const bytes of [1, 23, 24, 500, 8_216, 40_000]) {
      const tail = Buffer.from(Array.from({ length: bytes }, () => Math.floor(random() * 256)));
      const torn = await outcomeOf(killed, (copies) => {
        copies.set("log.sqlite-wal", Buffer.concat([bytesOf(copies, "log.sqlite-wal"), tail]));
      });
      expect(torn).toBe("intact");
    }
  });

  it("is left as it was found when it is refused", async () => {
    const directory = join(parent, "damaged");
    const before = new Map<FileName, Buffer>();
    const outcome = await outcomeOf(killed, (copies) => {
      bytesOf(copies, "log.sqlite-wal").fill(0xff, 100_000, 100_008);
      for (const [name, bytes] of copies) before.set(name, bytes);
    });
    expect(outcome).toBe("log.corrupt");
    for (const [name, bytes] of before) {
      expect(readFileSync(join(directory, name)).equals(bytes)).toBe(true);
    }
  });

  it("names topic, partition and offset of a damaged record, and reads the others", async () => {
    const directory = join(parent, "one-record");
    mkdirSync(directory);
    for (const [name, bytes] of closed) writeFileSync(join(directory, name), bytes);
    const store = join(directory, "log.sqlite");
    const bytes = readFileSync(store);
    // The values of commit 77 are filled with 77.
    const at = bytes.indexOf(Buffer.alloc(100, 77));
    bytes[at] = 78;
    writeFileSync(store, bytes);
    const log = await openFileLog({ directory, layout: NUMBERED_LAYOUT, clock: Date.now });
    const error: unknown = await faultsOf(log, COMMITS).catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      code: "log.corrupt",
      facts: { path: store, topic: expect.any(String), partition: expect.any(Number) },
    });
    if (!isLogError(error)) return;
    const { topic = "", partition = 0, offset = 0 } = error.facts;
    const before = await log.read(topic, partition, 0, { maxRecords: 10, maxBytes: 1 << 20 });
    expect(before.length).toBe(10);
    expect(offset).toBeGreaterThan(10);
    await log.close();
  });
});
