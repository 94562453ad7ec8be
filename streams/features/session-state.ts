import type { PriceTick, VolumeScope } from "@amc/schemas/generated/events";
import { addUuid, type Lanes } from "../kernel/ids.ts";
import type { Provenance } from "./reference-state.ts";

/** Which part of its trading day an observation belongs to. */
export type DayPart = "regular" | "extended";

/** A daily bar of the running trading day, waiting for the day to end. */
export interface PendingDaily extends Provenance {
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
  readonly scope: VolumeScope;
}

/**
 * What one symbol has done on one trading day: sums that a tick can update in constant time.
 * Plain fields of one shape, because this object is touched by every tick of the market.
 */
export class SessionState {
  /** Trading day, yyyy-mm-dd. */
  readonly day: string;
  ticks = 0;
  regularTicks = 0;
  /** Sum of typical price times volume, and of volume, over the regular session. */
  priceVolume = 0;
  volume = 0;
  extendedVolume = 0;
  dollarVolume = 0;
  open = Number.NaN;
  regularHigh = Number.NEGATIVE_INFINITY;
  regularLow = Number.POSITIVE_INFINITY;
  regularClose = Number.NaN;
  /** Event times of `open` and `regularClose`: a late fact does not move the ends of the session. */
  openAt = Number.POSITIVE_INFINITY;
  regularCloseAt = Number.NEGATIVE_INFINITY;
  /** First price of the day in any session: the far side of the overnight gap. */
  firstPrice = Number.NaN;
  firstPriceAt = Number.POSITIVE_INFINITY;
  high = Number.NEGATIVE_INFINITY;
  low = Number.POSITIVE_INFINITY;
  price = Number.NaN;
  priceAt = 0;
  publishedAt = 0;
  capturedAt = 0;
  source = "";
  confidence = 0;
  scope: VolumeScope = "CONSOLIDATED";
  mixedScopes = false;
  simulated = false;
  suspectPrints = 0;
  lateFacts = 0;
  /** Index into the crossing levels: those below it have fired today. */
  crossedLevels = 0;
  firstId = "";
  lastId = "";
  readonly idSum: Lanes = new Uint32Array(4);
  daily: PendingDaily | null = null;
  /** True once the daily bar has had its one evaluation. */
  dailyJudged = false;
  /** Where the newest completed session came from. */
  previous: Provenance | null = null;
  /** Sessions since an overnight jump that nothing explains; -1 when there is none. */
  jumpAge = -1;

  constructor(day: string) {
    this.day = day;
  }

  /** Takes one observation. `previousClose` is NaN when nothing is known before it. */
  take(id: string, tick: PriceTick, part: DayPart, previousClose: number, late: boolean): void {
    const before = this.ticks === 0 ? previousClose : this.price;
    let { high, low } = tick;
    if (isSuspect(tick, before)) {
      this.suspectPrints += 1;
      high = Math.max(tick.open, tick.close);
      low = Math.min(tick.open, tick.close);
    }
    if (this.ticks === 0) {
      this.firstId = id;
      this.scope = tick.volumeScope;
    } else if (this.scope !== tick.volumeScope) {
      this.mixedScopes = true;
    }
    this.ticks += 1;
    this.lastId = id;
    addUuid(this.idSum, id);
    if (tick.publishedAt > this.publishedAt) this.publishedAt = tick.publishedAt;
    if (tick.capturedAt > this.capturedAt) this.capturedAt = tick.capturedAt;
    if (late) this.lateFacts += 1;
    this.simulated ||= tick.simulated;
    if (tick.kind === "QUOTE") return;

    if (tick.happenedAt < this.firstPriceAt) {
      this.firstPrice = tick.open;
      this.firstPriceAt = tick.happenedAt;
    }
    const typical = (high + low + tick.close) / 3;
    this.dollarVolume += typical * tick.volume;
    if (high > this.high) this.high = high;
    if (low < this.low) this.low = low;
    if (part === "regular") this.#takeRegular(tick, high, low, typical);
    else this.extendedVolume += tick.volume;
    if (tick.happenedAt >= this.priceAt) {
      this.price = tick.close;
      this.priceAt = tick.happenedAt;
      this.source = tick.source;
      this.confidence = tick.confidence;
    }
  }

  #takeRegular(tick: PriceTick, high: number, low: number, typical: number): void {
    if (tick.happenedAt < this.openAt) {
      this.open = tick.open;
      this.openAt = tick.happenedAt;
    }
    if (tick.happenedAt >= this.regularCloseAt) {
      this.regularClose = tick.close;
      this.regularCloseAt = tick.happenedAt;
    }
    this.regularTicks += 1;
    this.priceVolume += typical * tick.volume;
    this.volume += tick.volume;
    if (high > this.regularHigh) this.regularHigh = high;
    if (low < this.regularLow) this.regularLow = low;
  }
}

/**
 * A print that nothing around it supports: its high or low is more than 25 % away from its own
 * open and close and from the previous close (domain-facts §0, "Bad prints").
 */
function isSuspect(tick: PriceTick, previousClose: number): boolean {
  const top = Math.max(tick.open, tick.close);
  const bottom = Math.min(tick.open, tick.close);
  if (tick.high > top * 1.25 && !(tick.high <= previousClose * 1.25)) return true;
  return tick.low < bottom * 0.75 && !(tick.low >= previousClose * 0.75);
}
