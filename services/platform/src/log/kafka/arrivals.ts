import { setTimeout as wait } from "node:timers/promises";
import { EndOffsetWaiters } from "../end-offset-waiters.ts";
import type { LogError } from "../errors.ts";
import { brokerFailure, isOfPartition } from "./broker-failure.ts";
import type { Cluster } from "./cluster.ts";
import { type FetchedPartition, fetchEach } from "./fetch.ts";
import type { PartitionReader } from "./reader.ts";
import { placeId } from "./unit.ts";

/**
 * Fetches that wait at one broker at the same time, each on a connection of its own: as many as a
 * process has loops that wait by themselves, which are five in a projector.
 */
const LANES = 8;
const LAST_LANE = LANES - 1;
/** How long a broker holds a fetch when nothing comes. */
const HOLD_MS = 500;
/** The last lane is held for this long only: what is waited for next must not wait for a lane. */
const LAST_LANE_HOLD_MS = 10;
/** How long waiting goes on without an answer for a partition before its waiters hear of it. */
const OUTAGE_MS = 60_000;
const RETRY_MS = 200;

interface Followed {
  readonly topic: string;
  readonly partition: number;
  /** One past the last record that is known. */
  end: number;
  /** Where the next fetch begins: markers of transactions may lie behind the last record. */
  position: number;
  readonly waiters: EndOffsetWaiters;
  waiting: number;
  isFetching: boolean;
  /** Monotonic ms of the first failure since the last answer; null while there is none. */
  failingSinceMs: number | null;
}

/** Wakes readers when their partitions grow, by fetches that the brokers hold until they do. */
export class Arrivals {
  readonly #cluster: Cluster;
  readonly #reader: PartitionReader;
  readonly #followed = new Map<string, Followed>();
  readonly #lanes = new Map<number, Set<number>>();
  readonly #fetchEach: typeof fetchEach;
  #isPolling = false;
  #closed: LogError | null = null;

  constructor(
    cluster: Cluster,
    reader: PartitionReader,
    options: { readonly fetch?: typeof fetchEach } = {},
  ) {
    this.#cluster = cluster;
    this.#reader = reader;
    this.#fetchEach = options.fetch ?? fetchEach;
  }

  /** Resolves when the partition reaches beyond `offset`, or when `signal` aborts. */
  async wait(topic: string, partition: number, offset: number, signal: AbortSignal): Promise<void> {
    const followed = await this.#follow(topic, partition);
    if (this.#closed !== null) throw this.#closed;
    if (offset < followed.end || signal.aborted) return;
    followed.waiting += 1;
    try {
      const woken = followed.waiters.wait(offset, signal);
      this.#poll();
      await woken;
    } finally {
      followed.waiting -= 1;
    }
  }

  /** A partition is known to reach so far. */
  advance(topic: string, partition: number, end: number): void {
    const followed = this.#followed.get(placeId({ topic, partition }));
    if (followed === undefined || end <= followed.end) return;
    followed.end = end;
    followed.position = Math.max(followed.position, end);
    followed.waiters.advance(end);
  }

  close(error: LogError): void {
    this.#closed = error;
    for (const { waiters } of this.#followed.values()) waiters.fail(error);
  }

  async #follow(topic: string, partition: number): Promise<Followed> {
    const id = placeId({ topic, partition });
    const known = this.#followed.get(id);
    if (known !== undefined) return known;
    const end = await this.#reader.endOfRecords(topic, partition);
    const other = this.#followed.get(id);
    if (other !== undefined) return other;
    const waiters = new EndOffsetWaiters();
    const followed = {
      topic,
      partition,
      end,
      position: end,
      waiters,
      waiting: 0,
      isFetching: false,
      failingSinceMs: null,
    };
    this.#followed.set(id, followed);
    return followed;
  }

  /** Partitions that are waited for in one turn share a fetch. */
  #poll(): void {
    if (this.#isPolling) return;
    this.#isPolling = true;
    queueMicrotask(() => {
      this.#isPolling = false;
      this.#startFetch();
    });
  }

  /** Starts a fetch for the partitions that are waited for and in no fetch yet. */
  #startFetch(): void {
    if (this.#closed !== null) return;
    const open = [...this.#followed.values()].filter((one) => one.waiting > 0 && !one.isFetching);
    if (open.length === 0) return;
    // Marked before the first await: the next call must not take them again.
    for (const followed of open) followed.isFetching = true;
    void this.#fetchAll(open);
  }

  async #fetchAll(open: readonly Followed[]): Promise<void> {
    const byNode = new Map<number, Followed[]>();
    for (const [index, followed] of open.entries()) {
      try {
        const { node } = await this.#cluster.home(followed.topic, followed.partition);
        byNode.set(node, [...(byNode.get(node) ?? []), followed]);
      } catch (error) {
        if (isOfPartition(error)) {
          void this.#tryAgain([followed], error);
          continue;
        }
        // No broker says who leads anything: the next ones need not be asked for.
        void this.#tryAgain(open.slice(index), error);
        break;
      }
    }
    for (const [node, all] of byNode) void this.#fetchOn(node, all);
  }

  async #fetchOn(node: number, followed: readonly Followed[]): Promise<void> {
    const lanes = this.#lanes.get(node) ?? new Set();
    this.#lanes.set(node, lanes);
    const lane = Array.from({ length: LANES }, (_, index) => index).find((one) => !lanes.has(one));
    if (lane === undefined) {
      // Whichever lane comes free next serves these too.
      for (const one of followed) one.isFetching = false;
      return;
    }
    lanes.add(lane);
    let cameNothing = false;
    try {
      cameNothing = !(await this.#fetchThrough(lane, followed));
    } catch (error) {
      await this.#failed(followed, error);
    } finally {
      lanes.delete(lane);
    }
    // With the next answer of the last lane one fetch begins for both, in this lane, and the last is
    // free again: it would ask a hundred times a second as long as others hold their lanes.
    if (cameNothing && lanes.has(LAST_LANE)) return;
    this.#poll();
  }

  /** True when something came. */
  async #fetchThrough(lane: number, followed: readonly Followed[]): Promise<boolean> {
    const places = followed.map(({ topic, partition, position }) => ({
      topic,
      partition,
      from: position,
    }));
    const maxWaitMs = lane === LAST_LANE ? LAST_LANE_HOLD_MS : HOLD_MS;
    const options = { maxWaitMs, lane: `wait-${lane}` };
    const { answered, refused } = await this.#fetchEach(this.#cluster, places, options);
    // What is wrong with one partition is no reason to fail the others of the same fetch.
    const failures = new Map(refused.map(({ place, error }) => [placeId(place), error]));
    for (const fetched of answered) {
      try {
        this.#take(fetched);
      } catch (error) {
        failures.set(placeId(fetched.place), error);
      }
    }
    for (const one of followed) {
      const error = failures.get(placeId(one));
      if (error === undefined) one.isFetching = false;
      else void this.#tryAgain([one], error);
    }
    return answered.some(({ answer }) => answer.records.length > 0);
  }

  #take(fetched: FetchedPartition): void {
    const { topic, partition } = fetched.place;
    const followed = this.#followed.get(placeId(fetched.place));
    if (followed === undefined) return;
    // The woken reader finds what came and need not ask again.
    const { end, next } = this.#reader.offer(fetched);
    followed.failingSinceMs = null;
    followed.position = Math.max(followed.position, next);
    if (end !== null) this.advance(topic, partition, end);
  }

  async #tryAgain(followed: readonly Followed[], error: unknown): Promise<void> {
    await this.#failed(followed, error);
    this.#poll();
  }

  /** Tries again after a pause; an end that no longer exists is asked for anew. */
  async #failed(followed: readonly Followed[], error: unknown): Promise<void> {
    if (this.#closed !== null) return;
    this.#cluster.forget();
    const nowMs = performance.now();
    for (const one of followed) {
      const { topic, partition, waiters } = one;
      one.failingSinceMs ??= nowMs;
      const isLong = nowMs - one.failingSinceMs > OUTAGE_MS;
      const failure = brokerFailure(error, "log.unavailable", { topic, partition });
      // Whether a topic is gone or its broker only starts, the search for the end below finds out.
      const isNoAnswer = failure.code === "log.unknown-topic" || !isFinal(failure);
      if (isLong || !isNoAnswer) waiters.fail(failure);
    }
    await wait(RETRY_MS);
    for (const one of followed) {
      await this.#findEnd(one);
      one.isFetching = false;
    }
  }

  async #findEnd(followed: Followed): Promise<void> {
    const { topic, partition, waiters } = followed;
    try {
      followed.end = await this.#reader.endOfRecords(topic, partition);
      followed.position = followed.end;
      waiters.advance(followed.end);
    } catch (error) {
      const failure = brokerFailure(error, "log.unavailable", { topic, partition });
      // Otherwise the next fetch fails as well, and the next pause follows.
      if (isFinal(failure)) waiters.fail(failure);
    }
  }
}

/** A topic that is gone or was replaced, or rights that were taken: waiting would be for nothing. */
function isFinal({ code }: LogError): boolean {
  return code !== "log.unavailable";
}
