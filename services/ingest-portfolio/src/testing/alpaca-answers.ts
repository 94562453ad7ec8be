/** A row of `GET /v2/positions` as Alpaca documents it, made by hand: figures are text there. */
export function alpacaPosition(symbol: string, parts: object = {}): object {
  return {
    asset_id: "904837e3-3b76-47ec-b432-046db621571b",
    ...{ symbol, exchange: "NYSE", asset_class: "us_equity", asset_marginable: true },
    ...{ qty: "100", qty_available: "90", side: "long", avg_entry_price: "18.5" },
    ...{ market_value: "2291", cost_basis: "1850", unrealized_pl: "441" },
    ...{
      unrealized_plpc: "0.2384",
      unrealized_intraday_pl: "10",
      unrealized_intraday_plpc: "0.01",
    },
    ...{ current_price: "22.91", lastday_price: "19.95", change_today: "0.148" },
    ...parts,
  };
}
