import type { FastifyInstance } from "fastify";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Holding } from "../read-model/port.ts";
import { apiUnderTest } from "../testing/api-under-test.ts";
import { memoryReadModel } from "../testing/memory-read-model.ts";
import { story } from "../testing/story.ts";

const CLOSE = Date.UTC(2021, 0, 12, 21);
const TICK = Date.UTC(2021, 0, 13, 15, 30);

function held(symbol: string, quantity: number, known: Partial<Holding> = {}): Holding {
  return {
    ...{ account: "main", symbol, quantity, averageEntryPrice: 18.5, asOfMs: CLOSE },
    ...{ simulated: false, price: { last: 20.5, atMs: TICK, simulated: false } },
    ...known,
  };
}

const HOLDINGS: readonly Holding[] = [
  held("GME", 100, { asOfMs: CLOSE + 1 }),
  held("AMC", -40, {
    averageEntryPrice: 50,
    price: { last: 30, atMs: TICK - 60_000, simulated: true },
  }),
  held("NOPE", 7, { price: null, averageEntryPrice: null }),
  held("OLD", 2, { averageEntryPrice: null, account: "ira-2" }),
];

describe("GET /portfolio/holdings", () => {
  let app: FastifyInstance;
  beforeAll(async () => {
    const readModel = memoryReadModel({ story: story(), holdings: HOLDINGS });
    app = await apiUnderTest({ readModel });
  });
  afterAll(() => app.close());

  const get = (query = "") => app.inject({ url: `/portfolio/holdings${query}` });

  it("keeps its list shape, and values a long and a short position as by hand", async () => {
    const rows = (await get()).json();
    expect(Object.keys(rows[0])).toEqual([
      ...["symbol", "qty", "side", "market_value", "unrealized_pl", "unrealized_pl_pct"],
      ...["avg_entry_price", "last_price"],
    ]);
    expect(rows.slice(0, 2)).toEqual([
      // Sold at 50, now at 30: 40 shares gain 20 each, of 2,000 received.
      {
        ...{ symbol: "AMC", qty: -40, side: "short", market_value: -1200, unrealized_pl: 800 },
        ...{ unrealized_pl_pct: 40, avg_entry_price: 50, last_price: 30 },
      },
      // Bought at 18.50, now at 20.50: 100 shares gain 2 each, of 1,850 paid.
      {
        ...{ symbol: "GME", qty: 100, side: "long", market_value: 2050, unrealized_pl: 200 },
        ...{ unrealized_pl_pct: 10.81, avg_entry_price: 18.5, last_price: 20.5 },
      },
    ]);
  });

  it("writes null for what cannot be known, never 0, and says why", async () => {
    const answer = await get();
    expect(answer.json().slice(2)).toEqual([
      {
        ...{ symbol: "NOPE", qty: 7, side: "long", market_value: null, unrealized_pl: null },
        ...{ unrealized_pl_pct: null, avg_entry_price: null, last_price: null },
      },
      {
        ...{ symbol: "OLD", qty: 2, side: "long", market_value: 41, unrealized_pl: null },
        ...{ unrealized_pl_pct: null, avg_entry_price: null, last_price: 20.5 },
      },
    ]);
    expect(answer.headers["x-amc-missing"]).toBe("NOPE=no-price, OLD=no-entry-price");
  });

  it("says in headers how fresh statements and prices are, and that something is generated", async () => {
    expect((await get()).headers).toMatchObject({
      "x-amc-as-of": "2021-01-12T21:00:00.001Z",
      "x-amc-price-as-of": "2021-01-13T15:29:00.000Z",
      "x-amc-simulated": "true",
      "x-amc-source": "postgres",
    });
    const real = await get("?account=ira-2");
    expect(real.headers).toMatchObject({ "x-amc-simulated": "false" });
    expect(real.json()).toHaveLength(1);
  });

  it("is an empty list, without a word about freshness, where nothing is held", async () => {
    const answer = await get("?account=other");
    expect(answer.json()).toEqual([]);
    expect(answer.headers["x-amc-as-of"]).toBeUndefined();
  });

  it("refuses an account that cannot be one", async () => {
    expect((await get("?account=a/b")).json()).toMatchObject({ status: 400, field: "account" });
  });

  it("names at most 50 symbols in a header, however many have no price", async () => {
    const holdings = Array.from({ length: 200 }, (_, n) => held(`S${n}`, 1, { price: null }));
    const many = await apiUnderTest({ readModel: memoryReadModel({ story: story(), holdings }) });
    const answer = await many.inject({ url: "/portfolio/holdings" });
    expect(answer.json()).toHaveLength(200);
    expect(String(answer.headers["x-amc-missing"]).split(", ")).toHaveLength(50);
    await many.close();
  });

  it("is described in OpenAPI with the eight members of a row", async () => {
    const { paths } = (await app.inject({ url: "/openapi.json" })).json();
    const { items } =
      paths["/portfolio/holdings"].get.responses["200"].content["application/json"].schema;
    expect(items.required).toHaveLength(8);
    expect(items.properties.last_price.type).toEqual(["number", "null"]);
  });
});
