import type { ProviderLimits } from "@amc/platform/http/provider-limits";
import { FAILURES } from "@amc/platform/http/testing/failing-server";
import { PolledProvider } from "@amc/platform/http/testing/polled-provider";
import { eventsOf } from "@amc/platform/http/testing/provider-under-test";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CHAIN, chainAnswer, contract, DATE, NOTES } from "../../testing/alpha-vantage-answers.ts";
import { AlphaVantage } from "./alpha-vantage.ts";

const START_MS = Date.UTC(2025, 8, 6, 12);
/** The key that the notes state. */
const KEY = "canary-5f1d3c";
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** Answers that look well and are not (F28). */
const ABSURD: Readonly<Record<string, unknown>> = {
  "the note about calls a minute": { Note: NOTES.minute },
  "the note about calls a day": { Information: NOTES.day },
  "another note": { Information: "Service notice." },
  "another symbol": chainAnswer(CHAIN.map((row) => ({ ...row, symbol: "ABC" }))),
  "another day": chainAnswer(CHAIN.map((row) => ({ ...row, date: "2025-09-08" }))),
  "prices of NaN": chainAnswer([contract("call", 10, { bid: "NaN" })]),
  "negative prices": chainAnswer([contract("call", 10, { bid: "-1" })]),
  "no rows": { endpoint: "Historical Options", message: "success" },
  nothing: null,
};

describe("polls of Alpha Vantage", () => {
  let polled: PolledProvider;
  let provider: AlphaVantage;

  const open = async (limits: Partial<ProviderLimits>) => {
    polled = await PolledProvider.start("alpha_vantage", { startMs: START_MS, limits });
    const baseUrl = `${polled.server.origin}/query`;
    provider = new AlphaVantage({ client: polled.under.client, baseUrl, apiKey: KEY });
  };
  beforeEach(() => open({ deadlineMs: 60_000 }));
  afterEach(() => polled.close());

  const ask = () => provider.optionsAtClose({ symbol: "XYZ", date: DATE, underlyingClose: 10 });

  it.each(Object.keys(ABSURD))(
    "give no fact of %s, open the breaker after two, and fill the gap later (F28)",
    async (name) => {
      polled.answers({ json: ABSURD[name] });
      expect(await polled.poll(25, ask)).toBe(0);
      expect(polled.requests).toHaveLength(2);
      const { log, clock } = polled.under;
      const calls = await eventsOf(log, "ops.provider-call.v1");
      const limited = name.startsWith("the note") ? 2 : 0;
      expect(calls.filter(({ rateLimited }) => rateLimited)).toHaveLength(limited);
      clock.advance(180_000);
      polled.answers({ json: chainAnswer() });
      expect(await polled.poll(1, ask)).toBe(1);
      expect(await eventsOf(log, "market.options.v1")).toMatchObject([{ strike: 10 }]);
    },
  );

  it.each(Object.keys(FAILURES))(
    "give no fact of an answer that is %s (B11)",
    async (failure) => {
      await polled.close();
      const isEndless = /^(never|begun|endless, a byte)/.test(failure);
      await open({ deadlineMs: isEndless ? 300 : 60_000 });
      // 16 makes the large ones larger than the 20 MB that a chain may have.
      polled.answers({ failure, size: 16 });
      expect(await polled.poll(3, ask)).toBe(0);
      const changes = await eventsOf(polled.under.log, "ops.circuit-breaker.v1");
      expect(changes.map(({ change }) => change)).toEqual(["OPENED"]);
    },
    30_000,
  );

  it("are at most 5 a minute and 25 in 24 hours, as the mock counts (R-ING-06)", async () => {
    polled.answers({ json: chainAnswer() });
    await polled.poll(60, ask);
    expect(polled.requests).toHaveLength(25);
    expect(polled.mostWithin(MINUTE_MS)).toBe(5);
    await expect(ask()).rejects.toMatchObject({ code: "provider.budget-spent" });
    polled.under.clock.advance(DAY_MS);
    await polled.poll(60, ask);
    expect(polled.requests).toHaveLength(50);
    expect(polled.mostWithin(DAY_MS)).toBe(25);
  });

  it("control: without breaker and budget the same mock counts every poll", async () => {
    await polled.close();
    const breaker = { failures: 1_000, openMs: 1, successes: 1 };
    await open({ deadlineMs: 60_000, breaker, windows: [] });
    polled.answers({ json: ABSURD["another day"] });
    await polled.poll(25, ask);
    polled.answers({ json: chainAnswer() });
    await polled.poll(60, ask);
    expect(polled.requests).toHaveLength(85);
    expect(polled.mostWithin(MINUTE_MS)).toBeGreaterThan(5);
  });

  it("of a premium endpoint are refused once and are no fault of Alpha Vantage's", async () => {
    polled.answers({ json: { Information: NOTES.premium } });
    await expect(ask()).rejects.toMatchObject({ code: "provider.refused" });
    expect(polled.requests).toHaveLength(1);
    expect(await eventsOf(polled.under.log, "ops.circuit-breaker.v1")).toEqual([]);
  });

  it("show the key in the address only, although Alpha Vantage states it: in no event and no error", async () => {
    polled.answers({ json: chainAnswer() });
    await polled.poll(1, ask);
    polled.answers({ json: { Information: NOTES.day } });
    const error = await ask().catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: "provider.rate-limited" });
    const records = await polled.recordedText();
    expect(records).toContain("HISTORICAL_OPTIONS");
    expect(`${String(error)} ${JSON.stringify(error)} ${records}`).not.toContain(KEY);
    expect(polled.requests[0]?.path).toContain(
      `/query?function=HISTORICAL_OPTIONS&date=${DATE}&symbol=XYZ&apikey=${KEY}`,
    );
  });
});
