import { Polygon } from "@amc/ingest-prices/providers/polygon/polygon";
import { Yahoo } from "@amc/ingest-prices/providers/yahoo/yahoo";
import { MockMarket } from "@amc/mock-providers/market/mock-market";
import { mockPolygon } from "@amc/mock-providers/providers/polygon";
import { COOKIE_PATH, mockYahoo } from "@amc/mock-providers/providers/yahoo";
import { appendFacts } from "@amc/platform/log/append-facts";
import { appendNewFacts } from "@amc/platform/log/append-new-facts";
import { DAY_MS, MINUTE_MS } from "@amc/streams/market/calendar-date";
import { newYorkToUtc } from "@amc/streams/market/event-time";
import { barFact } from "@amc/streams/testing/symbol-facts";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { EVERYTHING, KeepingSystem, SOURCE } from "./testing/keeping-system.ts";

const REFERENCE = "market.reference.v1";
const PRICES = "market.price-tick.v1";
const SUNDAY = "2025-09-14";
const MONDAY = "2025-09-15";
const TUESDAY = "2025-09-16";

describe("how far back the log is looked through", () => {
  let system: KeepingSystem;
  beforeEach(() => {
    system = new KeepingSystem(newYorkToUtc(MONDAY, "11:00"));
  });
  afterEach(() => system.close());

  it("reaches a figure of 28 days before, which for that reason was not told again", async () => {
    const { log, clock } = system;
    const market = new MockMarket(["GME"]);
    const opened = await system.open("yahoo", mockYahoo(market, clock.nowMs));
    const { client, origin: baseUrl } = opened;
    const cookieUrl = `${baseUrl}${COOKIE_PATH}`;
    const yahoo = new Yahoo({ client, baseUrl, cookieUrl, clock, cache: null });
    const ask = async () => {
      const { facts } = await yahoo.keyStatistics("GME");
      const references = facts.filter(({ topic }) => topic === REFERENCE);
      return await appendNewFacts(log, references, SOURCE);
    };
    expect(await ask()).toMatchObject({ appended: 2, known: 0 });
    clock.advance(28 * DAY_MS);
    const fromMs = clock.nowMs();
    expect(await ask()).toMatchObject({ appended: 0, known: 2 });
    await opened.close();
    const { differences, counts } = await system.derived({ ...EVERYTHING, fromMs });
    expect(differences.filter(({ topic }) => topic === REFERENCE)).toEqual([]);
    expect(counts.get(REFERENCE)).toMatchObject({ same: 2, new: 0 });
  });

  it("reaches what came of the first answer, whatever of later ones is about later times", async () => {
    const { log, clock } = system;
    const mock = mockPolygon(new MockMarket(["GME"]), clock.nowMs);
    const { client, origin, close } = await system.open("polygon", mock);
    const polygon = new Polygon({ client, baseUrl: origin, apiKey: "none" });
    const bars = (date: string) =>
      polygon.bars({ symbol: "GME", intervalMs: MINUTE_MS, from: date, to: date });
    const emptyAt = clock.nowMs();
    expect((await bars(SUNDAY)).facts).toEqual([]);
    // What a reader would have left that had made up a bar of the empty answer.
    const madeUp = barFact(emptyAt, { source: "polygon" });
    await appendFacts(log, [madeUp], SOURCE);
    clock.advance(DAY_MS);
    const { facts } = await bars(TUESDAY);
    await appendFacts(log, facts, SOURCE);
    await close();
    expect(facts[0]?.value.happenedAt).toBeGreaterThan(emptyAt + DAY_MS / 2);
    const { again, differences, counts } = await system.derived();
    expect(again.answersRead).toBe(2);
    expect(differences).toMatchObject([{ change: "gone", id: madeUp.id }]);
    expect(counts.get(PRICES)).toMatchObject({ same: facts.length, gone: 1 });
  });
});
