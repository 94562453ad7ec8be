import type { Log } from "@amc/platform/log/port";
import { recordsSince } from "@amc/platform/log/records-since";
import { decodeEvent } from "@amc/schemas/codec";
import type { PriceTick } from "@amc/schemas/generated/events";
import type { Fact } from "@amc/streams/kernel/fact";
import { DAY_MS } from "@amc/streams/market/calendar-date";
import { CellRing } from "./cell-ring.ts";

export const PRICES = "market.price-tick.v1";
/** Further back the log is not looked through at a start, unless an answer reaches there. */
const LOOK_BACK_MS = 10 * DAY_MS;
/** Then at once as far as answers reach: 260 sessions (`DAYS_OF_HISTORY`) are 380 days. */
const HISTORY_MS = 400 * DAY_MS;

/** Days that are remembered of each symbol, a bit each. */
const DAYS_MAX = 512;
/** Shorter bars: eleven days of minutes, 2 KB a symbol. */
const BARS_MAX = 16_384;
/** Quotes and trades: a snapshot tells the newest again until there is another. */
const INSTANTS_MAX = 64;

/** What is known of one symbol and kind of price. */
interface KnownEnds {
  /** Up to here nothing is missing; what is asked for begins here. UTC ms. */
  newest: number;
  readonly ends: Ends;
}

interface Ends {
  has(atMs: number): boolean;
  add(atMs: number): void;
}

/** A log, and since when its prices are known, UTC ms. */
interface LogReach {
  readonly log: Log;
  readonly simulated: boolean;
  readonly nowMs: number;
  sinceMs: number;
}

/**
 * The prices that the log has. One that is told again, or that the vendor has corrected since, is not
 * told twice: the first statement is what was known then. One that was refused is asked for again. What
 * it holds is bounded by symbols and not by time, so that a whole market fits into memory.
 */
export class KnownBars {
  readonly #known = new Map<string, KnownEnds>();
  readonly #reach: LogReach | null;

  /** Without a log, what is noted is all there is. */
  constructor(reach: LogReach | null = null) {
    this.#reach = reach;
  }

  /**
   * As the log of the last ten days says, of what is made up or of what is not. A record that does not
   * decode is the projector's to report.
   */
  static async of(log: Log, nowMs: number, simulated: boolean): Promise<KnownBars> {
    const sinceMs = nowMs - LOOK_BACK_MS;
    const known = new KnownBars({ log, simulated, nowMs, sinceMs });
    for await (const tick of known.#ticksSince(sinceMs)) known.#note(tick, true);
    return known;
  }

  /** When the newest bar of this length ended before which none is missing, UTC ms; null without one. */
  newestBar(symbol: string, intervalMs: number): number | null {
    const newest =
      this.#known.get(`${symbol} BAR ${intervalMs}`)?.newest ?? Number.NEGATIVE_INFINITY;
    return newest === Number.NEGATIVE_INFINITY ? null : newest;
  }

  /**
   * Facts of one answer without the prices that are known; of those that are left the log has none. The
   * first answer that reaches behind the look back has the log read through, and no other.
   */
  async fresh(facts: readonly Fact[]): Promise<readonly Fact[]> {
    await this.#reachBack(facts);
    return facts.filter((fact) => {
      if (fact.topic !== PRICES) return true;
      return this.#known.get(keyOf(fact.value))?.ends.has(fact.value.happenedAt) !== true;
    });
  }

  /** Facts that are in the log now, of an answer that was `whole` unless some of it was refused. */
  note(facts: readonly Fact[], whole: boolean): void {
    for (const fact of facts) if (fact.topic === PRICES) this.#note(fact.value, whole);
  }

  async #reachBack(facts: readonly Fact[]): Promise<void> {
    const reach = this.#reach;
    if (reach === null) return;
    const oldestMs = facts.reduce(
      (oldest, { topic, value }) =>
        topic === PRICES ? Math.min(oldest, value.happenedAt) : oldest,
      reach.sinceMs,
    );
    if (oldestMs >= reach.sinceMs) return;
    reach.sinceMs = Math.min(oldestMs, reach.nowMs - HISTORY_MS);
    // How far nothing is missing, the newest of them do not tell: some may have been refused since.
    for await (const tick of this.#ticksSince(reach.sinceMs)) this.#note(tick, false);
  }

  async *#ticksSince(sinceMs: number): AsyncGenerator<PriceTick> {
    if (this.#reach === null) return;
    const { log, simulated } = this.#reach;
    for await (const { value } of recordsSince(log, PRICES, sinceMs)) {
      const decoded = value === null ? null : decodeEvent(PRICES, value);
      if (decoded?.ok === true && decoded.value.simulated === simulated) yield decoded.value;
    }
  }

  #note(tick: PriceTick, whole: boolean): void {
    const key = keyOf(tick);
    const known = this.#known.get(key) ?? {
      newest: Number.NEGATIVE_INFINITY,
      ends: endsOf(tick.intervalMs),
    };
    this.#known.set(key, known);
    known.ends.add(tick.happenedAt);
    if (whole) known.newest = Math.max(known.newest, tick.happenedAt);
  }
}

function keyOf({ symbol, kind, intervalMs }: PriceTick): string {
  return `${symbol} ${kind} ${intervalMs}`;
}

/** Of bars that do not overlap, one ends in each interval. */
function endsOf(intervalMs: number): Ends {
  if (intervalMs === 0) return newestInstants();
  const ring = new CellRing(intervalMs >= DAY_MS ? DAYS_MAX : BARS_MAX);
  const cellOf = (atMs: number) => Math.floor(atMs / intervalMs);
  return { has: (atMs) => ring.has(cellOf(atMs)), add: (atMs) => ring.add(cellOf(atMs)) };
}

function newestInstants(): Ends {
  const instants = new Set<number>();
  /** What was before is known, or forgotten for good. */
  let oldest = Number.NEGATIVE_INFINITY;
  return {
    has: (atMs) => atMs <= oldest || instants.has(atMs),
    add: (atMs) => {
      instants.add(atMs);
      if (instants.size <= INSTANTS_MAX) return;
      const [first = oldest] = instants;
      instants.delete(first);
      oldest = Math.max(oldest, first);
    },
  };
}
