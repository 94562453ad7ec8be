import { Yahoo } from "@amc/ingest-prices/providers/yahoo/yahoo";
import { withoutKnownVintages } from "@amc/ingest-short-interest/collection/new-vintages";
import { scheduleInForce } from "@amc/ingest-short-interest/collection/schedule-by-hand";
import { Finra } from "@amc/ingest-short-interest/providers/finra/finra";
import { MockMarket } from "@amc/mock-providers/market/mock-market";
import { finraDataOf, mockFinra } from "@amc/mock-providers/providers/finra";
import { COOKIE_PATH, mockYahoo } from "@amc/mock-providers/providers/yahoo";
import { eventsOf } from "@amc/platform/http/testing/provider-under-test";
import { appendNewFacts } from "@amc/platform/log/append-new-facts";
import { newYorkToUtc } from "@amc/streams/market/event-time";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { appendDifferences } from "./append-differences.ts";
import { KeepingSystem, SOURCE } from "./testing/keeping-system.ts";

const INTEREST = "short.interest.v1";
/** Public on 2025-09-10 by the calendar. */
const SETTLED = "2025-08-29";
const DAY_MS = 86_400_000;

describe("short interest made anew, with its schedule decided by hand", () => {
  let system: KeepingSystem;
  beforeEach(() => {
    system = new KeepingSystem(newYorkToUtc("2025-09-15", "19:00"));
  });
  afterEach(() => system.close());

  /** As live and `ingest yahoo` ask. */
  async function askYahoo(): Promise<void> {
    const { clock, log } = system;
    const market = new MockMarket(["GME"]);
    const opened = await system.open("yahoo", mockYahoo(market, clock.nowMs));
    const { client, origin: baseUrl } = opened;
    const cookieUrl = `${baseUrl}${COOKIE_PATH}`;
    const schedule = () => scheduleInForce(log, clock.nowMs());
    const yahoo = new Yahoo({ client, baseUrl, cookieUrl, clock, cache: null, schedule });
    const { facts } = await yahoo.keyStatistics("GME");
    await appendNewFacts(log, await withoutKnownVintages(log, facts), SOURCE);
    await opened.close();
  }

  it("is public since the day that stood when Yahoo answered, and no day earlier", async () => {
    await system.decide(SETTLED, "published=2025-09-12");
    await askYahoo();
    // What is decided afterwards was not known then.
    system.clock.advance(DAY_MS);
    await system.decide(SETTLED, "published=2025-09-11");
    const { log } = system;
    const decided = newYorkToUtc("2025-09-12", "18:00");
    expect((await eventsOf(log, INTEREST)).map(({ publishedAt }) => publishedAt)).toEqual([
      decided,
    ]);
    const { differences, counts } = await system.derived();
    await appendDifferences(log, differences, system.clock.nowMs());
    expect(await eventsOf(log, INTEREST)).toHaveLength(1);
    expect(differences).toEqual([]);
    expect(counts.get(INTEREST)).toEqual({
      same: 1,
      new: 0,
      changed: 0,
      gone: 0,
      correctedSince: 0,
    });
  });

  it.each([
    ["earlier", "2025-09-09"],
    ["later", "2025-09-12"],
  ])("is not new where FINRA repeats a figure that is public %s by then", async (_, date) => {
    const { log, clock } = system;
    const row = { symbolCode: "GME", settlementDate: SETTLED };
    const rows = [{ ...row, currentShortPositionQuantity: 1_000 }];
    const mock = mockFinra(finraDataOf({ datasets: { consolidatedShortInterest: rows } }));
    const { client, origin, close } = await system.open("finra_short", mock);
    const finra = new Finra({ client, apiUrl: origin, filesUrl: origin });
    const ask = async () => {
      const schedule = await scheduleInForce(log, clock.nowMs());
      const { facts } = await finra.shortInterest(SETTLED, undefined, schedule);
      await appendNewFacts(log, await withoutKnownVintages(log, facts), SOURCE);
      clock.advance(DAY_MS);
      return facts.map(({ value }) => value.publishedAt);
    };
    const before = await ask();
    await system.decide(SETTLED, `published=${date}`);
    const after = await ask();
    await close();
    // The control: it is public at another time, under another id, and live has left it out.
    expect(after).not.toEqual(before);
    expect(await eventsOf(log, INTEREST)).toHaveLength(1);
    expect((await system.derived()).differences).toEqual([]);
    const secondAnswer = { fromMs: clock.nowMs() - DAY_MS, toMs: Infinity, provider: null };
    expect((await system.derived(secondAnswer)).differences).toEqual([]);
  });

  it("is new where FINRA revises it, also when it is public before what the log has", async () => {
    const { log, clock } = system;
    const ask = async (quantity: number) => {
      const row = { symbolCode: "GME", settlementDate: SETTLED };
      const rows = [{ ...row, currentShortPositionQuantity: quantity }];
      const mock = mockFinra(finraDataOf({ datasets: { consolidatedShortInterest: rows } }));
      const { client, origin, close } = await system.open("finra_short", mock);
      const finra = new Finra({ client, apiUrl: origin, filesUrl: origin });
      const schedule = await scheduleInForce(log, clock.nowMs());
      const { facts } = await finra.shortInterest(SETTLED, undefined, schedule);
      await close();
      clock.advance(DAY_MS);
      return facts;
    };
    await appendNewFacts(log, await ask(1_000), SOURCE);
    await system.decide(SETTLED, "published=2025-09-09");
    // As a version would leave it that had lost the answer.
    const lost = await ask(2_000);
    expect((await system.derived()).differences).toMatchObject([
      { change: "new", id: lost[0]?.id, value: { sharesShort: 2_000 } },
    ]);
  });
});
