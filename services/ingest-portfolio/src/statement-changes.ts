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
  /** Positions that are written as closed, by quantity 0 or by absence, also anew at a later instant. */
  readonly closed: number;
  /** Rows that say what the log holds already. */
  readonly unchanged: number;
  /** Rows, and absences, that are older than what the log knows of their position: it stays. */
  readonly older: number;
}

/**
 * The events that a statement makes of what the log holds: a pure function of both. The same statement
 * again makes none, and none is made that is older than what it would replace, so that the newest
 * record of a key is also the newest statement. What is closed is written as closed at each newer
 * instant, also what nobody held: an older statement that comes late cannot open it.
 *
 * A complete statement names every open position of its accounts: what it does not name is closed. Of a
 * symbol that the log has no record of, an older statement says nothing then; but that a statement was
 * complete is known by a position that it closed by absence, so one that closed none keeps no later
 * import from adding what it did not name.
 */
export function statementChanges(
  statement: Statement,
  held: ReadonlyMap<string, HeldPosition>,
  isComplete: boolean,
): StatementChanges {
  const completeMs = newestComplete(held);
  const events: PositionEvent[] = [];
  const counts = { stated: 0, closed: 0, unchanged: 0, older: 0 };
  const { asOfMs } = statement;
  const weigh = (account: string, position: StatedPosition, basis: Position["basis"]): void => {
    const key = positionKey(account, position.symbol);
    const current = held.get(key);
    const knownMs = current?.value.happenedAt ?? completeMs.get(account);
    const outcome = outcomeOf(asOfMs, position, current?.value, knownMs);
    counts[outcome] += 1;
    if (outcome === "unchanged" || outcome === "older") return;
    const replaced = current?.value.happenedAt === asOfMs ? current.id : null;
    const id = positionId(account, asOfMs, position, replaced);
    events.push({ id, key, value: positionValue(statement, account, position, basis) });
  };
  for (const [account, positions] of statement.accounts) {
    for (const position of positions) weigh(account, position, "STATED");
    if (!isComplete) continue;
    for (const absent of absentOf(account, statement, held)) weigh(account, absent, "ABSENT");
  }
  return { events, ...counts };
}

type Outcome = "stated" | "closed" | "unchanged" | "older";

function outcomeOf(
  asOfMs: number,
  stated: StatedPosition,
  held: Position | undefined,
  knownMs: number | undefined,
): Outcome {
  if (knownMs !== undefined && knownMs > asOfMs) return "older";
  if (held?.happenedAt === asOfMs && saysTheSame(stated, held)) return "unchanged";
  return stated.quantity === 0 ? "closed" : "stated";
}

/** By account, the newest instant at which a complete statement is known to have been, UTC ms. */
function newestComplete(held: ReadonlyMap<string, HeldPosition>): ReadonlyMap<string, number> {
  const newest = new Map<string, number>();
  for (const { value } of held.values()) {
    const { account, basis, happenedAt } = value;
    if (basis !== "ABSENT") continue;
    newest.set(account, Math.max(happenedAt, newest.get(account) ?? happenedAt));
  }
  return newest;
}

function saysTheSame(stated: StatedPosition, held: Position): boolean {
  if (stated.quantity !== held.quantity) return false;
  // What is closed has no price that matters, whatever a row says of it.
  if (stated.quantity === 0) return true;
  return (
    stated.averageEntryPrice === held.averageEntryPrice &&
    stated.statedPrice === held.statedPrice &&
    stated.statedMarketValue === held.statedMarketValue
  );
}

/** Positions of the account that the statement does not name, closed: open ones, and what closed before. */
function absentOf(
  account: string,
  { accounts, asOfMs }: Statement,
  held: ReadonlyMap<string, HeldPosition>,
): readonly StatedPosition[] {
  const named = new Set(accounts.get(account)?.map(({ symbol }) => symbol));
  return [...held.values()].flatMap(({ value }) =>
    value.account === account &&
    !named.has(value.symbol) &&
    (value.quantity !== 0 || value.happenedAt < asOfMs)
      ? [{ ...NOTHING, symbol: value.symbol }]
      : [],
  );
}

const NOTHING = {
  ...{ quantity: 0, averageEntryPrice: null, statedPrice: null, statedMarketValue: null },
} as const satisfies Omit<StatedPosition, "symbol">;
