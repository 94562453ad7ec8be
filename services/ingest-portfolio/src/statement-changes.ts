import {
  type Position,
  positionId,
  positionKey,
  type StatedPosition,
} from "@amc/streams/portfolio/position";
import type { HeldPosition } from "./held-positions.ts";
import { positionValue } from "./position-value.ts";
import type { Statement } from "./statement/statement.ts";

/** An event to be appended. */
export interface PositionEvent {
  readonly id: string;
  readonly key: string;
  readonly value: Position;
}

/** What a statement changes, and what became of its rows. */
export interface StatementChanges {
  readonly events: readonly PositionEvent[];
  /** Open positions that are written, as new or as stated anew. */
  readonly stated: number;
  /** Positions that are closed, by quantity 0 or by absence. */
  readonly closed: number;
  /** Rows that say what the log holds already. */
  readonly unchanged: number;
  /** Rows, and absences, that are older than what the log holds of their position: it stays. */
  readonly older: number;
}

/**
 * The events that a statement makes of what the log holds: a pure function of both. The same statement
 * again makes none, and none is made that is older than what it would replace, so that the newest
 * record of a key is also the newest statement. A complete statement names every open position of its
 * accounts: what it does not name is closed.
 */
export function statementChanges(
  statement: Statement,
  held: ReadonlyMap<string, HeldPosition>,
  isComplete: boolean,
): StatementChanges {
  const events: PositionEvent[] = [];
  const counts = { stated: 0, closed: 0, unchanged: 0, older: 0 };
  const weigh = (account: string, position: StatedPosition, basis: Position["basis"]): void => {
    const key = positionKey(account, position.symbol);
    const current = held.get(key);
    const outcome = outcomeOf(statement.asOfMs, position, current?.value);
    counts[outcome] += 1;
    if (outcome === "unchanged" || outcome === "older") return;
    const replaced = current?.value.happenedAt === statement.asOfMs ? current.id : null;
    const id = positionId(account, statement.asOfMs, position, replaced);
    events.push({ id, key, value: positionValue(statement, account, position, basis) });
  };
  for (const [account, positions] of statement.accounts) {
    for (const position of positions) weigh(account, position, "STATED");
    if (!isComplete) continue;
    for (const absent of absentOf(account, positions, held)) weigh(account, absent, "ABSENT");
  }
  return { events, ...counts };
}

type Outcome = "stated" | "closed" | "unchanged" | "older";

function outcomeOf(asOfMs: number, stated: StatedPosition, held: Position | undefined): Outcome {
  const isClosing = stated.quantity === 0;
  if (held === undefined) return isClosing ? "unchanged" : "stated";
  if (held.happenedAt > asOfMs) return "older";
  if (isClosing) return held.quantity === 0 ? "unchanged" : "closed";
  return held.happenedAt === asOfMs && saysTheSame(stated, held) ? "unchanged" : "stated";
}

function saysTheSame(stated: StatedPosition, held: Position): boolean {
  return (
    stated.quantity === held.quantity &&
    stated.averageEntryPrice === held.averageEntryPrice &&
    stated.statedPrice === held.statedPrice &&
    stated.statedMarketValue === held.statedMarketValue
  );
}

/** Open positions of the account that the statement does not name, closed. */
function absentOf(
  account: string,
  positions: readonly StatedPosition[],
  held: ReadonlyMap<string, HeldPosition>,
): readonly StatedPosition[] {
  const named = new Set(positions.map(({ symbol }) => symbol));
  return [...held.values()].flatMap(({ value }) =>
    value.account === account && value.quantity !== 0 && !named.has(value.symbol)
      ? [{ ...NOTHING, symbol: value.symbol }]
      : [],
  );
}

const NOTHING = {
  ...{ quantity: 0, averageEntryPrice: null, statedPrice: null, statedMarketValue: null },
} as const satisfies Omit<StatedPosition, "symbol">;
