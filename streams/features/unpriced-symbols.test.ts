import type { Features } from "@amc/schemas/generated/events";
import { describe, expect, it } from "vitest";
import { uuidOf } from "../kernel/ids.ts";
import type { AnyEvent } from "../kernel/stage.ts";
import { Task } from "../kernel/task.ts";
import { DAY_MS } from "../market/calendar-date.ts";
import { newYorkToUtc } from "../market/event-time.ts";
import { DEFAULT_SCORING } from "../scoring/config.ts";
import { barFact, dailyFact, shortInterestFact } from "../testing/symbol-facts.ts";
import { createFeaturesStage } from "./features-stage.ts";

/** Short interest of 2020-12-31, public in the evening of 12 January 2021. */
const PUBLISHED = newYorkToUtc("2021-01-12", "18:00");
const at = (time: string, day = "2021-01-13"): number => newYorkToUtc(day, time);

function tick(happenedAt: number): AnyEvent {
  const value = { happenedAt, cuts: [], discovery: true, source: "test" };
  return { topic: "ops.clock.v1", id: uuidOf(`clock/${happenedAt}`), key: null, value };
}

/** The features stage of one symbol; `slice` gives what it says at the end of a slice. */
class Market {
  #said: Features[] = [];
  readonly #committed = new Map<string, Map<string, Uint8Array>>();
  #task = this.#open();

  slice(atMs: number, ...facts: readonly AnyEvent[]): readonly Features[] {
    this.#said = [];
    for (const fact of facts) this.#task.step(fact);
    this.#task.step(tick(atMs));
    return this.#said;
  }

  /** A commit and a crash. */
  restart(): number {
    let changes = 0;
    for (const store of this.#task.stores) {
      const committed = this.#committed.get(store.name) ?? new Map<string, Uint8Array>();
      this.#committed.set(store.name, committed);
      for (const { key, value } of store.takeChanges()) {
        changes += 1;
        if (value === null) committed.delete(key);
        else committed.set(key, value.slice());
      }
    }
    this.#task = this.#open();
    for (const store of this.#task.stores) {
      for (const [key, bytes] of this.#committed.get(store.name) ?? []) store.restore(key, bytes);
    }
    return changes;
  }

  #open(): Task {
    const definition = {
      ...{ name: "test", timed: true },
      stages: [createFeaturesStage(DEFAULT_SCORING)],
    };
    return new Task(definition, { partition: 0, partitions: 1 }, ({ emission }) => {
      if (emission.topic === "signals.features.v1") this.#said.push(emission.value);
    });
  }
}

const SLOTS = ["09:45", "10:00", "12:30", "16:00"] as const;

describe("a symbol of which no price was ever seen", () => {
  it("is not evaluated in any slot, and its short interest is there with its first price", () => {
    const market = new Market();
    const told = market.slice(PUBLISHED, shortInterestFact(PUBLISHED));
    expect(told.map(({ trigger, sharesShort }) => [trigger, sharesShort])).toEqual([
      ["SLICE", 5_000_000],
    ]);
    for (const time of SLOTS) expect(market.slice(at(time))).toEqual([]);
    market.restart();
    for (const time of SLOTS) expect(market.slice(at(time, "2021-01-14"))).toEqual([]);

    const bar = barFact(at("09:45", "2021-01-15"), { close: 12 });
    const [priced] = market.slice(at("09:45", "2021-01-15"), bar);
    expect(priced).toMatchObject({
      ...{ trigger: "SLOT", tradingDay: "2021-01-15", price: 12, sharesShort: 5_000_000 },
      shortSettlementDate: "2020-12-31",
    });
    const next = market.slice(at("10:00", "2021-01-15"));
    expect(next.map(({ trigger }) => trigger)).toEqual(["SLOT"]);
  });

  it("changes nothing that is stored in a slot, and costs no event, however many days go by", () => {
    const market = new Market();
    market.slice(PUBLISHED, shortInterestFact(PUBLISHED));
    market.restart();
    const days = ["2021-01-13", "2021-01-14", "2021-01-15", "2021-01-19"];
    const events = days.flatMap((day) => SLOTS.flatMap((time) => market.slice(at(time, day))));
    expect(events).toEqual([]);
    // The instant of the last tick, and nothing of the symbol.
    expect(market.restart()).toBe(1);
  });

  it("tells the trading day of a fact that comes weeks later", () => {
    const market = new Market();
    market.slice(PUBLISHED, shortInterestFact(PUBLISHED));
    const later = newYorkToUtc("2021-01-27", "18:00");
    market.slice(at("10:00", "2021-01-27"));
    const [told] = market.slice(later, shortInterestFact(later, { settlementDate: "2021-01-15" }));
    expect(told).toMatchObject({ trigger: "SLICE", tradingDay: "2021-01-27" });
  });

  it("is evaluated from then on, on days on which it does not trade, too (control)", () => {
    const market = new Market();
    const closed = newYorkToUtc("2021-01-11", "20:00");
    market.slice(closed, dailyFact(closed, { happenedAt: closed, intervalMs: DAY_MS }));
    market.slice(PUBLISHED, shortInterestFact(PUBLISHED));
    const evaluated = SLOTS.flatMap((time) => market.slice(at(time)));
    expect(evaluated.map(({ trigger, prevClose }) => [trigger, prevClose])).toEqual(
      SLOTS.map(() => ["SLOT", 10]),
    );
  });
});
