import type { Holding } from "./port.ts";
import {
  flagOf,
  instantOf,
  numberOf,
  numberOrNull,
  type Row,
  type RunQuery,
  textOf,
} from "./stored-rows.ts";

/** Positions and prices out of one snapshot; closed positions are rows of quantity 0. */
export async function openHoldings(
  run: RunQuery,
  account: string | null,
): Promise<readonly Holding[]> {
  const rows = await run(OPEN_HOLDINGS, [account]);
  return rows.map(holdingOf);
}

function holdingOf(row: Row): Holding {
  const last = numberOrNull(row, "last_price");
  return {
    account: textOf(row, "account"),
    symbol: textOf(row, "symbol"),
    quantity: numberOf(row, "quantity"),
    averageEntryPrice: numberOrNull(row, "average_entry_price"),
    asOfMs: instantOf(row, "happened_at"),
    simulated: flagOf(row, "simulated"),
    price:
      last === null
        ? null
        : { last, atMs: instantOf(row, "price_at"), simulated: flagOf(row, "price_simulated") },
  };
}

const OPEN_HOLDINGS = `
  SELECT held.account, held.symbol, held.quantity, held.average_entry_price, held.happened_at,
         held.simulated, price.close AS last_price, price.happened_at AS price_at,
         price.simulated AS price_simulated
  FROM portfolio_positions AS held
  LEFT JOIN prices_latest AS price ON price.symbol = held.symbol
  WHERE held.quantity <> 0 AND ($1::text IS NULL OR held.account = $1)
  ORDER BY held.symbol COLLATE "C", held.account COLLATE "C"`;
