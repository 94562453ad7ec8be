import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { dailyFileOf, readDailyFile } from "./daily-file.ts";

const REPOSITORY = resolve(import.meta.dirname, "../../../../..");
const DATA_ROOT = resolve(REPOSITORY, process.env.AMC_DATA ?? "../shared/data");
const FILE = resolve(DATA_ROOT, "short/finra-verbatim/CNMSshvol20260504.head.txt");

describe.skipIf(!existsSync(FILE))("FINRA's own daily file (needs AMC_DATA)", () => {
  it("becomes a fact per line, to the last digit", () => {
    const body = readFileSync(FILE);
    const at = Date.UTC(2026, 4, 5, 12);
    const provenance = { source: "finra", confidence: 0.9, simulated: false };
    const captured = { at, latencyMs: 10 };
    const rows = readDailyFile({ status: 200, body });
    const { facts, refused } = dailyFileOf(rows, "2026-05-04", { ...provenance, captured });
    expect(refused).toEqual([]);
    // An oracle of our own: the cells as the file has them.
    const lines = body.toString().trimEnd().split("\n").slice(1);
    const cells = lines.map((line) => line.split("|"));
    expect(facts.map(({ value }) => value)).toMatchObject(
      cells.map(([, symbol, short, exempt, total, facilities]) => ({
        ...{ symbol, facilities, shortVolume: Number(short), shortExemptVolume: Number(exempt) },
        totalVolume: Number(total),
      })),
    );
    expect(facts.length).toBeGreaterThan(5);
  });
});
