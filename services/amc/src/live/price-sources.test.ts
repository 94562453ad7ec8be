import { ProviderError } from "@amc/platform/http/provider-error";
import { createMemoryLog } from "@amc/platform/log/memory";
import { systemLayout } from "@amc/platform/runtime/layout";
import { barFact } from "@amc/streams/facts/price-tick";
import { DAY_MS, MINUTE_MS } from "@amc/streams/market/calendar-date";
import { newYorkToUtc } from "@amc/streams/market/event-time";
import { describe, expect, it } from "vitest";
import { KnownBars } from "./known-bars.ts";
import { marketDaysIn } from "./market-days.ts";
import { polygonMarket, yahooPrices } from "./price-sources.ts";
import { SourceAsker } from "./source-asker.ts";

/** A Friday before the market opens: the last completed day is Thursday. */
const NOW = newYorkToUtc("2025-09-05", "08:00");
const LAST = "2025-09-04";
const MARKET = { provider: "polygon", simulated: true };

/** A market that answers a bar a day, or as told; what was asked of it since the last look. */
function market() {
  const answers = new Map<string, "fails" | "is empty">();
  const asked: string[] = [];
  const polygon = {
    snapshot: async () => {
      asked.push("snapshot");
      return { facts: [], refused: [] };
    },
    marketDay: async (date: string) => {
      asked.push(date);
      if (answers.get(date) === "fails") throw new ProviderError("provider.timeout", "no");
      if (answers.get(date) === "is empty") return { facts: [], refused: [] };
      const happenedAt = newYorkToUtc(date, "16:00");
      const figures = {
        ...{ symbol: "XYZ", happenedAt, publishedAt: happenedAt, intervalMs: DAY_MS },
        ...{ open: 10, high: 20, low: 5, close: 10, volume: 1, vwap: null, tradeCount: null },
        volumeScope: "CONSOLIDATED",
      } as const;
      const stated = { source: "polygon", confidence: 0.98, simulated: true };
      return { facts: [barFact(figures, stated)], refused: [] };
    },
  };
  const log = createMemoryLog(systemLayout(1), () => NOW);
  const started = async () => {
    const source = polygonMarket(polygon, await marketDaysIn(log, MARKET));
    const known = await KnownBars.of(log, NOW, true);
    const teller = {
      ...{ unreachable: () => undefined, answersAgain: () => undefined, unknown: () => undefined },
    };
    const asker = new SourceAsker({ log, known, teller }, "polygon", "/amc/test");
    const ask = async (step: "history" | "sweep", nowMs = NOW) => {
      asked.length = 0;
      await asker.sweep(source[step](nowMs), new AbortController().signal);
      return [...asked];
    };
    return ask;
  };
  return { answers, started };
}

describe("the days of a whole market", () => {
  it("are asked for once, and after a restart only those that the log has not whole", async () => {
    const { answers, started } = market();
    answers.set("2025-08-01", "fails");
    const first = await (await started())("history");
    expect(first).toHaveLength(260);
    expect(first.at(-1)).toBe(LAST);
    answers.clear();
    expect(await (await started())("history")).toEqual(["2025-08-01"]);
    expect(await (await started())("history")).toEqual([]);
  });

  it("that had no answer, or an empty one, are asked for again behind the newest minute, not at once", async () => {
    const { answers, started } = market();
    const failing = ["2025-08-01", "2025-08-04", "2025-08-05", LAST];
    for (const date of failing) answers.set(date, date === LAST ? "is empty" : "fails");
    const ask = await started();
    await ask("history");
    expect(await ask("sweep", NOW + MINUTE_MS)).toEqual(["snapshot"]);
    answers.clear();
    expect(await ask("sweep", NOW + 15 * MINUTE_MS)).toEqual([
      "snapshot",
      ...[LAST, "2025-08-05", "2025-08-04"],
    ]);
    expect(await ask("sweep", NOW + 16 * MINUTE_MS)).toEqual(["snapshot", "2025-08-01"]);
    expect(await ask("sweep", NOW + 60 * MINUTE_MS)).toEqual(["snapshot"]);
  });

  it("are asked for when they are over", async () => {
    const { started } = market();
    const ask = await started();
    await ask("history");
    expect(await ask("sweep", newYorkToUtc("2025-09-05", "20:30"))).toEqual([
      "snapshot",
      "2025-09-05",
    ]);
  });
});

describe("the prices of symbols, chart by chart", () => {
  it("are asked for minutes first, which the slot waits for, and for missing days behind them", async () => {
    const asked: string[] = [];
    const chart = async (symbol: string, interval: string) => {
      asked.push(`${symbol} ${interval}`);
      return { facts: [], refused: [] };
    };
    const source = yahooPrices({ chart }, ["GME", "AMC"], new KnownBars());
    for (const { ask } of source.sweep(NOW)) await ask();
    expect(asked).toEqual(["GME 1m", "AMC 1m", "GME 1d", "AMC 1d"]);
  });
});
