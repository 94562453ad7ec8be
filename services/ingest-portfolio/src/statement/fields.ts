/** Names under which a statement may state a field; the first is ours, others are of Alpaca's positions. */
const NAMES = {
  symbol: ["symbol"],
  quantity: ["quantity", "qty"],
  averageEntryPrice: ["average_entry_price", "avg_entry_price"],
  statedPrice: ["last_price", "current_price"],
  statedMarketValue: ["market_value"],
  side: ["side"],
  assetClass: ["asset_class"],
  account: ["account"],
  asOf: ["as_of"],
} as const satisfies Record<string, readonly string[]>;

export type StatementField = keyof typeof NAMES;

export const REQUIRED_FIELDS = ["symbol", "quantity", "averageEntryPrice"] as const;

const FIELD_OF: ReadonlyMap<string, StatementField> = new Map(
  Object.entries(NAMES).flatMap(([field, names]) =>
    names.flatMap((name) => (isStatementField(field) ? [[name, field] as const] : [])),
  ),
);

export function isStatementField(name: string): name is StatementField {
  return Object.hasOwn(NAMES, name);
}

/** The field that a column or member states; null for one that this system does not keep. */
export function fieldOf(name: string): StatementField | null {
  return FIELD_OF.get(name.trim().toLowerCase()) ?? null;
}

/** All names of a field, as a message shows them. */
export function namesOf(field: StatementField): string {
  return NAMES[field].join(" or ");
}

/** What a row says, field by field, before anything is made of it. */
export interface RawRow {
  readonly at: string;
  readonly cells: ReadonlyMap<StatementField, RawCell>;
}

export interface RawCell {
  readonly at: string;
  /** Without blanks around it; empty when nothing is said. */
  readonly text: string;
}

/** The rows of a file, and what it says about all of them. */
export interface RawStatement {
  readonly rows: readonly RawRow[];
  readonly account: RawCell | null;
  readonly asOf: RawCell | null;
  readonly ignored: readonly string[];
}
