import { PLAYER_GROUP, PLAYER_PARTITION } from "@amc/ingest-recordings/play/progress-state";
import type { Lease, Log, StateChange } from "@amc/platform/log/port";
import { isText, listOf } from "@amc/streams/kernel/json-shape";
import { jsonCodec, readStored, storedBytes } from "@amc/streams/kernel/state-codec";

const STORE = "live.market-days";
const FORMAT = 1;
const DATES_CODEC = jsonCodec(FORMAT, listOf(isText));
/** More than are ever asked for (`DAYS_OF_HISTORY`). */
const DATES_MAX = 400;

/** Days, `yyyy-mm-dd`, of which the log has the whole market: what is asked for once. */
export interface MarketDays {
  has(date: string): boolean;
  add(date: string): Promise<void>;
}

export function daysChange(key: string, dates: readonly string[]): StateChange {
  return { store: STORE, key, value: storedBytes(DATES_CODEC, dates) };
}

/**
 * The days that the log says are whole, of what is made up or of what is not. They are kept under the group
 * that brings prices into a log: whoever asks for a market takes it from a player of recordings. Throws a
 * `StateError` when another version wrote them.
 */
export async function marketDaysIn(
  log: Log,
  kind: { readonly provider: string; readonly simulated: boolean },
): Promise<MarketDays> {
  const lease = await log.acquire(PLAYER_GROUP, PLAYER_PARTITION);
  const key = kind.simulated ? `simulated ${kind.provider}` : kind.provider;
  const dates = new Set(await storedDays(log, lease, key));
  return {
    has: (date) => dates.has(date),
    add: async (date) => {
      const kept = [...dates, date].sort().slice(-DATES_MAX);
      await log.commit({ appends: [], lease, state: [daysChange(key, kept)] });
      dates.add(date);
    },
  };
}

export async function storedDays(
  log: Log,
  { group, partition }: Pick<Lease, "group" | "partition">,
  wanted: string,
): Promise<readonly string[]> {
  for await (const { store, key, value } of log.state(group, partition)) {
    if (store !== STORE || key !== wanted || value === null) continue;
    return readStored({ store, key }, DATES_CODEC, value);
  }
  return [];
}
