import { MockMarket } from "@amc/mock-providers/market/mock-market";
import { type MockServer, startMockServer } from "@amc/mock-providers/mock-server";
import { COOKIE_PATH, mockYahoo } from "@amc/mock-providers/providers/yahoo";
import { FAILURES } from "@amc/platform/http/testing/failing-server";
import { PolledProvider } from "@amc/platform/http/testing/polled-provider";
import {
  eventsOf,
  type ProviderUnderTest,
  providerUnderTest,
} from "@amc/platform/http/testing/provider-under-test";
import { newYorkToUtc } from "@amc/streams/market/event-time";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CALLS, contractRow, optionsAnswer } from "../../testing/yahoo-option-answers.ts";
import { Yahoo } from "./yahoo.ts";

describe("options of Yahoo's mock", () => {
  let server: MockServer;
  let under: ProviderUnderTest;

  async function open(date: string, time: string): Promise<Yahoo> {
    const market = new MockMarket(["GME", "BRK.B"]);
    server = await startMockServer(mockYahoo(market, () => under.clock.nowMs()));
    const { origin } = server;
    under = providerUnderTest("yahoo", origin, { startMs: newYorkToUtc(date, time) });
    const { client, clock } = under;
    const cookieUrl = `${origin}${COOKIE_PATH}`;
    return new Yahoo({ client, baseUrl: origin, cookieUrl, clock, cache: null });
  }
  afterEach(async () => {
    await under.close();
    await server.close();
  });

  it("are had with cookie and crumb, at the close of the day, of share classes too", async () => {
    const yahoo = await open("2025-09-03", "19:00");
    for (const symbol of ["GME", "BRK.B"]) {
      const { facts, refused } = await yahoo.options(symbol);
      expect(refused).toEqual([]);
      expect(facts).toMatchObject([
        {
          topic: "market.options.v1",
          value: { symbol, happenedAt: newYorkToUtc("2025-09-03", "16:00"), expiry: "2025-09-05" },
        },
      ]);
    }
    expect(server.asked().map(({ url }) => url.pathname.split("/").at(-1))).toEqual([
      ...["cookie", "getcrumb", "GME", "BRK-B"],
    ]);
  });

  it("are none before the open, with the reason", async () => {
    const yahoo = await open("2025-09-04", "04:24");
    expect(await yahoo.options("GME")).toMatchObject({
      facts: [],
      refused: [{ code: "yahoo.no-quotes" }],
    });
  });

  it("are not known of a symbol that is not listed", async () => {
    const yahoo = await open("2025-09-03", "12:00");
    await expect(yahoo.options("NOPE")).rejects.toMatchObject({ code: "provider.not-found" });
  });
});

/** Answers that look well and are not (F28). */
const ABSURD: Readonly<Record<string, unknown>> = {
  "a quota note": { message: "Too many requests" },
  "another symbol": optionsAnswer({ symbol: "ABC" }),
  "prices of NaN": optionsAnswer({ calls: CALLS.map((row) => ({ ...row, bid: "NaN" })), puts: [] }),
  "negative prices": optionsAnswer({ calls: [contractRow("C", 10, { bid: -1 })], puts: [] }),
  "no columns": { optionChain: { result: [{ underlyingSymbol: "XYZ" }], error: null } },
  nothing: null,
};

describe("polls of Yahoo for options", () => {
  let polled: PolledProvider;
  let yahoo: Yahoo;
  beforeEach(async () => {
    const startMs = newYorkToUtc("2025-09-05", "19:00");
    polled = await PolledProvider.start("yahoo", { startMs, limits: { deadlineMs: 120_000 } });
    const { client, clock } = polled.under;
    yahoo = new Yahoo({ client, baseUrl: polled.server.origin, clock, cache: null });
  });
  afterEach(() => polled.close());
  const ask = () => yahoo.options("XYZ");

  it.each(Object.keys(ABSURD))(
    "give no fact of %s, open the breaker after five, and fill the gap later (F28)",
    async (name) => {
      polled.answers({ json: ABSURD[name] });
      expect(await polled.poll(25, ask)).toBe(0);
      expect(polled.requests).toHaveLength(5);
      polled.under.clock.advance(300_000);
      polled.answers({ json: optionsAnswer() });
      expect(await polled.poll(1, ask)).toBe(1);
      expect(await eventsOf(polled.under.log, "market.options.v1")).toMatchObject([{ strike: 10 }]);
    },
  );

  it.each(Object.keys(FAILURES).filter((name) => !/^(never|begun|endless, a byte)/.test(name)))(
    "give no fact of an answer that is %s (B11)",
    async (failure) => {
      polled.answers({ failure });
      expect(await polled.poll(5, ask)).toBe(0);
    },
    30_000,
  );

  it("ask for the next expiry where the first one is today's, and no more than twice", async () => {
    const [today, near] = [Date.UTC(2025, 8, 5) / 1000, Date.UTC(2025, 9, 5) / 1000];
    const expirationDates = [today, near];
    const expired = { calls: [], puts: [], expirationDates, expirationDate: today };
    polled.answers((path) =>
      path.includes(`date=${near}`) ? optionsAnswer({ expirationDates }) : optionsAnswer(expired),
    );
    expect(await polled.poll(1, ask)).toBe(1);
    expect(polled.requests).toHaveLength(2);
    polled.answers(() => optionsAnswer(expired));
    expect((await ask()).refused).toMatchObject([{ code: "yahoo.no-near-expiry" }]);
    expect(polled.requests).toHaveLength(4);
  });
});
