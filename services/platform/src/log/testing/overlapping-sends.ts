import { setTimeout as wait } from "node:timers/promises";

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

export interface SendOutcome {
  readonly acknowledged: number;
  /** Acknowledged, and not in the log. */
  readonly lost: number;
  /** In the log more than once. */
  readonly duplicated: number;
}

/** Sends from many at once through faults; the ids that were acknowledged. */
export async function sendThrough(plan: SendPlan): Promise<readonly string[]> {
  const acknowledged: string[] = [];
  let [next, isOver] = [0, false];
  const worker = async () => {
    while (!isOver) {
      const id = `${next++}`;
      try {
        await plan.send(id);
        acknowledged.push(id);
      } catch {
        // Not acknowledged: it may be in the log or not, once.
      }
    }
  };
  const untilAcknowledged = async (more: number) => {
    const goal = acknowledged.length + more;
    while (acknowledged.length < goal) await wait(1);
  };
  const workers = Array.from({ length: plan.concurrency }, worker);
  for (let struck = 1; struck <= plan.strikes; struck += 1) {
    await untilAcknowledged(plan.between);
    await plan.strike(struck);
  }
  await untilAcknowledged(plan.between);
  isOver = true;
  await Promise.all(workers);
  return acknowledged;
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
