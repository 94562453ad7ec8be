import type { Lease, Log, StateChange } from "@amc/platform/log/port";
import { isText } from "@amc/streams/kernel/json-shape";
import { jsonCodec, readStored, storedBytes } from "@amc/streams/kernel/state-codec";

/** What FINRA publishes by date. */
export type FinraDataset = "short interest" | "short volume";

const STORE = "short-interest.collected";
const FORMAT = 1;
const DATE_CODEC = jsonCodec(FORMAT, isText);

/** The newest date that is collected, `yyyy-mm-dd` by data set and kind; one that was never collected is left out. */
export type CollectedDates = ReadonlyMap<string, string>;

export function collectedChange(
  dataset: FinraDataset,
  date: string,
  simulated: boolean,
): StateChange {
  return { store: STORE, key: keyOf(dataset, simulated), value: storedBytes(DATE_CODEC, date) };
}

/** What a mock has answered says nothing of what FINRA was asked for. */
export function newestCollected(
  dates: CollectedDates,
  dataset: FinraDataset,
  simulated: boolean,
): string | null {
  return dates.get(keyOf(dataset, simulated)) ?? null;
}

function keyOf(dataset: FinraDataset, simulated: boolean): string {
  return simulated ? `simulated ${dataset}` : dataset;
}

/** What was collected under the group of a lease. Throws a `StateError` when that was another version. */
export async function collectedDates(
  log: Log,
  { group, partition }: Pick<Lease, "group" | "partition">,
): Promise<CollectedDates> {
  const dates = new Map<string, string>();
  for await (const { store, key, value } of log.state(group, partition)) {
    if (store !== STORE || value === null) continue;
    dates.set(key, readStored({ store, key }, DATE_CODEC, value));
  }
  return dates;
}
