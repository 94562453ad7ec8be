import type { Log, StateChange } from "@amc/platform/log/port";
import { jsonCodec, readStored, storedBytes } from "@amc/streams/kernel/state-codec";
import { z } from "zod";

/** Group whose one lease says who publishes time, and under which its progress is kept. */
export const SCHEDULER_GROUP = "scheduler";
export const SCHEDULER_PARTITION = 0;

const STORE = "scheduler.clock";
const KEY = "clock";

/** Ticks and runs of jobs that are decided and perhaps not written yet, with the ends that they cover. */
const tickPlan = z.strictObject({
  /** UTC ms, ascending. */
  ticks: z.array(z.int()),
  /** In the order of the tick's cuts; one end per partition. */
  cuts: z.array(z.strictObject({ topic: z.string(), ends: z.array(z.int()) })),
  /** Runs of jobs that are due by the last of the ticks, ascending by instant. */
  runs: z.array(z.strictObject({ job: z.string(), atMs: z.int() })),
});

const clockState = z.strictObject({
  /** Instant of the newest tick that is written, UTC ms; null before the first. */
  lastTickMs: z.int().nullable(),
  plan: tickPlan.nullable(),
});

export type TickPlan = z.output<typeof tickPlan>;
export type ClockState = z.output<typeof clockState>;

const FORMAT = 1;
const CLOCK_CODEC = jsonCodec(
  FORMAT,
  (json): json is ClockState => clockState.safeParse(json).success,
);

export function stateChange(state: ClockState): StateChange {
  return { store: STORE, key: KEY, value: storedBytes(CLOCK_CODEC, state) };
}

/** What the owner before left behind. Throws a `StateError` when that was another version. */
export async function storedState(log: Log): Promise<ClockState> {
  let stored: ClockState = { lastTickMs: null, plan: null };
  for await (const { store, key, value } of log.state(SCHEDULER_GROUP, SCHEDULER_PARTITION)) {
    if (store !== STORE || value === null) continue;
    stored = readStored({ store, key }, CLOCK_CODEC, value);
  }
  return stored;
}
