import { setTimeout as wait } from "node:timers/promises";
import { readAll, texts } from "../contract/fixture.ts";
import type { Log } from "../port.ts";

const CONCURRENCY = 20;

export interface SendOutcome {
  readonly acknowledged: number;
  /** Acknowledged, and not in the log. */
  readonly lost: number;
  /** In the log more than once. */
  readonly duplicated: number;
}

/**
 * Sends numbered records from many at once for as long as `disturb` runs, which may wait for a number
 * of further acknowledgements. Returns what was acknowledged.
 */
export async function sendWhile(
  send: (id: string) => Promise<void>,
  disturb: (untilMore: (count: number) => Promise<void>) => Promise<void>,
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
  const workers = Array.from({ length: CONCURRENCY }, worker);
  try {
    await disturb(async (count) => {
      const goal = acknowledged.length + count;
      while (acknowledged.length < goal) await wait(1);
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
  const found = texts(await readAll(log, topic, 0));
  const distinct = new Set(found);
  const lost = acknowledged.filter((id) => !distinct.has(id)).length;
  return {
    acknowledged: acknowledged.length,
    lost,
    duplicated: found.length - distinct.size,
  };
}
