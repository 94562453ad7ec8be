import type { VolumeScope } from "@amc/schemas/generated/events";
import { addUuid, type Lanes } from "../kernel/ids.ts";
import { StateReader, type StateWriter } from "../kernel/state-bytes.ts";
import type { StateCodec } from "../kernel/state-codec.ts";

/** Indicators use at most this many completed sessions, seeded at the first (design.md §8). */
const WINDOW_SESSIONS = 250;

/** One completed session as it enters the window. */
export interface CompletedSession {
  /** Trading day, yyyy-mm-dd. */
  readonly date: string;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
  readonly scope: VolumeScope;
  /** Evidence: how many facts made it, the first of them, and the order-free sum of their ids. */
  readonly factCount: number;
  readonly firstId: string;
  readonly idSum: Lanes;
}

const SCOPES: readonly VolumeScope[] = ["CONSOLIDATED", "REGULAR", "EXTENDED", "VENUE"];
const PRICES = 5;
const LANES = 4;
/** Per session: fact count, id sum (4 lanes). */
const PROOF = 1 + LANES;
/** Bits beside a date for the place of its scope in `SCOPES`. */
const SCOPE_BITS = 2;
const SCOPE_MASK = 3;

function dateToNumber(date: string): number {
  return Number(date.slice(0, 4)) * 10_000 + Number(date.slice(5, 7)) * 100 + Number(date.slice(8));
}

function numberToDate(number: number): string {
  const text = String(number);
  return `${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6)}`;
}

/**
 * The last 250 completed sessions of one symbol in date order, packed: 64 bytes a session
 * where one daily bar made it, 80 where ticks did.
 * Prices are as quoted at the time, adjusted in place when a split becomes effective.
 */
export class DailyWindow {
  #size = 0;
  #capacity = 0;
  /** Date and scope of each session in one number, which keeps the order of the dates. */
  #days = new Int32Array(0);
  #prices = new Float64Array(0);
  #proof = new Uint32Array(0);
  /** First ids, 4 lanes each; of a session made by one fact the sum says it, so there may be none. */
  #firsts: Uint32Array | null = null;
  /** ce_id of the fact that completed the newest session; empty while there is none. */
  #newestId = "";

  get size(): number {
    return this.#size;
  }

  get newestId(): string {
    return this.#newestId;
  }

  dateAt(index: number): string {
    return numberToDate(this.#dateNumber(index));
  }

  newestDate(): string | null {
    return this.#size === 0 ? null : this.dateAt(this.#size - 1);
  }

  scopeAt(index: number): VolumeScope {
    return SCOPES[(this.#days[index] ?? 0) & SCOPE_MASK] ?? "CONSOLIDATED";
  }

  /** yyyymmdd, as a number. */
  #dateNumber(index: number): number {
    return (this.#days[index] ?? 0) >> SCOPE_BITS;
  }

  open(index: number): number {
    return this.#prices[index * PRICES] ?? Number.NaN;
  }

  high(index: number): number {
    return this.#prices[index * PRICES + 1] ?? Number.NaN;
  }

  low(index: number): number {
    return this.#prices[index * PRICES + 2] ?? Number.NaN;
  }

  close(index: number): number {
    return this.#prices[index * PRICES + 3] ?? Number.NaN;
  }

  volume(index: number): number {
    return this.#prices[index * PRICES + 4] ?? Number.NaN;
  }

  /**
   * Puts a session at its place by date; one of the same date is superseded. `lastId` names the
   * fact that completed it. Returns false when the session is older than a full window reaches.
   */
  put(session: CompletedSession, lastId: string): boolean {
    const date = dateToNumber(session.date);
    let at = this.#size;
    while (at > 0 && this.#dateNumber(at - 1) >= date) at -= 1;
    const replaces = at < this.#size && this.#dateNumber(at) === date;
    if (!replaces) {
      if (this.#size === WINDOW_SESSIONS) {
        if (at === 0) return false;
        this.#removeOldest();
        at -= 1;
      }
      this.#insertGap(at);
    }
    this.#write(at, date, session);
    if (at === this.#size - 1) this.#newestId = lastId;
    return true;
  }

  /** Brings every session before `beforeDate` to a new basis of `ratio` new shares per old one. */
  adjustForSplit(beforeDate: string, ratio: number): void {
    const limit = dateToNumber(beforeDate);
    for (let index = 0; index < this.#size; index += 1) {
      if (this.#dateNumber(index) >= limit) return;
      const at = index * PRICES;
      for (let field = 0; field < 4; field += 1) {
        this.#prices[at + field] = (this.#prices[at + field] ?? 0) / ratio;
      }
      this.#prices[at + 4] = (this.#prices[at + 4] ?? 0) * ratio;
    }
  }

  /** Facts behind the whole window: how many, the first id, and the order-free sum of all ids. */
  evidence(sum: Lanes): { count: number; firstLanes: Lanes } {
    let count = 0;
    sum.fill(0);
    for (let index = 0; index < this.#size; index += 1) {
      const at = index * PROOF;
      count += this.#proof[at] ?? 0;
      for (let lane = 0; lane < 4; lane += 1) {
        sum[lane] = (sum[lane] ?? 0) + (this.#proof[at + 1 + lane] ?? 0);
      }
    }
    return { count, firstLanes: this.#firstLanes(0) };
  }

  #firstLanes(index: number): Lanes {
    const firsts = this.#madeOfMany(index) ? this.#firsts : null;
    if (firsts !== null) return firsts.slice(index * LANES, (index + 1) * LANES);
    return this.#proof.slice(index * PROOF + 1, (index + 1) * PROOF);
  }

  #madeOfMany(index: number): boolean {
    return (this.#proof[index * PROOF] ?? 0) > 1;
  }

  encode(into: StateWriter): void {
    into.uint16(this.#size);
    into.text(this.#newestId);
    for (let index = 0; index < this.#size; index += 1) {
      into.uint32(this.#dateNumber(index));
      into.uint8((this.#days[index] ?? 0) & SCOPE_MASK);
      for (let field = 0; field < PRICES; field += 1) {
        into.float64(this.#prices[index * PRICES + field] ?? 0);
      }
      for (let field = 0; field < PROOF; field += 1) {
        into.uint32(this.#proof[index * PROOF + field] ?? 0);
      }
      if (this.#madeOfMany(index)) for (const lane of this.#firstLanes(index)) into.uint32(lane);
    }
  }

  /** Throws RangeError for bytes that no window encodes to. */
  static decode(bytes: Uint8Array): DailyWindow {
    const from = new StateReader(bytes);
    const window = new DailyWindow();
    window.#size = from.uint16();
    window.#newestId = from.text();
    window.#reserve(window.#size);
    for (let index = 0; index < window.#size; index += 1) {
      window.#days[index] = (from.uint32() << SCOPE_BITS) | from.uint8();
      for (let field = 0; field < PRICES; field += 1) {
        window.#prices[index * PRICES + field] = from.float64();
      }
      for (let field = 0; field < PROOF; field += 1) {
        window.#proof[index * PROOF + field] = from.uint32();
      }
      if (!window.#madeOfMany(index)) continue;
      const first = Uint32Array.from({ length: LANES }, () => from.uint32());
      window.#firstIds().set(first, index * LANES);
    }
    from.expectEnd();
    return window;
  }

  #write(index: number, date: number, session: CompletedSession): void {
    this.#days[index] = (date << SCOPE_BITS) | SCOPES.indexOf(session.scope);
    const at = index * PRICES;
    this.#prices[at] = session.open;
    this.#prices[at + 1] = session.high;
    this.#prices[at + 2] = session.low;
    this.#prices[at + 3] = session.close;
    this.#prices[at + 4] = session.volume;
    this.#proof[index * PROOF] = session.factCount;
    this.#proof.set(session.idSum, index * PROOF + 1);
    if (session.factCount === 1) return;
    const first = this.#firstIds().subarray(index * LANES, (index + 1) * LANES);
    first.fill(0);
    addUuid(first, session.firstId);
  }

  #firstIds(): Uint32Array {
    this.#firsts ??= new Uint32Array(this.#capacity * LANES);
    return this.#firsts;
  }

  #reserve(size: number): void {
    if (size <= this.#capacity) return;
    const capacity = Math.min(WINDOW_SESSIONS, Math.max(size, 32, this.#capacity * 2));
    // One buffer for all, since each buffer costs 200 bytes besides what it holds.
    const doubles = capacity * PRICES * 8;
    const words = capacity * PROOF * 4;
    const buffer = new ArrayBuffer(doubles + words + capacity * 4);
    const prices = new Float64Array(buffer, 0, capacity * PRICES);
    const proof = new Uint32Array(buffer, doubles, capacity * PROOF);
    const days = new Int32Array(buffer, doubles + words, capacity);
    days.set(this.#days);
    prices.set(this.#prices);
    proof.set(this.#proof);
    this.#days = days;
    this.#prices = prices;
    this.#proof = proof;
    if (this.#firsts !== null) {
      const firsts = new Uint32Array(capacity * LANES);
      firsts.set(this.#firsts);
      this.#firsts = firsts;
    }
    this.#capacity = capacity;
  }

  #insertGap(at: number): void {
    this.#reserve(this.#size + 1);
    this.#days.copyWithin(at + 1, at, this.#size);
    this.#prices.copyWithin((at + 1) * PRICES, at * PRICES, this.#size * PRICES);
    this.#proof.copyWithin((at + 1) * PROOF, at * PROOF, this.#size * PROOF);
    this.#firsts?.copyWithin((at + 1) * LANES, at * LANES, this.#size * LANES);
    this.#size += 1;
  }

  #removeOldest(): void {
    this.#days.copyWithin(0, 1, this.#size);
    this.#prices.copyWithin(0, PRICES, this.#size * PRICES);
    this.#proof.copyWithin(0, PROOF, this.#size * PROOF);
    this.#firsts?.copyWithin(0, LANES, this.#size * LANES);
    this.#size -= 1;
  }
}

/** Bytes of a session in the first layout, which held a first id for every one. */
const FIRST_SESSION_BYTES = 81;

/**
 * Two layouts were stored as format 1. They differ in length unless several facts made every session;
 * then nobody can tell first ids from sums, and a RangeError says so.
 */
function decodeUnnumbered(bytes: Uint8Array): DailyWindow {
  const from = new StateReader(bytes);
  const format = from.uint16();
  const size = from.uint16();
  from.text();
  if (format !== 1 || (size > 0 && from.left === size * FIRST_SESSION_BYTES)) {
    throw new RangeError(`format ${format} with ${size} sessions in ${from.left} bytes`);
  }
  return DailyWindow.decode(bytes.subarray(2));
}

export const WINDOW_CODEC: StateCodec<DailyWindow> = {
  format: 2,
  encode: (window, into) => window.encode(into),
  decode: (bytes) => DailyWindow.decode(bytes),
  decodeUnnumbered,
};
