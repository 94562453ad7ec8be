import { isLogError } from "@amc/platform/log/errors";
import type { Log, Position } from "@amc/platform/log/port";
import { isRegistryError } from "@amc/platform/registry/errors";
import type { ProjectedPosition } from "../read-model/port.ts";
import type { NewestTables } from "./newest-tables.ts";
import { FEED, FEED_NAMES, type FeedName, type FeedPosition } from "./position.ts";

/** How far the tables are behind the log. */
export interface Lag {
  readonly records: number;
  /** Age of the oldest record not applied, by append time; 0 when everything is applied. */
  readonly ms: number;
}

/**
 * Measures the lag of the projected positions; one record is read where a partition is behind. A
 * feed partition without a position has not been projected at all and counts from its start.
 */
async function projectionLag(
  log: Log,
  positions: readonly ProjectedPosition[],
  nowMs: number,
): Promise<Lag> {
  let records = 0;
  let oldestMs = nowMs;
  for (const { topic, partition, next } of [...positions, ...(await unprojected(log, positions))]) {
    const behind = (await log.endOffset(topic, partition)) - next;
    if (behind <= 0) continue;
    records += behind;
    const [waiting] = await log.read(topic, partition, next, { maxRecords: 1, maxBytes: 1 });
    oldestMs = Math.min(oldestMs, waiting?.appendedAtMs ?? nowMs);
  }
  return { records, ms: nowMs - oldestMs };
}

async function unprojected(log: Log, positions: readonly ProjectedPosition[]): Promise<Position[]> {
  const missing: Position[] = [];
  for (const name of FEED_NAMES) {
    const topic = FEED[name];
    for (let partition = 0; partition < log.partitions(topic); partition += 1) {
      const isKnown = positions.some((at) => at.topic === topic && at.partition === partition);
      if (!isKnown)
        missing.push({ topic, partition, next: await log.startOffset(topic, partition) });
    }
  }
  return missing;
}

/**
 * Feed position that an answer reflects: everything before it is in the tables of all projections
 * that read the partition.
 */
export function appliedFeedPosition(
  layout: Readonly<Record<FeedName, number>>,
  positions: readonly ProjectedPosition[],
): FeedPosition {
  const offsets = FEED_NAMES.map((name) =>
    Array.from({ length: layout[name] }, (_, partition) => {
      const applied = positions.filter(
        (at) => at.topic === FEED[name] && at.partition === partition,
      );
      return applied.length === 0 ? 0 : Math.min(...applied.map((at) => at.next));
    }),
  );
  const [run = [], recommendation = [], alert = []] = offsets;
  return { run, recommendation, alert };
}

/**
 * Lag shared by requests that come close together: measuring it asks the log per partition. Rows can be
 * had without the log, so nobody waits long for it.
 */
export class LagMeter {
  readonly #log: Log;
  readonly #tables: NewestTables;
  readonly #nowMs: () => number;
  #measured: { readonly atMs: number; readonly lag: Promise<Lag | null> } | null = null;
  /** Whether the log still owes an answer that nobody waits for any more. */
  #isOwed = false;

  constructor(log: Log, tables: NewestTables, nowMs: () => number) {
    this.#log = log;
    this.#tables = tables;
    this.#nowMs = nowMs;
  }

  /**
   * At most `MAX_AGE_MS` old; null when the log cannot be reached or takes longer than
   * `LOG_ANSWER_MS_MAX`. Fails as the database fails, and as the log does otherwise.
   */
  current(): Promise<Lag | null> {
    const atMs = this.#nowMs();
    if (this.#measured === null || atMs - this.#measured.atMs > MAX_AGE_MS) {
      const lag = this.#measure(atMs);
      this.#measured = { atMs, lag };
      // A failure is told to whoever waits for it now, and measured anew by the next request.
      lag.catch(() => {
        this.#measured = null;
      });
    }
    return this.#measured.lag;
  }

  /**
   * As `current`, for an answer from the tables: null, too, where only a newer build can read what waits,
   * or a registry that is away would have to say who can.
   */
  async known(): Promise<Lag | null> {
    try {
      return await this.current();
    } catch (error) {
      if (UNREADABLE.some((code) => isRegistryError(error, code))) return null;
      throw error;
    }
  }

  async #measure(nowMs: number): Promise<Lag | null> {
    const { positions } = await this.#tables.read();
    // Requests would pile up at a log that is away, and each would wait as long as the first did.
    if (this.#isOwed) return null;
    const asked = this.#ask(positions, nowMs);
    const late = Promise.withResolvers<null>();
    const timer = setTimeout(() => {
      this.#isOwed = true;
      late.resolve(null);
    }, LOG_ANSWER_MS_MAX);
    const settled = (): void => {
      clearTimeout(timer);
      this.#isOwed = false;
    };
    asked.then(settled, settled);
    return Promise.race([asked, late.promise]);
  }

  async #ask(positions: readonly ProjectedPosition[], nowMs: number): Promise<Lag | null> {
    try {
      return await projectionLag(this.#log, positions, nowMs);
    } catch (error) {
      if (isLogError(error, "log.unavailable")) return null;
      throw error;
    }
  }
}

const UNREADABLE = ["registry.newer-schema", "registry.unavailable"] as const;
const MAX_AGE_MS = 200;
/** A log in health takes milliseconds; a broker whose leaders move, some hundred. */
export const LOG_ANSWER_MS_MAX = 1_000;
