import { startTestPostgres, type TestDatabase } from "@amc/platform/postgres/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Holding } from "./port.ts";
import { createPostgresReadModel } from "./postgres-read-model.ts";

const CLOSE = Date.UTC(2021, 0, 12, 21);
const TICK = Date.UTC(2021, 0, 13, 15, 30);

describe("open holdings in PostgreSQL", () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await startTestPostgres();
    const pool = database.pool("projector");
    const position = (account: string, symbol: string, quantity: number, entry: number | null) =>
      pool.query(
        `INSERT INTO read_model.portfolio_positions (account, symbol, quantity, average_entry_price,
           event_id, happened_at, published_at, captured_at, simulated, source, basis, log_offset)
         VALUES ($1, $2, $3, $4, gen_random_uuid(), $5, $5, $5, false, 'import/csv', 'stated', 0)`,
        [account, symbol, quantity, entry, new Date(CLOSE)],
      );
    await position("main", "GME", 100, 18.5);
    await position("main", "AMC", -40, 50);
    await position("ira", "GME", 0.125, null);
    await position("main", "SPY", 0, null);
    // By bytes, and not as a language sorts: the dot before letters.
    await position("main", "BRK.B", 1, 400);
    await position("main", "BRKA", 1, 1);
    await pool.query(
      `INSERT INTO read_model.prices_latest (symbol, event_id, happened_at, published_at, captured_at,
         simulated, source, kind, interval_ms, open, high, low, close, volume, volume_scope)
       VALUES ('GME', gen_random_uuid(), $1, $1, $1, true, 'test', 'bar', 60000, 20, 21, 19, 20.5, 5, 'consolidated')`,
      [new Date(TICK)],
    );
  });
  afterAll(() => database.drop());

  const holdings = (account: string | null): Promise<readonly Holding[]> =>
    createPostgresReadModel(database.pool("api")).read((view) => view.holdings(account));

  it("come by symbol and account, with the newest price or null, and without closed ones", async () => {
    const price = { last: 20.5, atMs: TICK, simulated: true };
    const common = { asOfMs: CLOSE, simulated: false };
    expect(await holdings(null)).toEqual([
      {
        ...common,
        account: "main",
        symbol: "AMC",
        quantity: -40,
        averageEntryPrice: 50,
        price: null,
      },
      {
        ...common,
        account: "main",
        symbol: "BRK.B",
        quantity: 1,
        averageEntryPrice: 400,
        price: null,
      },
      {
        ...common,
        account: "main",
        symbol: "BRKA",
        quantity: 1,
        averageEntryPrice: 1,
        price: null,
      },
      { ...common, account: "ira", symbol: "GME", quantity: 0.125, averageEntryPrice: null, price },
      { ...common, account: "main", symbol: "GME", quantity: 100, averageEntryPrice: 18.5, price },
    ]);
  });

  it("are those of one account when it is named", async () => {
    expect((await holdings("ira")).map(({ symbol }) => symbol)).toEqual(["GME"]);
    expect(await holdings("nobody")).toEqual([]);
  });
});
