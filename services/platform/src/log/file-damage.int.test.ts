import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isLogError } from "./errors.ts";
import { openFileLog } from "./file.ts";
import {
  bytesOf,
  COMMITS,
  DamageableLog,
  flippedBit,
  isHandled,
  LOG_FILES,
  type LogFile,
  REPORTED,
} from "./testing/damaged-log.ts";
import { faultsOf, NUMBERED_LAYOUT } from "./testing/numbered-commits.ts";

/** The full matrix asks for 10,000 (F23); 300 take some ten seconds. */
const FLIPS = Number(process.env.AMC_FLIPS ?? "300");

let parent = "";
let made: DamageableLog;

beforeAll(async () => {
  parent = mkdtempSync(join(tmpdir(), "amc-log-damage-"));
  made = await DamageableLog.make(parent);
});

afterAll(() => rmSync(parent, { recursive: true }));

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

describe("a damaged file log", () => {
  it.each(["killed", "closed"] as const)(
    `reports any of ${FLIPS / 2} flipped bits of a %s log or shows what was written`,
    async (end) => {
      const files = made[end];
      const random = randomOf(20_210_113);
      const outcomes = new Map<string, number>();
      const surprises: string[] = [];
      const names = LOG_FILES.filter((name) => files.has(name));
      for (let flip = 0; flip < FLIPS / 2; flip++) {
        const name = names[flip % names.length] ?? "log.sqlite";
        const { damage, where } = flippedBit(files, name, random);
        const outcome = await made.outcomeOf(files, damage);
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
        if (!isHandled(outcome)) surprises.push(`${where}: ${outcome}`);
      }
      expect(surprises).toEqual([]);
      // Were nothing ever reported, or everything, the flips would prove nothing.
      expect(outcomes.get("log.corrupt")).toBeGreaterThan(0);
      expect(outcomes.get("intact")).toBeGreaterThan(0);
    },
    600_000,
  );

  it.each([
    ["write-ahead log", "log.sqlite-wal", "killed"],
    ["store", "log.sqlite", "closed"],
  ] as const)(
    "reports a %s that was cut short, wherever, and never opens the rest",
    async (_, name, end) => {
      const files = made[end];
      const random = randomOf(7);
      for (let cut = 0; cut < 30; cut++) {
        const length = Math.floor(random() * bytesOf(files, name).length);
        const outcome = await made.outcomeOf(files, (copies) => {
          copies.set(name, bytesOf(copies, name).subarray(0, length));
        });
        expect(REPORTED, `${name} cut at ${length}`).toContain(outcome);
      }
    },
    120_000,
  );

  it("reports zeros where acknowledged commits were", async () => {
    const zeroed = await made.outcomeOf(made.killed, (copies) => {
      const wal = bytesOf(copies, "log.sqlite-wal");
      wal.fill(0, Math.floor(wal.length / 2));
    });
    expect(zeroed).toBe("log.corrupt");
    const without = await made.outcomeOf(made.killed, (copies) => {
      copies.delete("log.sqlite-wal");
    });
    expect(without).toBe("log.corrupt");
  });

  it("is told from an older copy of itself by what was acknowledged since", async () => {
    const rolledBack = await made.outcomeOf(made.older, (copies) => {
      copies.set("acknowledged", bytesOf(made.closed, "acknowledged"));
    });
    expect(rolledBack).toBe("log.corrupt");
    // The control of this suite: a log that is whole, but another one, must not pass for intact.
    expect(await made.outcomeOf(made.older, () => undefined)).toBe("opened with other contents");
    expect(await made.outcomeOf(made.closed, () => undefined)).toBe("intact");
  });

  it("cuts a torn tail that was never acknowledged", async () => {
    const random = randomOf(11);
    for (const bytes of [1, 23, 24, 500, 8_216, 40_000]) {
      const tail = Buffer.from(Array.from({ length: bytes }, () => Math.floor(random() * 256)));
      const torn = await made.outcomeOf(made.killed, (copies) => {
        copies.set("log.sqlite-wal", Buffer.concat([bytesOf(copies, "log.sqlite-wal"), tail]));
      });
      expect(torn).toBe("intact");
    }
  });

  it("is left as it was found when it is refused", async () => {
    const before = new Map<LogFile, Buffer>();
    const outcome = await made.outcomeOf(made.killed, (copies) => {
      bytesOf(copies, "log.sqlite-wal").fill(0xff, 100_000, 100_008);
      for (const [name, bytes] of copies) before.set(name, bytes);
    });
    expect(outcome).toBe("log.corrupt");
    for (const [name, bytes] of before) {
      expect(readFileSync(join(made.directory, name)).equals(bytes)).toBe(true);
    }
  });

  it("names topic, partition and offset of a damaged record, and reads the others", async () => {
    const directory = join(parent, "one-record");
    mkdirSync(directory);
    for (const [name, bytes] of made.closed) writeFileSync(join(directory, name), bytes);
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
