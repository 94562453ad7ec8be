import { setTimeout as wait } from "node:timers/promises";
import { readAll, texts } from "../contract/fixture.ts";
import type { Log } from "../port.ts";

const CONCURRENCY = 20;
/** Nothing was acknowledged for so long: the faults are over, and the log does not come back. */
const PATIENCE_MS = 120_000;

export interface SendOutcome {
  readonly acknowledged: number;
  /** Acknowledged, and not in the log. */
  readonly lost: number;
  /** In the log more than once. */
  readonly duplicated: number;
}

export interface SendPlan {
  /** Resolves when a record of this id is acknowledged. */
  readonly send: (id: string) => Promise<unknown>;
  /** Sends under way at the same time. */
  readonly concurrency: number;
  /** Puts one fault in and takes it away again. */
  readonly strike: (struck: number) => Promise<void>;
  readonly strikes: number;
  /** Acknowledged sends between two strikes. */
  readonly between: number;
}

/** Sends numbered records from many at once through faults; the ids that were acknowledged. */
export function sendThrough(plan: SendPlan): Promise<string[]> {
  const { send, strike, strikes, between, concurrency } = plan;
  const disturb = async (untilMore: (count: number) => Promise<void>) => {
    for (let struck = 1; struck <= strikes; struck += 1) {
      await untilMore(between);
      await strike(struck);
    }
    await untilMore(between);
  };
  return sendWhile(send, disturb, concurrency);
}

/**
 * Sends numbered records from many at once for as long as `disturb` runs, which may wait for a number
 * of further acknowledgements. Returns what was acknowledged.
 */
export async function sendWhile(
  send: (id: string) => Promise<unknown>,
  disturb: (untilMore: (count: number) => Promise<void>) => Promise<void>,
  concurrency = CONCURRENCY,
): Promise<string[]> {
  const acknowledged: string[] = [];
  let [next, isOver] = [0, false];
  const worker = async () => {
    while (!isOver) {
      const id = `${next++}`;
      try {
        await send(id);
        acknowledged.push(id);
      } catch {
        // Not acknowledged: it may be in the log or not, once.
        await wait(1);
      }
    }
  };
  const workers = Array.from({ length: concurrency }, worker);
  try {
    await disturb(async (count) => {
      const goal = acknowledged.length + count;
      const deadlineMs = performance.now() + PATIENCE_MS;
      while (acknowledged.length < goal) {
        if (performance.now() > deadlineMs) throw new Error(`${goal} sends were not acknowledged`);
        await wait(1);
      }
    });
  } finally {
    isOver = true;
    await Promise.all(workers);
  }
  return acknowledged;
}

/** Holds what was acknowledged against one partition of a log. */
export async function outcomeOf(
  acknowledged: readonly string[],
  log: Log,
  topic: string,
): Promise<SendOutcome> {
  return compareSends(acknowledged, texts(await readAll(log, topic, 0)));
}

export function compareSends(
  acknowledged: readonly string[],
  found: readonly string[],
): SendOutcome {
  const distinct = new Set(found);
  return {
    acknowledged: acknowledged.length,
    lost: acknowledged.filter((id) => !distinct.has(id)).length,
    duplicated: found.length - distinct.size,
  };
}
