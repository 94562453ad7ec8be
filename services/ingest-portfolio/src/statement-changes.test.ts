import { decodeEvent, encodeEvent } from "@amc/schemas/codec";
import { validateFact } from "@amc/schemas/validate";
import type { AnyEvent } from "@amc/streams/kernel/stage";
import { positionKey, type StatedPosition } from "@amc/streams/portfolio/position";
import { given } from "@amc/streams/testing/projection-spec";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { HeldPosition } from "./held-positions.ts";
import type { Statement } from "./statement/statement.ts";
import {
  type PositionEvent,
  type StatementChanges,
  statementChanges,
} from "./statement-changes.ts";

const TOPIC = "portfolio.position.v1";
const NOON = Date.UTC(2021, 0, 13, 17);

function stated(symbol: string, quantity: number, entry: number | null = 10): StatedPosition {
  const averageEntryPrice = quantity === 0 ? null : entry;
  return { symbol, quantity, averageEntryPrice, statedPrice: null, statedMarketValue: null };
}

function statement(
  asOfMs: number,
  positions: readonly StatedPosition[],
  account = "main",
): Statement {
  return {
    ...{ source: "import/csv", providerLatencyMs: null, simulated: false },
    ...{ asOfMs, capturedAtMs: NOON + 86_400_000, ignored: [] },
    accounts: new Map([[account, positions]]),
  };
}

/** A log of one account or more: what was appended, and what it holds by key. */
class Imported {
  readonly appended: PositionEvent[] = [];
  readonly held = new Map<string, HeldPosition>();

  take(next: Statement, isComplete = false): StatementChanges {
    const changes = statementChanges(next, this.held, isComplete);
    for (const event of changes.events) {
      this.appended.push(event);
      this.held.set(event.key, event);
    }
    return changes;
  }

  /** Quantity and entry price of open positions, by key, as the projection keeps them. */
  rows(events: readonly PositionEvent[] = this.appended): Readonly<Record<string, unknown>> {
    const spec = given().when(events.map(eventOf));
    if (spec.misfits.length > 0) throw new TypeError(JSON.stringify(spec.misfits));
    const rows = spec
      .rows("portfolio_positions")
      .map((row) => Object.fromEntries(Object.entries(row)));
    return Object.fromEntries(
      rows
        .filter(({ quantity }) => quantity !== 0)
        .map((row) => [
          positionKey(String(row.account), String(row.symbol)),
          [row.quantity, row.average_entry_price],
        ]),
    );
  }

  /** As the cleaner of a compacted topic leaves it: the newest record of each key, in order. */
  compacted(): readonly PositionEvent[] {
    return this.appended.filter(({ id, key }) => this.held.get(key)?.id === id);
  }
}

/** Through the codec and the edge, as the projector reads it. */
function eventOf({ id, key, value }: PositionEvent): AnyEvent {
  const decoded = decodeEvent(TOPIC, encodeEvent(TOPIC, value));
  if (!decoded.ok) throw new TypeError(decoded.code);
  const invalid = validateFact(TOPIC, decoded.value);
  if (invalid !== null) throw new TypeError(invalid.message);
  return { topic: TOPIC, id, key, value: decoded.value, checksum: 0, late: false };
}

describe("a statement", () => {
  it("opens, changes and closes positions, and leaves alone what it does not name", () => {
    const log = new Imported();
    log.take(statement(NOON, [stated("GME", 100), stated("AMC", -40, 50), stated("SPY", 1)]));
    const later = log.take(statement(NOON + 1, [stated("GME", 60), stated("AMC", 0)]));
    expect(later).toMatchObject({ stated: 1, closed: 1, unchanged: 0, older: 0 });
    expect(log.rows()).toEqual({ "main/GME": [60, 10], "main/SPY": [1, 10] });
  });

  it("that is complete closes what it does not name, of its own accounts only", () => {
    const log = new Imported();
    log.take(statement(NOON, [stated("GME", 100), stated("SPY", 1)]));
    log.take(statement(NOON, [stated("SPY", 2)], "ira"));
    const changes = log.take(statement(NOON + 1, [stated("GME", 100)]), true);
    expect(changes).toMatchObject({ stated: 1, closed: 1 });
    expect(changes.events.map(({ key, value }) => [key, value.quantity, value.basis])).toEqual([
      ["main/GME", 100, "STATED"],
      ["main/SPY", 0, "ABSENT"],
    ]);
    expect(log.rows()).toEqual({ "main/GME": [100, 10], "ira/SPY": [2, 10] });
  });

  it("of no position, complete, closes all of its account", () => {
    const log = new Imported();
    log.take(statement(NOON, [stated("GME", 100), stated("AMC", -1)]));
    expect(log.take(statement(NOON + 1, []), true)).toMatchObject({ closed: 2 });
    expect(log.rows()).toEqual({});
  });

  it("that is older than what is held changes nothing, and closes nothing", () => {
    const log = new Imported();
    log.take(statement(NOON, [stated("GME", 100), stated("SPY", 1)]));
    const before = log.rows();
    const changes = log.take(statement(NOON - 1, [stated("GME", 1)]), true);
    expect(changes).toEqual({ events: [], stated: 0, closed: 0, unchanged: 0, older: 2 });
    expect(log.rows()).toEqual(before);
  });

  it.each([
    ["closes what nobody held", []],
    ["closes what an older one closed", [statement(NOON - 3, [stated("GME", 0)])]],
    ["closes what was open", [statement(NOON - 3, [stated("GME", 1)])]],
  ])("that %s keeps an older one from opening it later", (_, before) => {
    const log = new Imported();
    for (const said of before) log.take(said);
    expect(log.take(statement(NOON, [stated("GME", 0)]))).toMatchObject({ closed: 1 });
    expect(log.take(statement(NOON, [stated("GME", 0)])).events).toEqual([]);
    const late = log.take(statement(NOON - 1, [stated("GME", 100)]));
    expect(late).toEqual({ events: [], stated: 0, closed: 0, unchanged: 0, older: 1 });
    expect(log.rows()).toEqual({});
  });

  it("that is complete keeps what it does not name closed at its own instant", () => {
    const log = new Imported();
    log.take(statement(NOON, [stated("GME", 100), stated("SPY", 1)]));
    log.take(statement(NOON + 1, [stated("SPY", 1)]), true);
    log.take(statement(NOON + 3, [stated("SPY", 1)]), true);
    expect(log.take(statement(NOON + 3, [stated("SPY", 1)]), true).events).toEqual([]);
    // Neither what was closed before, nor what the log has never heard of; in its own account only.
    const late = statement(NOON + 2, [stated("GME", 100), stated("AMC", 5)]);
    expect(log.take(late)).toMatchObject({ events: [], older: 2 });
    expect(log.take({ ...late, accounts: new Map([["ira", [stated("AMC", 5)]]]) })).toMatchObject({
      stated: 1,
    });
    expect(log.rows()).toEqual({ "main/SPY": [1, 10], "ira/AMC": [5, 10] });
  });

  it("that is complete and closed nothing is not known as complete: an older one adds to it", () => {
    const log = new Imported();
    log.take(statement(NOON, [stated("SPY", 1)]), true);
    expect(log.take(statement(NOON - 1, [stated("GME", 100)]))).toMatchObject({ stated: 1 });
    expect(log.rows()).toEqual({ "main/SPY": [1, 10], "main/GME": [100, 10] });
  });

  it("corrects another one of the same instant, and back again, each under an id of its own", () => {
    const log = new Imported();
    for (const quantity of [1, 2, 1, 1]) log.take(statement(NOON, [stated("GME", quantity)]));
    expect(log.appended.map(({ value }) => value.quantity)).toEqual([1, 2, 1]);
    expect(new Set(log.appended.map(({ id }) => id)).size).toBe(3);
    expect(log.rows()).toEqual({ "main/GME": [1, 10] });
  });

  it("gives a row the same id wherever it is imported, and another account another one", () => {
    const idOf = (account: string) =>
      statementChanges(statement(NOON, [stated("GME", 1)], account), new Map(), false).events[0]
        ?.id;
    expect(idOf("main")).toBe(idOf("main"));
    expect(idOf("main")).not.toBe(idOf("ira"));
  });
});

const symbols = fc.constantFrom("GME", "AMC", "BRK.B", "SPY");
const positions = fc.uniqueArray(
  fc
    .tuple(symbols, fc.integer({ min: -3, max: 3 }), fc.constantFrom(10, 18.5, null))
    .map(([symbol, quantity, entry]) => stated(symbol, quantity, entry)),
  { selector: ({ symbol }) => symbol, maxLength: 4 },
);
const statements = fc.record({
  isComplete: fc.boolean(),
  said: fc
    .tuple(fc.integer({ min: 0, max: 3 }), positions, fc.constantFrom("main", "ira"))
    .map(([minute, list, account]) => statement(NOON + minute * 60_000, list, account)),
});
const history = fc.array(statements, { maxLength: 12 });

interface Known {
  readonly asOfMs: number;
  readonly quantity: number;
  readonly entry: number | null;
  readonly isAbsent: boolean;
}

/** What is held after statements, said once more in the plainest way: newest as-of wins, ties the later. */
function heldAfter(list: readonly { isComplete: boolean; said: Statement }[]) {
  const held = new Map<string, Known>();
  for (const { isComplete, said } of list) {
    const { asOfMs } = said;
    for (const [account, rows] of said.accounts) {
      const named = new Map(rows.map((row) => [positionKey(account, row.symbol), row]));
      const own = [...held].filter(([key]) => key.startsWith(`${account}/`));
      const isAfterComplete = own.every(([, known]) => !known.isAbsent || known.asOfMs <= asOfMs);
      for (const [key, { quantity, averageEntryPrice: entry }] of named) {
        const known = held.get(key);
        if (known === undefined ? !isAfterComplete : known.asOfMs > asOfMs) continue;
        // What is closed at an instant is not closed again at it.
        if (quantity === 0 && known?.quantity === 0 && known.asOfMs === asOfMs) continue;
        held.set(key, { asOfMs, quantity, entry, isAbsent: false });
      }
      for (const [key, known] of own) {
        if (!isComplete || named.has(key) || known.asOfMs > asOfMs) continue;
        if (known.quantity === 0 && known.asOfMs === asOfMs) continue;
        held.set(key, { asOfMs, quantity: 0, entry: null, isAbsent: true });
      }
    }
  }
  const open = [...held].filter(([, { quantity }]) => quantity !== 0);
  return Object.fromEntries(open.map(([key, { quantity, entry }]) => [key, [quantity, entry]]));
}

describe("whatever statements come in whatever order", () => {
  it("rows hold what a plain reading of them says", () => {
    fc.assert(
      fc.property(history, (list) => {
        const log = new Imported();
        for (const { said, isComplete } of list) log.take(said, isComplete);
        expect(log.rows()).toEqual(heldAfter(list));
      }),
    );
  });

  it("the order of those that are not complete and of instants of their own does not matter", () => {
    const list = fc.uniqueArray(
      statements.map(({ said }) => said),
      { selector: ({ asOfMs }) => asOfMs },
    );
    fc.assert(
      fc.property(list, (shuffled) => {
        const log = new Imported();
        for (const said of shuffled) log.take(said);
        const inOrder = new Imported();
        for (const said of shuffled.toSorted((a, b) => a.asOfMs - b.asOfMs)) inOrder.take(said);
        expect(log.rows()).toEqual(inOrder.rows());
      }),
    );
  });

  it("a complete one, all of whose account's symbols the log knows, is not undone by an older one", () => {
    fc.assert(
      fc.property(history, positions, positions, (list, complete, late) => {
        const log = new Imported();
        const all = ["GME", "AMC", "BRK.B", "SPY"].map((symbol) => stated(symbol, 1));
        log.take(statement(NOON - 1, all));
        for (const { said, isComplete } of list) log.take(said, isComplete);
        log.take(statement(NOON + 3_600_000, complete), true);
        const before = log.rows();
        expect(log.take(statement(NOON + 3_599_999, late)).events).toEqual([]);
        expect(log.rows()).toEqual(before);
      }),
    );
  });

  it("each changes nothing the second time", () => {
    fc.assert(
      fc.property(history, (list) => {
        const log = new Imported();
        for (const { said, isComplete } of list) {
          log.take(said, isComplete);
          expect(log.take(said, isComplete).events).toEqual([]);
        }
      }),
    );
  });

  it("a compacted topic, and one whose batches were written twice, give the same rows", () => {
    fc.assert(
      fc.property(history, (list) => {
        const log = new Imported();
        for (const { said, isComplete } of list) log.take(said, isComplete);
        expect(log.rows(log.compacted())).toEqual(log.rows());
        expect(log.rows([...log.appended, ...log.compacted()])).toEqual(log.rows());
        // No record of a key is older than the one before it.
        for (const [, events] of Map.groupBy(log.appended, ({ key }) => key)) {
          const instants = events.map(({ value }) => value.happenedAt);
          expect(instants).toEqual(instants.toSorted((a, b) => a - b));
        }
      }),
    );
  });
});
