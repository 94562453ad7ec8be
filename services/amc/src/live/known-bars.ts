import type { Log } from "@amc/platform/log/port";
import { recordsSince } from "@amc/platform/log/records-since";
import { decodeEvent } from "@amc/schemas/codec";
import type { PriceTick } from "@amc/schemas/generated/events";
import type { Fact } from "@amc/streams/kernel/fact";
import { DAY_MS } from "@amc/streams/market/calendar-date";

const TOPIC = "market.price-tick.v1";
/** Further back the log is not looked through at a start: bars of before are found again by their ids. */
const LOOK_BACK_MS = 10 * DAY_MS;

/** Ends of bars that are remembered one by one, of each symbol and length: some five sessions of minutes. */
const REMEMBERED_MAX = 5_000;

/** What is known of one symbol and kind of price. */
interface KnownEnds {
  /** Up to here nothing is missing; what is asked for begins here. UTC ms. */
  newest: number;
  /** UTC ms, in the order in which they came. */
  readonly ends: Set<number>;
  /** What ended before is known, or forgotten for good. */
  oldest: number;
}

/**
 * The prices that the log has. One that is told again, or that the vendor has corrected since, is not
 * told twice: the first statement is what was known then. One that was refused is asked for again.
 */
export class KnownBars {
  readonly #known = new Map<string, KnownEnds>();

  /**
   * As the log of the last ten days says, of what is made up or of what is not. A record that does not
   * decode is the projector's to report.
   */
  static async of(log: Log, nowMs: number, simulated: boolean): Promise<KnownBars> {
    const known = new KnownBars();
    for await (const { value } of recordsSince(log, TOPIC, nowMs - LOOK_BACK_MS)) {
      const decoded = value === null ? null : decodeEvent(TOPIC, value);
      if (decoded?.ok !== true || decoded.value.simulated !== simulated) continue;
      known.#note(decoded.value, true);
    }
    return known;
  }

  /** When the newest bar of this length ended before which none is missing, UTC ms; null without one. */
  newestBar(symbol: string, intervalMs: number): number | null {
    const newest =
      this.#known.get(`${symbol} BAR ${intervalMs}`)?.newest ?? Number.NEGATIVE_INFINITY;
    return newest === Number.NEGATIVE_INFINITY ? null : newest;
  }

  /** Facts of one answer without the prices that are known. */
  fresh(facts: readonly Fact[]): readonly Fact[] {
    return facts.filter((fact) => {
      if (fact.topic !== TOPIC) return true;
      const { happenedAt } = fact.value;
      const known = this.#known.get(keyOf(fact.value));
      return known === undefined || (happenedAt > known.oldest && !known.ends.has(happenedAt));
    });
  }

  /** Facts that are in the log now, of an answer that was `whole` unless some of it was refused. */
  note(facts: readonly Fact[], whole: boolean): void {
    for (const fact of facts) if (fact.topic === TOPIC) this.#note(fact.value, whole);
  }

  #note(tick: PriceTick, whole: boolean): void {
    const key = keyOf(tick);
    const nothing = Number.NEGATIVE_INFINITY;
    const known = this.#known.get(key) ?? { newest: nothing, ends: new Set(), oldest: nothing };
    this.#known.set(key, known);
    known.ends.add(tick.happenedAt);
    if (whole) known.newest = Math.max(known.newest, tick.happenedAt);
    if (known.ends.size <= REMEMBERED_MAX) return;
    const [first = nothing] = known.ends;
    known.ends.delete(first);
    known.oldest = Math.max(known.oldest, first);
  }
}

function keyOf({ symbol, kind, intervalMs }: PriceTick): string {
  return `${symbol} ${kind} ${intervalMs}`;
}
