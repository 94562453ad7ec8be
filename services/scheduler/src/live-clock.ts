import type { Append, Lease, Log } from "@amc/platform/log/port";
import { settledEnds } from "@amc/platform/log/settled-ends";
import { LIVE_SOURCE, newestTick } from "@amc/platform/runtime/newest-tick";
import { jobsDue } from "@amc/streams/jobs/jobs-due";
import { type TickSchedule, ticksDue } from "@amc/streams/market/clock-ticks";
import {
  type ClockState,
  SCHEDULER_GROUP,
  SCHEDULER_PARTITION,
  stateChange,
  storedState,
  type TickPlan,
} from "./clock-state.ts";
import { CLOCK, CONTROL, CUT_TOPICS, planAppends } from "./clock-tick.ts";

/** What one call has brought into the log. */
export interface PublishedTicks {
  /** UTC ms, ascending. */
  readonly ticks: readonly number[];
  readonly appends: readonly Append[];
  /** Runs of jobs, ascending by instant. */
  readonly runs: Readonly<TickPlan["runs"]>;
  /** Marked instants that no tick will come for, see `ticksDue`. */
  readonly missed: number;
  /** Runs that nobody will be asked for: daily ones, see `jobsDue`, and those of a plan given up. */
  readonly missedRuns: number;
}

const NOTHING: PublishedTicks = { ticks: [], appends: [], runs: [], missed: 0, missedRuns: 0 };

/**
 * Publishes time as it passes: for each instant that is due a tick to every partition, with the cut of
 * what lies there by now, and with the tick the runs of jobs that have become due. Before ticks are
 * written they are decided, cuts included, in a commit of their own: whoever takes over after a kill
 * writes exactly those, so that an operator's setting is in the same slice of every partition, and a
 * tick that is there already is recognised by its id.
 */
export class LiveClock {
  readonly #log: Log;
  readonly #lease: Lease;
  readonly #schedule: TickSchedule;
  #state: ClockState;
  /** Whether the newest tick is of a recording: it is in the past, and nothing is due since then. */
  #isBehindHistory = false;
  #recovered: PublishedTicks | null = null;

  private constructor(log: Log, lease: Lease, schedule: TickSchedule, state: ClockState) {
    this.#log = log;
    this.#lease = lease;
    this.#schedule = schedule;
    this.#state = state;
  }

  /**
   * Takes the clock over, fencing its owner before. Time goes on behind the newest tick of the log; behind
   * one of a recording it begins as from none. Throws `runtime.clock-unreadable` when that cannot be read,
   * and as the log does, which gives up when `signal` aborts.
   */
  static async open(log: Log, schedule: TickSchedule, signal?: AbortSignal): Promise<LiveClock> {
    const lease = await log.acquire(SCHEDULER_GROUP, SCHEDULER_PARTITION, signal);
    const stored = await storedState(log);
    const clock = new LiveClock(log, lease, schedule, stored);
    const newest = await newestTick(log);
    const newestMs = newest?.happenedAt ?? Number.NEGATIVE_INFINITY;
    const { plan } = stored;
    const plannedMs = plan?.ticks.at(-1) ?? Number.NEGATIVE_INFINITY;
    // Behind what others wrote since then a plan of before would take time back.
    if (plan !== null && newestMs <= plannedMs) {
      const { ticks, runs } = plan;
      clock.#recovered = { ...NOTHING, ticks, runs, appends: await clock.#write(plan) };
    } else if (plan !== null) {
      clock.#recovered = { ...NOTHING, missedRuns: plan.runs.length };
    }
    const lastTickMs = Math.max(newestMs, clock.lastTickMs ?? Number.NEGATIVE_INFINITY);
    if (Number.isFinite(lastTickMs)) clock.#state = { lastTickMs, plan: null };
    const isPlayed = newest !== null && newest.source !== LIVE_SOURCE;
    clock.#isBehindHistory = isPlayed && newestMs === lastTickMs;
    return clock;
  }

  /** Instant of the newest tick, UTC ms; null before the first. */
  get lastTickMs(): number | null {
    return this.#state.lastTickMs;
  }

  /** What `open` made of a plan that it found: written, or given up with its runs; null without one. */
  get recovered(): PublishedTicks | null {
    return this.#recovered;
  }

  /**
   * Publishes what is due at an instant, UTC ms. Rejects as `commit` of the log does; then the clock
   * is of no use any more, and the next `open` finds out what is there.
   */
  async publish(untilMs: number): Promise<PublishedTicks> {
    const sinceMs = this.#isBehindHistory ? null : this.lastTickMs;
    const { ticks, missed } = ticksDue(sinceMs, untilMs, this.#schedule);
    const newestMs = ticks.at(-1);
    // A recording may reach to where the present has yet to get.
    if (newestMs === undefined || newestMs <= (this.lastTickMs ?? Number.NEGATIVE_INFINITY)) {
      return NOTHING;
    }
    // Jobs run with ticks: where time begins, none was missed.
    const due = jobsDue(sinceMs ?? newestMs, newestMs);
    const plan: TickPlan = { ticks: [...ticks], cuts: await this.#cuts(), runs: [...due.runs] };
    await this.#commit([], { lastTickMs: this.lastTickMs, plan });
    const appends = await this.#write(plan);
    this.#isBehindHistory = false;
    return { ticks, appends, runs: due.runs, missed, missedRuns: due.missed };
  }

  async #cuts(): Promise<TickPlan["cuts"]> {
    const cuts: TickPlan["cuts"] = [];
    for (const topic of CUT_TOPICS) {
      const ends = topic === CONTROL ? settledEnds(this.#log, topic) : endsOf(this.#log, topic);
      cuts.push({ topic, ends: [...(await ends)] });
    }
    return cuts;
  }

  async #write(plan: TickPlan): Promise<readonly Append[]> {
    const appends = planAppends(plan, this.#log.partitions(CLOCK));
    await this.#commit(appends, { lastTickMs: plan.ticks.at(-1) ?? this.lastTickMs, plan: null });
    return appends;
  }

  async #commit(appends: readonly Append[], state: ClockState): Promise<void> {
    await this.#log.commit({ appends, lease: this.#lease, state: [stateChange(state)] });
    this.#state = state;
  }
}

async function endsOf(log: Log, topic: string): Promise<readonly number[]> {
  const partitions = Array.from({ length: log.partitions(topic) }, (_, partition) => partition);
  return await Promise.all(partitions.map((partition) => log.endOffset(topic, partition)));
}
