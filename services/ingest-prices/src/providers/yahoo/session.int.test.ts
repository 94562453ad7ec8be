import { MockMarket } from "@amc/mock-providers/market/mock-market";
import { type MockServer, startMockServer } from "@amc/mock-providers/mock-server";
import { COOKIE_PATH, mockYahoo } from "@amc/mock-providers/providers/yahoo";
import {
  eventsOf,
  type ProviderUnderTest,
  providerUnderTest,
} from "@amc/platform/http/testing/provider-under-test";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Yahoo } from "./yahoo.ts";

describe("statistics, which Yahoo tells only whom it knows", () => {
  let server: MockServer;
  let under: ProviderUnderTest;
  let yahoo: Yahoo;
  beforeEach(async () => {
    const market = new MockMarket(["GME", "AMC"]);
    server = await startMockServer(mockYahoo(market, () => under.clock.nowMs()));
    const { origin } = server;
    under = providerUnderTest("yahoo", origin);
    const { client, clock } = under;
    const cookieUrl = `${origin}${COOKIE_PATH}`;
    yahoo = new Yahoo({ client, baseUrl: origin, cookieUrl, clock, cache: null });
  });
  afterEach(async () => {
    await under.close();
    await server.close();
  });
  const paths = () => server.asked().map(({ url }) => url.pathname.split("/").at(-1));

  it("are had with a cookie and its crumb, which are fetched once for all symbols", async () => {
    expect((await yahoo.keyStatistics("GME")).facts).toHaveLength(3);
    expect((await yahoo.keyStatistics("AMC")).facts).toHaveLength(3);
    expect(paths()).toEqual(["cookie", "getcrumb", "GME", "AMC"]);
  });

  it("take no call that fails: Yahoo is as well as it answers", async () => {
    await yahoo.keyStatistics("GME");
    const calls = await eventsOf(under.log, "ops.provider-call.v1");
    expect(calls.map(({ success }) => success)).toEqual([true, true, true]);
  });

  it("are had again after the pass has run out, with a new one", async () => {
    await yahoo.keyStatistics("GME");
    server.failNext({ status: 401 });
    expect((await yahoo.keyStatistics("AMC")).facts).toHaveLength(3);
    expect(paths().slice(4)).toEqual(["cookie", "getcrumb", "AMC"]);
  });

  it("are not had when Yahoo refuses the pass as well, which is asked for once", async () => {
    server.failNext("data", "data", { status: 401 }, "data", "data", { status: 401 });
    await expect(yahoo.keyStatistics("GME")).rejects.toMatchObject({ code: "provider.refused" });
    expect(server.requests()).toBe(6);
  });

  it.each([["a page that says it is data"], ["nothing at all"]] as const)(
    "are not had with %s for a crumb, and no fact is made of it",
    async (kind) => {
      server.failNext("data", kind);
      await expect(yahoo.keyStatistics("GME")).rejects.toMatchObject({
        code: "provider.unreadable",
      });
      expect(await eventsOf(under.log, "short.interest.v1")).toEqual([]);
    },
  );

  it("leave neither cookie nor crumb in what is recorded of the calls", async () => {
    await yahoo.keyStatistics("GME");
    const calls = JSON.stringify(await eventsOf(under.log, "ops.provider-call.v1"));
    expect(calls).toContain("getcrumb");
    expect(calls).not.toMatch(/A3=mock|mOcK/);
  });
});
