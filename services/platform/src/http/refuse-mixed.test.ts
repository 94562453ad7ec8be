import { TOPIC_NAMES } from "@amc/schemas/topics";
import { barFact } from "@amc/streams/facts/price-tick";
import type { Fact } from "@amc/streams/kernel/fact";
import { describe, expect, it } from "vitest";
import { loadConfig } from "../config/load-config.ts";
import { appendFacts } from "../log/append-facts.ts";
import { createMemoryLog } from "../log/memory.ts";
import type { Log } from "../log/port.ts";
import { openProvider } from "./open-provider.ts";
import type { Provider } from "./provider-limits.ts";
import { refuseMixed, refuseMixedProviders } from "./refuse-mixed.ts";

const AT = Date.UTC(2025, 8, 5, 14);

function bar(symbol: string, simulated: boolean): Fact {
  const figures = {
    ...{ symbol, happenedAt: AT, publishedAt: AT, intervalMs: 60_000 },
    ...{ open: 10, high: 20, low: 5, close: 10, volume: 1, vwap: null, tradeCount: null },
    volumeScope: "CONSOLIDATED",
  } as const;
  return barFact(figures, { source: "yahoo", confidence: 0.85, simulated });
}

/** Some for each partition, more than are read at once. */
const SYMBOLS = Array.from({ length: 120 }, (_, index) => `S${index}`);

async function logOf(...facts: readonly Fact[]) {
  const layout = TOPIC_NAMES.map((topic) => ({ topic, partitions: 4 }));
  const log = createMemoryLog(layout, () => AT);
  await appendFacts(log, facts, "/amc/test");
  return log;
}

describe("a log of made-up facts", () => {
  it("takes none of the real provider, by whatever way it is opened, and none the other way round", async () => {
    for (const [isMocked, words] of [
      [true, "the log has real facts in market.price-tick.v1, and made-up ones of yahoo"],
      [false, "the log has made-up facts in market.price-tick.v1, and real ones of yahoo"],
    ] as const) {
      const log = await logOf(bar("GME", !isMocked));
      const opened = openProvider({
        ...{ provider: "yahoo", variables: loadConfig({}), log, source: "/amc/test" },
        ...{ baseUrls: [], simulated: isMocked },
      });
      await expect(opened).rejects.toMatchObject({
        code: "config.invalid",
        problems: [{ variable: "YAHOO_FINANCE_MOCK", message: expect.stringContaining(words) }],
      });
    }
  });

  it("takes more of its kind, and what others state of which it has nothing", async () => {
    const log = await logOf(bar("GME", true), bar("AMC", true));
    await expect(refuseMixed(log, "yahoo", true)).resolves.toBeUndefined();
    await expect(refuseMixed(log, "finra_short", false)).resolves.toBeUndefined();
    await expect(refuseMixed(await logOf(), "yahoo", false)).resolves.toBeUndefined();
  });

  /** What nobody can read, behind all that a partition has. */
  async function appendTorn(log: Log, records: number): Promise<void> {
    for (let partition = 0; partition < 4; partition += 1) {
      const torn = { topic: "market.price-tick.v1", key: "GME", partition, headers: {} };
      const appends = Array.from({ length: records }, () => torn);
      await log.commit({
        appends: appends.map((each) => ({ ...each, value: new Uint8Array([9]) })),
      });
    }
  }

  it.each([1, 40])(
    "is told by the newest record that can be read, before %i that cannot, in whichever partition",
    async (records) => {
      const log = await logOf(bar("GME", true));
      await appendTorn(log, records);
      await expect(refuseMixed(log, "polygon", false)).rejects.toMatchObject({
        problems: [{ variable: "MOCK_POLYGON_DATA_ENABLED" }],
      });
    },
  );

  it("is told by what lies before 40 offsets of which the log returns no record", async () => {
    const log = await logOf(...SYMBOLS.map((symbol) => bar(symbol, true)));
    await appendTorn(log, 40);
    const read = log.read.bind(log);
    log.read = async (topic, partition, offset, limits) => {
      const gap = (await log.endOffset(topic, partition)) - 40;
      const records = await read(topic, partition, offset, limits);
      return records.filter((record) => record.offset < gap);
    };
    await expect(refuseMixed(log, "polygon", false)).rejects.toThrow(/has made-up facts/);
    await expect(refuseMixed(log, "polygon", true)).resolves.toBeUndefined();
  });

  it("is told by its newest record, whatever it has of before", async () => {
    const older = SYMBOLS.map((symbol) => bar(symbol, false));
    const log = await logOf(...older, ...SYMBOLS.map((symbol) => bar(symbol, true)));
    await appendTorn(log, 40);
    await expect(refuseMixed(log, "polygon", true)).resolves.toBeUndefined();
  });
});

describe("providers that are asked side by side", () => {
  const mixed = (...mocked: readonly (readonly [Provider, boolean])[]) =>
    refuseMixedProviders(new Map(mocked));

  it("are refused when one topic would take a mock's answers and real ones", () => {
    expect(() => mixed(["yahoo", false], ["finra_short", true])).toThrow(
      /MOCK_FINRA_DATA_ENABLED: a mock of finra_short and the real yahoo both state short.interest.v1/,
    );
  });

  it("are taken when they state different things, or are of one kind", () => {
    expect(() => mixed(["yahoo", false], ["rss", true])).toThrow(/both state market.news.v1/);
    expect(() => mixed(["polygon", false], ["rss", true])).not.toThrow();
    expect(() => mixed(["yahoo", true], ["finra_short", true])).not.toThrow();
    expect(() => mixed(["yahoo", false], ["finra_short", false])).not.toThrow();
  });
});
