import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { PriceTick } from "@amc/schemas/generated/events";
import { describe, expect, it } from "vitest";
import {
  DATA_ROOT,
  eastern,
  HAS_DATA,
  manifestOf,
  RECORDINGS,
  readAll,
  recording,
  valuesOf,
} from "./testing/fixtures.ts";

const FIGURES = join(RECORDINGS, "built-in");
/** What the project may keep of other people's figures. */
const ROWS_MAX = 500;

async function builtIn(source: string): Promise<PriceTick[]> {
  const { facts } = await readAll(await recording("built-in"), RECORDINGS, source);
  return valuesOf(facts, "market.price-tick.v1");
}

function figures({ open, high, low, close, volume }: PriceTick): number[] {
  return [open, high, low, close, volume];
}

describe("the built-in case", () => {
  it("has at most 500 rows, each file naming its source", () => {
    let rows = 0;
    const readme = readFileSync(join(FIGURES, "README.md"), "utf8");
    for (const file of readdirSync(FIGURES).filter((name) => name.endsWith(".csv"))) {
      const lines = readFileSync(join(FIGURES, file), "utf8").trimEnd().split("\n");
      const comments = lines.filter((line) => line.startsWith("#"));
      expect(comments.join(" ")).toContain("Source: ");
      expect(readme).toContain(`\`${file}\``);
      rows += lines.length - comments.length - 1;
    }
    expect(rows).toBeGreaterThan(300);
    expect(rows).toBeLessThanOrEqual(ROWS_MAX);
  });

  it("is read without a single rejected or skipped row", async () => {
    const { rejected, skipped } = await readAll(await recording("built-in"), RECORDINGS);
    expect([rejected, skipped]).toEqual([[], {}]);
  });

  it("has GameStop's 105 sessions to 2021-01-12 and the first hour of the 13th", async () => {
    const daily = await builtIn("daily");
    const minutes = await builtIn("minutes");
    expect(daily).toHaveLength(105);
    expect(daily.at(-1)?.happenedAt).toBe(eastern("2021-01-12 20:00"));
    expect(minutes.map(({ happenedAt }) => happenedAt)).toEqual(
      Array.from({ length: 60 }, (_, minute) => eastern("2021-01-13 09:31") + minute * 60_000),
    );
  });

  it("knows of 2021-01-13 only what was public then", async () => {
    const { facts } = await readAll(await recording("built-in"), RECORDINGS);
    const lateness = facts.filter(({ value }) => value.publishedAt > eastern("2021-01-13 10:30"));
    expect(lateness).toEqual([]);
    expect(valuesOf(facts, "short.interest.v1")).toMatchObject([
      { settlementDate: "2020-12-31", publishedAt: eastern("2021-01-12 18:00") },
    ]);
    expect(valuesOf(facts, "market.reference.v1")).toMatchObject([
      { field: "SHARES_OUTSTANDING", value: 69_747_000, publishedAt: eastern("2020-12-09 04:00") },
    ]);
  });
});

describe.skipIf(!HAS_DATA)("the built-in figures (needs the recorded data: set AMC_DATA)", () => {
  it("are those of the recordings, rounded to cents", async () => {
    const { facts } = await readAll(await recording("gme-2021"), DATA_ROOT);
    const recorded = new Map(
      valuesOf(facts, "market.price-tick.v1").map((tick) => [
        `${tick.intervalMs}/${tick.happenedAt}`,
        tick,
      ]),
    );
    for (const tick of [...(await builtIn("daily")), ...(await builtIn("minutes"))]) {
      const original = recorded.get(`${tick.intervalMs}/${tick.happenedAt}`);
      const expected = original === undefined ? [] : figures(original);
      figures(tick).forEach((figure, index) => {
        expect(Math.abs(figure - (expected[index] ?? Number.NaN))).toBeLessThan(0.005001);
      });
    }
  });

  it("of the quiet symbols are those of LEAN", async () => {
    const manifest = manifestOf({
      sources: [
        {
          name: "daily",
          format: "lean-daily",
          path: "lean/equity-daily/*.zip",
          symbols: ["SPY", "IBM"],
          from: "2020-08-13",
          to: "2021-01-12",
        },
      ],
    });
    const { facts } = await readAll(manifest, DATA_ROOT);
    const recorded = valuesOf(facts, "market.price-tick.v1");
    const kept = await builtIn("quiet-daily");
    const key = (tick: PriceTick): string =>
      `${tick.symbol} ${tick.happenedAt} ${figures(tick).join(" ")}`;
    expect(kept.map(key).sort()).toEqual(recorded.map(key).sort());
    expect(kept).toHaveLength(210);
  });
});
