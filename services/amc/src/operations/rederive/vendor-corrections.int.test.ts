import type { BarRange } from "@amc/ingest-prices/providers/polygon/bars";
import { Polygon } from "@amc/ingest-prices/providers/polygon/polygon";
import { MockMarket } from "@amc/mock-providers/market/mock-market";
import type { MockProvider } from "@amc/mock-providers/mock-server";
import { mockPolygon } from "@amc/mock-providers/providers/polygon";
import { eventsOf } from "@amc/platform/http/testing/provider-under-test";
import { appendFacts } from "@amc/platform/log/append-facts";
import { createMemoryLog } from "@amc/platform/log/memory";
import type { Fact } from "@amc/streams/kernel/fact";
import { MINUTE_MS } from "@amc/streams/market/calendar-date";
import { newYorkToUtc } from "@amc/streams/market/event-time";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { KnownBars, PRICES } from "../../live/known-bars.ts";
import { SourceAsker } from "../../live/source-asker.ts";
import { comparedText } from "../../output/rederive-text.ts";
import { appendDifferences } from "./append-differences.ts";
import { compareWithLog } from "./fact-differences.ts";
import { EVERYTHING, KeepingSystem, SOURCE } from "./testing/keeping-system.ts";

const DAY = "2025-09-15";
const CORRECTED = 123_456_789;
const SILENT = {
  ...{ unreachable: () => undefined, answersAgain: () => undefined, unknown: () => undefined },
};

/** From `fromMs` on the volume of the first bar is another one. */
function correcting(mock: MockProvider, nowMs: () => number, fromMs: number): MockProvider {
  const answer: MockProvider["answer"] = (request) => {
    const next = mock.answer(request);
    if (nowMs() < fromMs) return next;
    return { ...next, body: next.body.replace(/"v":\d+/, `"v":${CORRECTED}`) };
  };
  return { ...mock, answer };
}

describe("a bar that its vendor has corrected since", () => {
  let system: KeepingSystem;
  let bars: number;
  /** As live asks: the same minutes twice, of which the second answer has the first one otherwise. */
  beforeEach(async () => {
    system = new KeepingSystem(newYorkToUtc(DAY, "10:00"));
    const { log, clock } = system;
    const correctedMs = clock.nowMs() + MINUTE_MS;
    const good = mockPolygon(new MockMarket(["GME"]), clock.nowMs);
    const { client, origin, close } = await system.open(
      "polygon",
      correcting(good, clock.nowMs, correctedMs),
    );
    const polygon = new Polygon({ client, baseUrl: origin, apiKey: "none" });
    const asker = new SourceAsker(
      { log, known: new KnownBars(), teller: SILENT },
      ...(["polygon", SOURCE] as const),
    );
    const range: BarRange = { symbol: "GME", intervalMs: MINUTE_MS, from: DAY, to: DAY };
    for (let times = 0; times < 2; times += 1) {
      const questions = [{ about: "GME", ask: () => polygon.bars(range) }];
      await asker.sweep(questions, new AbortController().signal);
      clock.advance(MINUTE_MS);
    }
    await close();
    bars = (await eventsOf(log, PRICES)).length;
  });
  afterEach(() => system.close());

  it("is told as such, differs from nothing, and is not appended", async () => {
    const { log, clock } = system;
    const { again, differences, counts } = await system.derived();
    expect(again.answersRead).toBe(2);
    await appendDifferences(log, differences, clock.nowMs());
    const logged = await eventsOf(log, PRICES);
    expect(logged).toHaveLength(bars);
    expect(logged.some(({ volume }) => volume === CORRECTED)).toBe(false);
    expect(differences).toEqual([]);
    const none = { new: 0, changed: 0, gone: 0 };
    expect(counts.get(PRICES)).toEqual({ ...none, same: bars, correctedSince: 1 });
    expect(comparedText({ differences, counts })).toBe(
      `${PRICES}: ${bars} the same, 0 changed, 0 new, 0 not made any more, 1 stated otherwise since, where the first one holds`,
    );
  });

  it("is told as such also where the answer that stated it first is not among those asked about", async () => {
    const fromMs = system.clock.nowMs() - MINUTE_MS;
    const { again, differences, counts } = await system.derived({ ...EVERYTHING, fromMs });
    expect(again.answersRead).toBe(1);
    expect(differences).toEqual([]);
    expect(counts.get(PRICES)?.correctedSince).toBe(1);
  });

  it("is called changed where the first answer does not say what the log has of it", async () => {
    const { again } = await system.derived();
    const mistaken = createMemoryLog(system.log.topics(), system.clock.nowMs);
    const [corrected] = [...again.facts.values()].filter(({ length }) => length === 2);
    const facts = [...again.facts.values()].flatMap(([first]): readonly Fact[] => {
      if (first?.topic !== PRICES) return [];
      const isCorrected = first.id === corrected?.[0]?.id;
      return isCorrected ? [{ ...first, value: { ...first.value, volume: 7 } }] : [first];
    });
    await appendFacts(mistaken, facts, SOURCE);
    const { differences } = await compareWithLog(mistaken, again);
    const volumes = differences.map(({ change, fields }) => [
      ...[change, fields.find(({ field }) => field === "volume")?.was],
    ]);
    expect(volumes).toEqual([
      ["changed", 7],
      ["changed", 7],
    ]);
  });
});
