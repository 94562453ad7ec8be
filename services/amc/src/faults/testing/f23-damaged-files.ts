import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import {
  bytesOf,
  type Damage,
  DamageableLog,
  flippedBit,
  isHandled,
  LOG_FILES,
  type LogFile,
} from "@amc/platform/log/testing/damaged-log";
import { seededRandom } from "@amc/replay/seeded-random";
import type { Fault, FaultOutcome, FaultScope } from "./fault.ts";

/** Of so many strikes one cuts a file short and one fills its tail with zeros; the others flip a bit. */
const CUT_EVERY = 20;

export const DAMAGED_FILES: Fault = {
  id: "F23",
  title:
    "one bit flipped, files cut short or ended with zeros, of logs that were killed and closed",
  invariant: "each is reported with its path, or the log shows exactly what it did before",
  control: "the store read by SQLite alone, without our checksums",
  strikes: { full: 10_000, reduced: 400, control: 200 },
  run,
};

async function run({ build, seed, strikes, onStrike }: FaultScope): Promise<FaultOutcome> {
  const random = seededRandom(seed);
  const parent = mkdtempSync(join(tmpdir(), "amc-faults-"));
  const violations: string[] = [];
  const counts: Record<string, number> = {};
  try {
    const log = await DamageableLog.make(parent, build === "sound" ? undefined : readUnchecked);
    for (let struck = 0; struck < strikes; struck += 1) {
      const files = struck % 2 === 0 ? log.killed : log.closed;
      const { damage, where } = damageTo(files, struck, random);
      const outcome = await log.outcomeOf(files, damage);
      counts[outcome] = (counts[outcome] ?? 0) + 1;
      if (!isHandled(outcome)) violations.push(`${where}: ${outcome}`);
      onStrike(struck + 1);
    }
  } finally {
    rmSync(parent, { recursive: true });
  }
  return { strikes, counts, violations };
}

function damageTo(
  files: ReadonlyMap<LogFile, Buffer>,
  struck: number,
  random: () => number,
): { readonly damage: Damage; readonly where: string } {
  const names = LOG_FILES.filter((name) => files.has(name));
  const name = names[Math.floor(random() * names.length)] ?? "log.sqlite";
  if (struck % CUT_EVERY > 1) return flippedBit(files, name, random);
  const at = Math.floor(random() * bytesOf(files, name).length);
  if (struck % (2 * CUT_EVERY) <= 1) {
    return {
      where: `${name} cut at ${at}`,
      damage: (copies) => void copies.set(name, bytesOf(copies, name).subarray(0, at)),
    };
  }
  return {
    where: `${name} zeros from ${at}`,
    damage: (copies) => void bytesOf(copies, name).fill(0, at),
  };
}

/** The broken build: all rows of all tables, as SQLite gives them. */
async function readUnchecked(directory: string): Promise<string> {
  const db = new DatabaseSync(join(directory, "log.sqlite"));
  try {
    const hash = createHash("sha256");
    const tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name");
    for (const { name } of tables.all()) {
      for (const row of db.prepare(`SELECT * FROM "${String(name)}"`).iterate()) {
        for (const value of Object.values(row)) {
          hash.update(value instanceof Uint8Array ? value : String(value));
        }
      }
    }
    return hash.digest("hex");
  } finally {
    db.close();
  }
}
