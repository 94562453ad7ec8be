import type { Append, Log, Position } from "@amc/platform/log/port";
import { waitForAny } from "@amc/platform/log/wait-for-any";
import type { Telemetry } from "@amc/platform/telemetry";
import type { Requested } from "@amc/schemas/generated/events";
import { spanIdOf } from "@amc/schemas/trace-context";
import { deliveryEvent, PART } from "./delivery-event.ts";
import { REQUESTS, RequestPartition } from "./request-partition.ts";

/** Group of consumers; a unit per partition of the requests. */
export const CONSOLE_GROUP = "alert-sender-console";

export interface ConsoleSenderOptions {
  readonly log: Log;
  /** Partitions to deliver from; all of them when left out. */
  readonly partitions?: readonly number[];
  /** Shows one alert to the person at the terminal. */
  readonly show: (id: string, alert: Requested) => void;
  /** Now, ms since 1970: when an alert was shown. */
  readonly nowMs: () => number;
  /** Told of the deliveries and dead letters that were committed. */
  readonly telemetry?: Pick<Telemetry, "written">;
}

/**
 * Delivers alerts to the terminal, each request once however often a crashed writer wrote it. Each
 * batch is shown first and then committed together with its delivery events and the position: a kill
 * in between shows an alert again, never loses one. A request that cannot be read is dead-lettered in
 * the same commit, and those behind it are shown.
 */
export class ConsoleSender {
  readonly #options: ConsoleSenderOptions;
  readonly #partitions: readonly RequestPartition[];

  private constructor(options: ConsoleSenderOptions, partitions: readonly RequestPartition[]) {
    this.#options = options;
    this.#partitions = partitions;
  }

  static async open(options: ConsoleSenderOptions, signal?: AbortSignal): Promise<ConsoleSender> {
    const { log } = options;
    const { partitions: numbers = [...Array(log.partitions(REQUESTS)).keys()] } = options;
    const partitions: RequestPartition[] = [];
    for (const partition of numbers) {
      const requests = { log, group: CONSOLE_GROUP, partition } as const;
      partitions.push(await RequestPartition.open(requests, signal));
    }
    return new ConsoleSender(options, partitions);
  }

  /** Delivers everything requested so far; returns how many alerts that were. */
  async deliverPending(): Promise<number> {
    let delivered = 0;
    for (const partition of this.#partitions) {
      for (let count = await this.#deliverBatch(partition); count !== null; ) {
        delivered += count;
        count = await this.#deliverBatch(partition);
      }
    }
    return delivered;
  }

  /** Delivers what is requested until `signal` aborts; ends after a batch that is committed. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      if ((await this.deliverPending()) > 0) continue;
      await waitForAny(this.#options.log, this.positions(), signal);
    }
  }

  /** Next offset of every partition that is delivered from. */
  positions(): readonly Position[] {
    return this.#partitions.map(({ position }) => position);
  }

  /** Alerts that were shown; null at the end of the partition. */
  async #deliverBatch(from: RequestPartition): Promise<number | null> {
    const { show, nowMs, telemetry } = this.#options;
    const startedMs = nowMs();
    const batch = await from.read();
    if (batch === null) return null;
    const appends: Append[] = [];
    const parents = new Map<string, string>();
    let shown = 0;
    for (const each of batch.asked) {
      if (!each.readable) {
        appends.push(each.letter);
        continue;
      }
      const { id, alert, origin } = each;
      show(id, alert);
      shown += 1;
      const sent = deliveryEvent({
        ...{ alertId: id, symbol: alert.symbol, simulated: alert.simulated, origin },
        ...{ channel: "console", source: "console", status: "SENT", attempt: 1, error: null },
        ...{ recipient: null, reference: null, requestedAt: alert.happenedAt },
        ...{ atMs: nowMs(), inputs: [id, "console", "1"] },
      });
      parents.set(sent.headers.ce_id ?? "", spanIdOf(id));
      appends.push(sent);
    }
    await from.commit(appends, batch.next);
    telemetry?.written(PART, appends, nowMs() - startedMs, parents);
    return shown;
  }
}
