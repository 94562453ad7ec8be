import type { Position } from "@amc/platform/log/port";
import { waitForAny } from "@amc/platform/log/wait-for-any";
import { REQUESTS } from "../request-partition.ts";
import { type SmsOptions, SmsPartition } from "./sms-partition.ts";

export interface SmsSenderOptions extends SmsOptions {
  /** Partitions to deliver from; all of them when left out. */
  readonly partitions?: readonly number[];
}

/** Sends alerts as text messages: one of each alert to each recipient, or a reason why not. */
export class SmsSender {
  readonly #options: SmsSenderOptions;
  readonly #partitions: readonly SmsPartition[];

  private constructor(options: SmsSenderOptions, partitions: readonly SmsPartition[]) {
    this.#options = options;
    this.#partitions = partitions;
  }

  static async open(options: SmsSenderOptions): Promise<SmsSender> {
    const { partitions: numbers = [...Array(options.log.partitions(REQUESTS)).keys()] } = options;
    const partitions: SmsPartition[] = [];
    for (const partition of numbers) partitions.push(await SmsPartition.open(options, partition));
    return new SmsSender(options, partitions);
  }

  /** Sends what is requested until `signal` aborts; what is not settled then is gone on with later. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#deliver(signal);
      await this.#waitForWork(signal);
    }
  }

  /** Sends what is requested and waits, as long as that takes, until all of it is settled. */
  async settleAll(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    for (;;) {
      await this.#deliver(signal);
      const dueMs = this.#nextDueMs();
      if (dueMs === null || signal.aborted) return;
      await clock.sleep(Math.max(0, dueMs - clock.nowMs()), signal);
    }
  }

  /** Next offset of every partition that is sent from. */
  positions(): readonly Position[] {
    return this.#partitions.map(({ position }) => position);
  }

  async #deliver(signal: AbortSignal): Promise<void> {
    for (const partition of this.#partitions) {
      await partition.takeRequests();
      await partition.deliverDue(signal);
    }
  }

  /** Until something is requested or due. */
  async #waitForWork(signal: AbortSignal): Promise<void> {
    const { log, clock } = this.#options;
    const dueMs = this.#nextDueMs();
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

  #nextDueMs(): number | null {
    const due = this.#partitions.flatMap(({ nextDueMs }) => nextDueMs ?? []);
    return due.length === 0 ? null : Math.min(...due);
  }
}
