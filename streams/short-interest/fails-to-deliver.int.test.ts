import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { newYorkToUtc } from "../market/event-time.ts";
import {
  type FailsToDeliver,
  failsPublishedAt,
  hasPersistentFails,
  isSettlementDay,
} from "./fails-to-deliver.ts";

const DATA = process.env.AMC_DATA ?? "../shared/data";
const SYMBOLS = ["AAPL", "AMC", "BB", "BBBY", "EXPR", "KOSS", "NOK", "SPY", "TSLA", "XRT"];
const GME = path.join(DATA, "gme-2021/sec-ftd-GME.csv");
const absent = !existsSync(GME);

/** The first column is the date; some files name symbol and price too. */
function readFails(file: string): FailsToDeliver[] {
  const [header = "", ...lines] = readFileSync(file, "utf8").trim().split("\n");
  const quantityColumn = header.trim().split(",").indexOf("quantity");
  return lines.map((line) => {
    const cells = line.trim().split(",");
    return { settlementDate: cells[0] ?? "", quantity: Number(cells[quantityColumn]) };
  });
}

describe("recorded fails-to-deliver", () => {
  it.skipIf(absent)("lie on settlement days only, over eleven symbols (needs AMC_DATA)", () => {
    const files = SYMBOLS.map((symbol) => path.join(DATA, `short/sec_ftd_${symbol}.csv`));
    const dates = new Set([GME, ...files].flatMap(readFails).map((row) => row.settlementDate));
    expect(dates.size).toBeGreaterThan(4000);
    expect([...dates].filter((date) => !isSettlementDay(date))).toEqual([]);
  });

  it.skipIf(absent)("had raised GME's flag in public by 2021-01-13 (needs AMC_DATA)", () => {
    // NYSE's threshold list carried GME from December 2020 to early February 2021.
    const knownAt = (epochMs: number) =>
      readFails(GME).filter(
        ({ settlementDate }) =>
          settlementDate >= "2020-11-16" && failsPublishedAt(settlementDate) <= epochMs,
      );
    const outstanding = 69_747_000;
    const before = knownAt(newYorkToUtc("2020-12-31", "17:59"));
    const after = knownAt(newYorkToUtc("2021-01-13", "09:30"));
    expect(before.at(-1)?.settlementDate).toBe("2020-11-30");
    expect(hasPersistentFails(before, outstanding)).toBe(false);
    expect(after.at(-1)?.settlementDate).toBe("2020-12-15");
    expect(hasPersistentFails(after, outstanding)).toBe(true);
  });
});
