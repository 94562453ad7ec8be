import type { Position } from "@amc/platform/log/port";
import { waitForAny } from "@amc/platform/log/wait-for-any";
import { REQUESTS } from "../request-partition.ts";
import { type SmsOptions, SmsPartition } from "./sms-partition.ts";

export interface SmsSenderOptions extends SmsOptions {
  /** Partitions to deliver from; all of them when left out. */
  readonly partitions?: readonly number[];
  /** While it runs, who wants to know may ask when the oldest message that waits was taken up, UTC ms. */
  readonly watch?: (oldestMs: () => number | null) => () => void;
}

/** Sends alerts as text messages: one of each alert to each recipient, or a reason why not. */
export class SmsSender {
  readonly #options: SmsSenderOptions;
  readonly #partitions: readonly SmsPartition[];

  private constructor(options: SmsSenderOptions, partitions: readonly SmsPartition[]) {
    this.#options = options;
    this.#partitions = partitions;
  }

  static async open(options: SmsSenderOptions, signal?: AbortSignal): Promise<SmsSender> {
    const { partitions: numbers = [...Array(options.log.partitions(REQUESTS)).keys()] } = options;
    const partitions: SmsPartition[] = [];
    for (const partition of numbers) {
      partitions.push(await SmsPartition.open(options, partition, signal));
    }
    return new SmsSender(options, partitions);
  }

  /** Sends what is requested until `signal` aborts; what is not settled then is gone on with later. */
  async run(signal: AbortSignal): Promise<void> {
    const unwatch = this.#options.watch?.(() => this.#oldestMs());
    try {
      while (!signal.aborted) await this.#waitForWork(await this.deliverDue(signal), signal);
    } finally {
      unwatch?.();
    }
  }

  /** Sends what is requested and due; returns when the next message is due, UTC ms, null when none waits. */
  async deliverDue(signal: AbortSignal): Promise<number | null> {
    for (const partition of this.#partitions) {
      await partition.takeRequests();
      await partition.deliverDue(signal);
    }
    return earliest(this.#partitions.map(({ nextDueMs }) => nextDueMs));
  }

  /** Next offset of every partition that is sent from. */
  positions(): readonly Position[] {
    return this.#partitions.map(({ position }) => position);
  }

  /** Until something is requested or due. */
  async #waitForWork(dueMs: number | null, signal: AbortSignal): Promise<void> {
    const { log, clock } = this.#options;
    const ended = new AbortController();
    const either = AbortSignal.any([signal, ended.signal]);
    const due = dueMs === null ? [] : [clock.sleep(Math.max(0, dueMs - clock.nowMs()), either)];
    const waits = [waitForAny(log, this.positions(), either), ...due];
    try {
      await Promise.race(waits);
    } finally {
      ended.abort();
      await Promise.allSettled(waits);
    }
  }

  #oldestMs(): number | null {
    return earliest(this.#partitions.map(({ oldestMs }) => oldestMs));
  }
}

function earliest(instants: readonly (number | null)[]): number | null {
  const known = instants.flatMap((ms) => ms ?? []);
  return known.length === 0 ? null : Math.min(...known);
}
