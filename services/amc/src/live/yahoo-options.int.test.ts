import { Yahoo } from "@amc/ingest-prices/providers/yahoo/yahoo";
import { MockMarket } from "@amc/mock-providers/market/mock-market";
import { type MockServer, startMockServer } from "@amc/mock-providers/mock-server";
import { COOKIE_PATH, mockYahoo } from "@amc/mock-providers/providers/yahoo";
import {
  type ProviderUnderTest,
  providerUnderTest,
} from "@amc/platform/http/testing/provider-under-test";
import { appendNewFacts } from "@amc/platform/log/append-new-facts";
import { newYorkToUtc } from "@amc/streams/market/event-time";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { LiveTask } from "./live-task.ts";
import { yahooOptionsTask } from "./yahoo-options.ts";

const PRODUCER = "/amc/test";

describe("options of Yahoo, live", () => {
  let server: MockServer;
  let under: ProviderUnderTest;
  let yahoo: Yahoo;
  beforeEach(async () => {
    const market = new MockMarket(["GME", "AMC"]);
    server = await startMockServer(mockYahoo(market, () => under.clock.nowMs()));
    const { origin } = server;
    under = providerUnderTest("yahoo", origin, { startMs: newYorkToUtc("2025-09-04", "12:00") });
    const { client, clock } = under;
    const cookieUrl = `${origin}${COOKIE_PATH}`;
    yahoo = new Yahoo({ client, baseUrl: origin, cookieUrl, clock, cache: null });
  });
  afterEach(async () => {
    await under.close();
    await server.close();
  });

  const taskOf = (isSecond = false) =>
    yahooOptionsTask({
      ...{ yahoo, symbols: ["GME", "AMC"], log: under.log, producer: PRODUCER, isSecond },
    });

  /** Of whom there is to ask at an hour of New York. */
  async function aboutAt(task: LiveTask, date: string, time: string): Promise<readonly string[]> {
    const atMs = newYorkToUtc(date, time);
    under.clock.advance(Math.max(0, atMs - under.clock.nowMs()));
    return (await task.questions(atMs)).map(({ about }) => about);
  }

  async function sweep(task: LiveTask): Promise<void> {
    for (const { ask } of await task.questions(under.clock.nowMs())) {
      const { facts } = await ask();
      await appendNewFacts(under.log, facts, PRODUCER);
    }
  }

  it("are asked for from a quarter of an hour after the close on, and once a session, over a restart too", async () => {
    const task = taskOf();
    expect(await aboutAt(task, "2025-09-04", "12:00")).toEqual([]);
    expect(await aboutAt(task, "2025-09-04", "16:14")).toEqual([]);
    expect(await aboutAt(task, "2025-09-04", "16:15")).toEqual(["GME", "AMC"]);
    await sweep(task);
    expect(await aboutAt(task, "2025-09-04", "17:00")).toEqual([]);
    expect(await aboutAt(taskOf(), "2025-09-05", "08:00")).toEqual([]);
    expect(await aboutAt(taskOf(), "2025-09-05", "17:00")).toEqual(["GME", "AMC"]);
  });

  it("are not asked for again before the next session when they are not quoted any more", async () => {
    const task = taskOf();
    expect(await aboutAt(task, "2025-09-05", "04:24")).toEqual(["GME", "AMC"]);
    await sweep(task);
    expect(await aboutAt(task, "2025-09-05", "05:24")).toEqual([]);
    expect(await aboutAt(task, "2025-09-05", "17:00")).toEqual(["GME", "AMC"]);
  });

  it("are left to Alpha Vantage for the first hour where that is asked", async () => {
    const task = taskOf(true);
    expect(await aboutAt(task, "2025-09-04", "17:00")).toEqual([]);
    expect(await aboutAt(task, "2025-09-04", "18:00")).toEqual(["GME", "AMC"]);
  });
});
