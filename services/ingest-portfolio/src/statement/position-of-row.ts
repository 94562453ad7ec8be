import { canonicalSymbol } from "@amc/streams/facts/symbol";
import type { StatedPosition } from "@amc/streams/portfolio/position";
import { decimalCell } from "./decimal-cell.ts";
import type { RawCell, RawRow, StatementField } from "./fields.ts";
import { quoted, type StatementProblem } from "./statement.ts";

/** Alpaca's word for what has a symbol of an exchange; options and coins have none that we know. */
const EQUITY = "us_equity";

/** A position as one row has it, or everything that is wrong with the row. */
export function positionOfRow(row: RawRow): StatedPosition | readonly StatementProblem[] {
  const reader = new RowReader(row);
  const position = {
    symbol: reader.symbol(),
    quantity: reader.quantity(),
    averageEntryPrice: reader.optional("averageEntryPrice"),
    statedPrice: reader.optional("statedPrice"),
    statedMarketValue: reader.optional("statedMarketValue"),
  };
  reader.checkAssetClass();
  if (reader.problems.length > 0) return reader.problems;
  // What is closed was entered at no price; brokers write 0 or the last one there.
  return position.quantity === 0 ? { ...position, averageEntryPrice: null } : position;
}

class RowReader {
  readonly problems: StatementProblem[] = [];
  readonly #row: RawRow;

  constructor(row: RawRow) {
    this.#row = row;
  }

  symbol(): string {
    const cell = this.#cell("symbol");
    const symbol = canonicalSymbol(cell.text);
    if (symbol !== null) return symbol;
    this.#add(cell, "symbol", `must be a symbol such as GME or BRK.B, was ${quoted(cell.text)}`);
    return "";
  }

  /** Shares; a side of `short` makes a quantity without sign negative. */
  quantity(): number {
    const cell = this.#cell("quantity");
    const quantity = this.#decimal(cell, "quantity");
    const side = this.#cell("side");
    switch (side.text.toLowerCase()) {
      case "":
        return quantity;
      case "long":
        if (quantity < 0) this.#add(cell, "quantity", "is negative, and side says long");
        return quantity;
      case "short":
        return quantity === 0 ? 0 : -Math.abs(quantity);
      default:
        this.#add(side, "side", `must be long or short, was ${quoted(side.text)}`);
        return quantity;
    }
  }

  optional(field: StatementField): number | null {
    const cell = this.#cell(field);
    return cell.text === "" ? null : this.#decimal(cell, field);
  }

  checkAssetClass(): void {
    const cell = this.#cell("assetClass");
    if (cell.text === "" || cell.text === EQUITY) return;
    const message = `must be ${EQUITY}, was ${quoted(cell.text)}: leave the row out`;
    this.#add(cell, "asset_class", message);
  }

  #decimal(cell: RawCell, field: string): number {
    const decimal = decimalCell(cell.text);
    if (decimal.ok) return decimal.value;
    this.#add(cell, field, decimal.message);
    return 0;
  }

  #cell(field: StatementField): RawCell {
    return this.#row.cells.get(field) ?? { at: this.#row.at, text: "" };
  }

  #add({ at }: RawCell, field: string, message: string): void {
    this.problems.push({ at, field, message });
  }
}
