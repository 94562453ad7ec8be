import { isProviderError } from "@amc/platform/http/provider-error";
import type { ProviderLimits } from "@amc/platform/http/provider-limits";
import { FAILURES } from "@amc/platform/http/testing/failing-server";
import { PolledProvider } from "@amc/platform/http/testing/polled-provider";
import { eventsOf } from "@amc/platform/http/testing/provider-under-test";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { importStatement } from "../../import-statement.ts";
import { alpacaPosition } from "../../testing/alpaca-answers.ts";
import { Alpaca } from "./alpaca.ts";

const START_MS = Date.UTC(2025, 8, 8, 12);
const SECRET = "canary-90b2c7";
const TOPIC = "portfolio.position.v1";

/** Answers that look well and are not (F28). */
const ABSURD: Readonly<Record<string, unknown>> = {
  "a message": { code: 40310000, message: "request is not authorized" },
  "a quantity that is no number": [alpacaPosition("GME", { qty: "many" })],
  "a quantity of NaN": [alpacaPosition("GME", { qty: "NaN" })],
  "no quantity": [alpacaPosition("GME", { qty: undefined })],
  "another side": [alpacaPosition("GME", { side: "both" })],
  "a long position of less than nothing": [alpacaPosition("GME", { qty: "-5" })],
  "a negative entry price": [alpacaPosition("GME", { avg_entry_price: "-18" })],
  "a symbol twice": [alpacaPosition("GME"), alpacaPosition("GME")],
  "no symbol": [alpacaPosition("")],
  "a row that is no position": [alpacaPosition("GME"), 7],
  nothing: null,
};

describe("positions at Alpaca", () => {
  let polled: PolledProvider;
  let alpaca: Alpaca;

  const open = async (limits: Partial<ProviderLimits>) => {
    polled = await PolledProvider.start("alpaca", { startMs: START_MS, limits });
    const keys = { keyId: "PKTEST", secretKey: SECRET };
    const { origin: baseUrl } = polled.server;
    alpaca = new Alpaca({ client: polled.under.client, baseUrl, ...keys, account: "main" });
  };
  beforeEach(() => open({ deadlineMs: 60_000 }));
  afterEach(() => polled.close());

  /** Asks and keeps what comes, as the command does; what was changed. */
  const ask = async () => {
    const { statement, otherAssets } = await alpaca.positions();
    const changes = await importStatement(polled.under.log, statement, true);
    polled.under.clock.advance(60_000);
    return { ...changes, otherAssets };
  };
  /** How many of so many questions were answered with positions. */
  const answered = async (times: number) => {
    let count = 0;
    for (let asked = 0; asked < times; asked += 1) {
      try {
        await ask();
        count += 1;
      } catch (error) {
        if (!isProviderError(error)) throw error;
        polled.under.clock.advance(1_000);
      }
    }
    return count;
  };

  it("are kept as the answer's instant has them, long and short; what is not named any more is closed", async () => {
    const short = alpacaPosition("AMC", { qty: "-5", side: "short", avg_entry_price: "2.1" });
    const coin = alpacaPosition("BTCUSD", { asset_class: "crypto" });
    polled.answers({ json: [alpacaPosition("GME"), short, coin] });
    expect(await ask()).toMatchObject({ stated: 2, closed: 0, otherAssets: 1 });
    polled.answers({ json: [alpacaPosition("GME", { qty: "60.5" })] });
    expect(await ask()).toMatchObject({ stated: 1, closed: 1, otherAssets: 0 });
    const stated = { source: "alpaca", account: "main", confidence: 1, simulated: true };
    const events = await eventsOf(polled.under.log, TOPIC);
    expect(events).toMatchObject([
      { symbol: "GME", quantity: 100, averageEntryPrice: 18.5, statedPrice: 22.91, ...stated },
      { symbol: "AMC", quantity: -5, averageEntryPrice: 2.1, statedMarketValue: 2291, ...stated },
      { symbol: "GME", quantity: 60.5, basis: "STATED", ...stated },
      { symbol: "AMC", quantity: 0, basis: "ABSENT", ...stated },
    ]);
    expect(events.map(({ happenedAt }) => happenedAt)).toEqual(
      [0, 0, 60_000, 60_000].map((ms) => START_MS + ms),
    );
  });

  it.each(Object.keys(ABSURD))(
    "are left as they are by an answer of %s, however often it comes (F28)",
    async (name) => {
      polled.answers({ json: [alpacaPosition("GME")] });
      await ask();
      polled.answers({ json: ABSURD[name] });
      expect(await answered(10)).toBe(0);
      // One good answer, and five failures that open the breaker.
      expect(polled.requests).toHaveLength(6);
      expect(await eventsOf(polled.under.log, TOPIC)).toHaveLength(1);
    },
  );

  it.each(Object.keys(FAILURES))(
    "are left as they are by an answer that is %s (B11)",
    async (failure) => {
      await polled.close();
      const isEndless = /^(never|begun|endless, a byte)/.test(failure);
      await open({ deadlineMs: isEndless ? 300 : 60_000 });
      // 12 makes the large ones larger than the 16 MB that an account may have.
      polled.answers({ failure, size: 12 });
      expect(await answered(6)).toBe(0);
      expect(await eventsOf(polled.under.log, TOPIC)).toEqual([]);
    },
    30_000,
  );

  it("are asked for and nothing else: no order can be placed (R-ING-11)", async () => {
    polled.answers({ json: [alpacaPosition("GME")] });
    await ask();
    expect(polled.requests.map(({ method, path }) => [method, path])).toEqual([
      ["GET", "/v2/positions"],
    ]);
  });

  it("are never asked for more than 200 times in any minute, as the mock counts", async () => {
    polled.answers({ json: [] });
    for (let polls = 0; polls < 450; polls += 1) await alpaca.positions();
    expect(polled.mostWithin(60_000)).toBe(200);
  });

  it("control: without a budget the same mock counts every question", async () => {
    await polled.close();
    await open({ deadlineMs: 60_000, windows: [] });
    polled.answers({ json: [] });
    for (let polls = 0; polls < 250; polls += 1) await alpaca.positions();
    expect(polled.mostWithin(60_000)).toBe(250);
  });

  it("show the secret to Alpaca only: not in an address, an event or an error", async () => {
    polled.answers({ json: [alpacaPosition("GME")] });
    await ask();
    polled.answers({ status: 403 });
    const error = await alpaca.positions().catch((caught: unknown) => caught);
    const told = `${String(error)} ${JSON.stringify(error)} ${await polled.recordedText()}`;
    expect(told).toContain("v2/positions");
    expect(told).not.toContain(SECRET);
    expect(polled.requests.some(({ path }) => path.includes(SECRET))).toBe(false);
  });
});
