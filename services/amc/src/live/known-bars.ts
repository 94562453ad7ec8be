import type { Log } from "@amc/platform/log/port";
import { recordsSince } from "@amc/platform/log/records-since";
import { decodeEvent } from "@amc/schemas/codec";
import type { PriceTick } from "@amc/schemas/generated/events";
import type { Fact } from "@amc/streams/kernel/fact";
import { DAY_MS } from "@amc/streams/market/calendar-date";

const TOPIC = "market.price-tick.v1";
/** Further back the log is not looked through at a start: bars of before are found again by their ids. */
const LOOK_BACK_MS = 10 * DAY_MS;

/**
 * The newest price of each symbol and kind that the log has. A price that is told again, or that the
 * vendor has corrected since, is not told twice: the first statement is what was known then.
 */
export class KnownBars {
  readonly #newest = new Map<string, number>();

  /** As the log of the last ten days says. A record that does not decode is the projector's to report. */
  static async of(log: Log, nowMs: number): Promise<KnownBars> {
    const known = new KnownBars();
    for await (const { value } of recordsSince(log, TOPIC, nowMs - LOOK_BACK_MS)) {
      const decoded = value === null ? null : decodeEvent(TOPIC, value);
      if (decoded?.ok === true) known.#note(decoded.value);
    }
    return known;
  }

  /** When the newest bar of this length ended, UTC ms; null where none is known. */
  newestBar(symbol: string, intervalMs: number): number | null {
    return this.#newest.get(`${symbol} BAR ${intervalMs}`) ?? null;
  }

  /** Facts of one answer without the prices that are known. */
  fresh(facts: readonly Fact[]): readonly Fact[] {
    return facts.filter((fact) => {
      if (fact.topic !== TOPIC) return true;
      const { happenedAt } = fact.value;
      return happenedAt > (this.#newest.get(keyOf(fact.value)) ?? Number.NEGATIVE_INFINITY);
    });
  }

  /** Facts that are in the log now. */
  note(facts: readonly Fact[]): void {
    for (const fact of facts) if (fact.topic === TOPIC) this.#note(fact.value);
  }

  #note(tick: PriceTick): void {
    const key = keyOf(tick);
    const before = this.#newest.get(key) ?? Number.NEGATIVE_INFINITY;
    this.#newest.set(key, Math.max(before, tick.happenedAt));
  }
}

function keyOf({ symbol, kind, intervalMs }: PriceTick): string {
  return `${symbol} ${kind} ${intervalMs}`;
}
