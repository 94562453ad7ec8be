import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isLogError } from "./errors.ts";
import { type CommittingMode, lastAcknowledged, startCommitting } from "./testing/child.ts";
import { canFailSyncs, FIRST_COMMITTED_SYNC, failSync } from "./testing/failed-sync.ts";
import {
  ACKNOWLEDGEMENTS_MAX,
  faultsIn,
  killWriter,
  lastCommit,
  openNumberedLog,
} from "./testing/killed-writer.ts";
import {
  faultsOf,
  INPUT,
  lastNumber,
  numberedCommit,
  takeOver,
} from "./testing/numbered-commits.ts";

/** The full matrix asks for 500 (F21); 30 take some ten seconds. */
const KILLS = Number(process.env.AMC_KILLS ?? "30");
const MOUNTABLE = process.getuid?.() === 0 && canMount();
const LIMITABLE = succeeds("prlimit", ["--version"]);
const TRACEABLE = canFailSyncs();

let parent = "";
let directory = "";

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), "amc-log-faults-"));
  directory = join(parent, "log");
});

afterEach(() => rmSync(parent, { recursive: true }));

/** Kills a committing process at some point, `kills` times; what was wrong after the last. */
async function killRepeatedly(mode: CommittingMode, kills: number): Promise<readonly string[]> {
  let faults: readonly string[] = [];
  for (let kill = 0; kill < kills && faults.length === 0; kill++) {
    faults = await killWriter(directory, mode, 1 + ((kill * 37) % ACKNOWLEDGEMENTS_MAX));
  }
  return faults;
}

describe("file log under kill -9", () => {
  it(`keeps every acknowledged commit, whole and in order, through ${KILLS} kills`, async () => {
    expect(await killRepeatedly("sound", KILLS)).toEqual([]);
    expect(await lastCommit(directory)).toBeGreaterThanOrEqual(KILLS);
  }, 600_000);

  it("is held to it by a checker that notices acknowledgements before the commit", async () => {
    const faults = await killRepeatedly("acknowledges-first", 40);
    expect(faults.join()).toMatch(/was acknowledged, state is/);
  }, 120_000);

  it("is held to it by a checker that notices outputs and state in two commits", async () => {
    const faults = await killRepeatedly("splits-commits", 40);
    expect(faults.join()).toMatch(/holds \d+\/0 of/);
  }, 120_000);
});

describe("file log on a failing disk", () => {
  it.skipIf(!MOUNTABLE).each([1_100, 1_400, 1_700, 2_000, 2_300])(
    "stops at a full disk of %i KiB, names the path, and goes on with space (needs root and mount)",
    async (kibibytes) => {
      const mount = join(parent, "tmpfs");
      mkdirSync(mount);
      execFileSync("mount", ["-t", "tmpfs", "-o", `size=${kibibytes}k`, "tmpfs", mount]);
      try {
        const acknowledged = await fill(join(mount, "log"));
        await expectUsableOrFull(join(mount, "log"));
        execFileSync("mount", ["-o", "remount,size=16m", mount]);
        const log = await openNumberedLog(join(mount, "log"));
        expect(await faultsOf(log, acknowledged)).toEqual([]);
        await log.commit(numberedCommit((await lastNumber(log)) + 1, await takeOver(log)));
        await log.close();
      } finally {
        execFileSync("umount", [mount]);
      }
    },
  );

  it.skipIf(!LIMITABLE)(
    "stops when a file may not grow, and keeps what it acknowledged (needs prlimit)",
    async () => {
      const child = startCommitting(directory, "sound", ["prlimit", "--fsize=1048576"]);
      await child.ended;
      expect(child.lines.slice(-2)).toEqual([
        `failed log.stopped ${join(directory, "log.sqlite")}`,
        "later log.stopped",
      ]);
      expect(await faultsIn(directory, lastAcknowledged(child.lines))).toEqual([]);
    },
  );

  it.skipIf(!TRACEABLE).each([
    ["log.sqlite-wal", FIRST_COMMITTED_SYNC],
    ["log.sqlite-wal", 5],
    ["log.sqlite-wal", 20],
    ["log.sqlite", 1],
  ] as const)(
    "acknowledges nothing after a failed fsync of %s, the %ith (needs strace)",
    async (file, failing) => {
      const { acknowledged, faults } = await failSync(directory, "sound", file, failing);
      expect(faults).toEqual([]);
      expect(acknowledged).toBeGreaterThan(0);
    },
    120_000,
  );
});

/** Commits until the disk is full; the number of the last acknowledged commit. */
async function fill(where: string): Promise<number> {
  const log = await openNumberedLog(where);
  const lease = await takeOver(log);
  const never = new AbortController().signal;
  const waiting = log.waitFor(INPUT, 0, 1_000_000, never).catch((error: unknown) => error);
  const path = join(where, "log.sqlite");
  for (let number = 1; ; number++) {
    try {
      await log.commit(numberedCommit(number, lease, 2_000));
    } catch (error) {
      expect(error).toMatchObject({ code: "log.disk-full", facts: { path } });
      await expect(log.commit(numberedCommit(number, lease))).rejects.toMatchObject({
        code: "log.stopped",
        cause: { code: "log.disk-full" },
      });
      await expect(log.acquire("other", 0)).rejects.toMatchObject({ code: "log.stopped" });
      expect(isLogError(await waiting, "log.stopped")).toBe(true);
      // What is committed stays readable.
      expect(await faultsOf(log, number - 1)).toEqual([]);
      await log.close();
      return number - 1;
    }
  }
}

/** A restart on the disk that is still full may work or say so, nothing else. */
async function expectUsableOrFull(where: string): Promise<void> {
  try {
    await (await openNumberedLog(where)).close();
  } catch (error) {
    expect(error).toMatchObject({
      code: "log.disk-full",
      facts: { path: expect.stringContaining(where) },
    });
  }
}

function canMount(): boolean {
  const probe = mkdtempSync(join(tmpdir(), "amc-mount-"));
  const mounted = succeeds("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", probe]);
  if (mounted) execFileSync("umount", [probe]);
  rmSync(probe, { recursive: true });
  return mounted;
}

function succeeds(program: string, args: readonly string[]): boolean {
  try {
    execFileSync(program, args, { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
