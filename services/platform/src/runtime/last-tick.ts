import type { Clock } from "@amc/schemas/generated/events";
import { isNumber, isText, nullOr, recordOf } from "@amc/streams/kernel/json-shape";
import { KeyedStore, type Persistent } from "@amc/streams/kernel/keyed-store";
import { jsonCodec } from "@amc/streams/kernel/state-codec";
import type { LogRecord } from "../log/port.ts";
import { RuntimeError } from "./runtime-error.ts";

/** Name of the store in the state of its reader, and the one key of it. */
const CLOCK_STORE = "runtime.clock";
const TICK = "tick";

interface ClockState {
  readonly lastTickMs: number;
  /** Who wrote that tick; null where the state is of a version that did not keep it. */
  readonly source: string | null;
}

const CLOCK_FORMAT = 1;
const isClockState = recordOf<ClockState>({ lastTickMs: isNumber, source: nullOr(isText) });

/** The first versions did not store who wrote the tick. */
function withSource(json: unknown): unknown {
  const isOlder = typeof json === "object" && json !== null && !("source" in json);
  return isOlder ? { ...json, source: null } : json;
}

/** The last tick that a partition has taken, as it is committed with the position behind it. */
export class LastTick {
  readonly #clock = new KeyedStore(CLOCK_STORE, jsonCodec(CLOCK_FORMAT, isClockState, withSource));

  get store(): Persistent {
    return this.#clock;
  }

  /** Event time, ms since 1970; null before the first tick. */
  get ms(): number | null {
    return this.#clock.get(TICK)?.lastTickMs ?? null;
  }

  /**
   * Whether a tick was taken before. A source writes its ticks in the order of time, so what is not
   * newer than its last one is a copy that came late: of a request that was sent again after the
   * player's successor had played on. Throws `runtime.clock-went-back` for an earlier tick of any
   * other source: slices are the past, and a clock that goes back would change what was decided.
   */
  isCopy({ happenedAt, source }: Clock, { partition, offset }: LogRecord): boolean {
    const last = this.#clock.get(TICK);
    if (last === undefined) return false;
    const { lastTickMs } = last;
    if (source === last.source) return happenedAt <= lastTickMs;
    if (happenedAt >= lastTickMs) return false;
    throw new RuntimeError("runtime.clock-went-back", "a tick is earlier than the one before", {
      ...{ partition, offset, source, tickMs: happenedAt, lastTickMs },
      lastSource: last.source ?? "",
    });
  }

  set({ happenedAt, source }: Clock): void {
    this.#clock.set(TICK, { lastTickMs: happenedAt, source });
  }
}
