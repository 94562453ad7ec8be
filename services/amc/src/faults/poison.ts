import { recordBytes } from "@amc/platform/log/commit-check";
import { MAX_RECORD_BYTES } from "@amc/platform/log/port";
import type { FactSlice, SliceFactAppend } from "@amc/replay/slices";
import { encodeEvent } from "@amc/schemas/codec";
import type { PriceTick } from "@amc/schemas/generated/events";
import { eventHeaders } from "@amc/schemas/headers";
import { uuidOf } from "@amc/streams/kernel/ids";

const TOPIC = "market.price-tick.v1";
const ENVELOPE_BYTES = 5;

/** One kind of record that must never reach a stage, by its id in the bad-input catalogue. */
interface PoisonKind {
  readonly name: string;
  /** Bytes of the record, made from those of a good tick. */
  readonly bytes: (good: Uint8Array, random: () => number) => Uint8Array;
}

interface Forgery {
  readonly name: string;
  readonly change: (tick: PriceTick) => PriceTick;
}

function envelope(schemaId: number, body: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(ENVELOPE_BYTES + body.length);
  new DataView(bytes.buffer).setInt32(1, schemaId);
  bytes.set(body, ENVELOPE_BYTES);
  return bytes;
}

function schemaIdOf(good: Uint8Array): number {
  return new DataView(good.buffer, good.byteOffset).getInt32(1);
}

/** Where the doubles of a tick's prices begin is found by their value: 64-bit little endian. */
function withDouble(good: Uint8Array, from: number, to: number): Uint8Array {
  const bytes = Uint8Array.from(good);
  const view = new DataView(bytes.buffer);
  for (let at = ENVELOPE_BYTES; at + 8 <= bytes.length; at += 1) {
    if (view.getFloat64(at, true) === from) {
      view.setFloat64(at, to, true);
      return bytes;
    }
  }
  throw new RangeError("the good tick does not hold the price that was to be replaced");
}

/** Close of the tick that poison is made of: a value that stands nowhere else in it. */
const MARKED_CLOSE = 12.3456789;

const BYTES: readonly PoisonKind[] = [
  { name: "B1 empty", bytes: () => new Uint8Array(0) },
  {
    name: "B1 shorter than an envelope",
    bytes: (good, random) => good.slice(0, 1 + Math.floor(random() * 4)),
  },
  { name: "B1 wrong magic byte", bytes: (good) => Uint8Array.from([1, ...good.slice(1)]) },
  { name: "B1 schema id -1", bytes: (good) => envelope(-1, [...good.slice(5)]) },
  { name: "B1 schema id 0", bytes: (good) => envelope(0, [...good.slice(5)]) },
  { name: "B1 schema id of nobody", bytes: (good) => envelope(2 ** 31 - 1, [...good.slice(5)]) },
  {
    name: "B2 a text that claims four thousand million bytes",
    bytes: (good) => envelope(schemaIdOf(good), [0x80, 0xa0, 0xbd, 0xe4, 0x1d]),
  },
  {
    name: "B3 overlong varint",
    bytes: (good) =>
      envelope(
        schemaIdOf(good),
        Array.from({ length: 12 }, () => 0xff),
      ),
  },
  {
    name: "B3 truncated",
    bytes: (good, random) =>
      good.slice(0, ENVELOPE_BYTES + Math.floor(random() * (good.length - ENVELOPE_BYTES - 1))),
  },
  { name: "B3 trailing bytes", bytes: (good) => Uint8Array.from([...good, 0, 0]) },
  {
    name: "B3 noise",
    bytes: (good, random) =>
      envelope(
        schemaIdOf(good),
        Array.from({ length: 40 }, () => Math.floor(random() * 256)),
      ),
  },
  { name: "B4 NaN", bytes: (good) => withDouble(good, MARKED_CLOSE, Number.NaN) },
  {
    name: "B4 infinity",
    bytes: (good) => withDouble(good, MARKED_CLOSE, Number.POSITIVE_INFINITY),
  },
  { name: "B4 minus zero", bytes: (good) => withDouble(good, MARKED_CLOSE, -0) },
  {
    name: "B5 invalid UTF-8",
    bytes: (good) => Uint8Array.from([...good.slice(0, 6), 0xff, ...good.slice(7)]),
  },
];

const FORGERIES: readonly Forgery[] = [
  { name: "B5 a symbol no exchange has", change: (tick) => ({ ...tick, symbol: "gme; drop" }) },
  { name: "B6 a symbol named __proto__", change: (tick) => ({ ...tick, symbol: "__proto__" }) },
  { name: "B6 a symbol named constructor", change: (tick) => ({ ...tick, symbol: "constructor" }) },
  {
    name: "B8 seconds for milliseconds",
    change: (tick) => ({ ...tick, happenedAt: Math.floor(tick.happenedAt / 1000) }),
  },
  {
    name: "B8 from next year",
    change: (tick) => ({ ...tick, happenedAt: tick.capturedAt + 31_536_000_000 }),
  },
  {
    name: "B8 before the exchange calendar",
    change: (tick) => ({ ...tick, happenedAt: Date.UTC(1995, 5, 1) }),
  },
  {
    name: "B8 published in ten years",
    change: (tick) => ({
      ...tick,
      publishedAt: tick.publishedAt + 315_360_000_000,
      capturedAt: tick.capturedAt + 315_360_000_000,
    }),
  },
  { name: "B10 high below low", change: (tick) => ({ ...tick, high: tick.low / 2 }) },
  { name: "B10 negative volume", change: (tick) => ({ ...tick, volume: -1 }) },
  { name: "B10 close above high", change: (tick) => ({ ...tick, close: tick.high * 2 }) },
  { name: "B10 price of zero", change: (tick) => ({ ...tick, open: 0, low: 0 }) },
];

/** Its letter does not fit into a record, with all that a letter says beside it. */
const AS_LARGE_AS_MAY_BE = "B3 as large as a record may be";

/** What comes again under the identity of a fact that was taken before, and says something else. */
const RESTATED: Readonly<Record<string, (tick: PriceTick, number: number) => PriceTick>> = {
  "B9 same id, other volume": (tick, number) => ({ ...tick, volume: tick.volume + 1 + number }),
  "B9 same id, other price": (tick) => ({ ...tick, close: (tick.low + tick.high) / 2 + 0.0001 }),
  "B9 same id, other trades": (tick, number) => ({ ...tick, tradeCount: number }),
  "B9 same id, captured again": (tick, number) => ({
    ...tick,
    capturedAt: tick.capturedAt + 1 + number,
  }),
};

/** Names of all kinds, so that a test can say that it met each. */
export const POISON_KINDS: readonly string[] = [
  ...BYTES.map(({ name }) => name),
  ...FORGERIES.map(({ name }) => name),
  "B1 no identity",
  ...Object.keys(RESTATED),
  AS_LARGE_AS_MAY_BE,
];

export interface Poison {
  readonly kind: string;
  readonly fact: SliceFactAppend;
}

/** A record of one kind, to be put among the facts of a slice. */
function poisonOf(
  kind: string,
  victim: SliceFactAppend,
  tick: PriceTick,
  number: number,
  random: () => number,
): Poison {
  const id = uuidOf(`poison/${number}`);
  const good = encodeEvent(TOPIC, { ...tick, close: MARKED_CLOSE, high: 20, low: 1, open: 10 });
  const headers = eventHeaders({
    id,
    source: "/amc/poison",
    topic: TOPIC,
    happenedAt: tick.happenedAt,
  });
  const append = { topic: TOPIC, key: tick.symbol, value: good, headers };
  const fact: SliceFactAppend = { topic: TOPIC, publishedAt: tick.publishedAt, append };
  const bytes = BYTES.find(({ name }) => name === kind);
  if (bytes !== undefined) {
    return { kind, fact: { ...fact, append: { ...append, value: bytes.bytes(good, random) } } };
  }
  const forgery = FORGERIES.find(({ name }) => name === kind);
  if (forgery !== undefined) {
    const value = encodeEvent(TOPIC, forgery.change(tick));
    return { kind, fact: { ...fact, append: { ...append, value } } };
  }
  if (kind === AS_LARGE_AS_MAY_BE) {
    const room = MAX_RECORD_BYTES - recordBytes({ ...append, value: null });
    return { kind, fact: { ...fact, append: { ...append, value: new Uint8Array(room).fill(1) } } };
  }
  if (kind === "B1 no identity")
    return { kind, fact: { ...fact, append: { ...append, headers: {} } } };
  const restated = RESTATED[kind];
  if (restated === undefined) throw new RangeError(`${kind} is no kind of poison`);
  const value = encodeEvent(TOPIC, restated(tick, number));
  return { kind, fact: { ...victim, append: { ...victim.append, value } } };
}

/** Where poison was put: slice and record, to look for it afterwards. */
export interface Poisoned {
  readonly slices: readonly FactSlice[];
  readonly poison: readonly Poison[];
}

/** Puts `count` poison records of all kinds among the facts of a market, at places of the seed. */
export function poisoned(
  market: readonly FactSlice[],
  ticks: readonly { readonly fact: SliceFactAppend; readonly tick: PriceTick }[],
  count: number,
  random: () => number,
): Poisoned {
  const added = new Map<number, SliceFactAppend[]>();
  const poison: Poison[] = [];
  for (let number = 0; number < count; number += 1) {
    const kind = POISON_KINDS[number % POISON_KINDS.length] ?? "";
    // From the second half of the market, so that every victim has been taken before.
    const slice = Math.floor(market.length * (0.5 + random() / 2));
    const victim = ticks[Math.floor((random() * ticks.length) / 4)];
    if (victim === undefined) throw new RangeError("a market without ticks cannot be poisoned");
    const one = poisonOf(kind, victim.fact, victim.tick, number, random);
    poison.push(one);
    added.set(slice, [...(added.get(slice) ?? []), one.fact]);
  }
  const slices = market.map((slice, index) => ({
    ...slice,
    facts: [...slice.facts, ...(added.get(index) ?? [])],
  }));
  return { slices, poison };
}
