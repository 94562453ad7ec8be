import { type Pacing, REAL_TIME } from "../../pacing.ts";
import { LogError } from "../errors.ts";
import type { Cluster } from "./cluster.ts";
import type { Outgoing } from "./outgoing.ts";
import { ENDED_WITHIN_MS } from "./transaction-client.ts";
import { placeId } from "./unit.ts";

/** A moment is a millisecond or two; the end of a dead writer's transaction is not worth a thousand requests. */
const ASK_FIRST_MS = 1;
const ASK_LAST_MS = 100;
const ASK_GROWTH = 1.1;

/**
 * Resolves when readers of committed records see the records of a transaction that was ended: brokers
 * answer the end before they do, a moment as a rule, and as long as a transaction is open that began before
 * it and whose writer has died. Throws `log.outcome-unknown` when brokers do not even end that one in time.
 * `offsets` are those of the records, in their order.
 */
export async function untilVisible(
  cluster: Pick<Cluster, "endOffset">,
  records: readonly Outgoing[],
  offsets: readonly number[],
  { nowMs, pause }: Pacing = REAL_TIME,
): Promise<void> {
  const last = new Map<string, { topic: string; partition: number; offset: number }>();
  records.forEach((record, index) => {
    const { topic, partition } = record;
    last.set(placeId(record), { topic, partition, offset: offsets[index] ?? -1 });
  });
  const startedMs = nowMs();
  const waits = [...last.values()].map(async ({ topic, partition, offset }) => {
    for (let pauseMs = ASK_FIRST_MS; ; pauseMs = Math.min(pauseMs * ASK_GROWTH, ASK_LAST_MS)) {
      if ((await cluster.endOffset(topic, partition)) > offset) return;
      if (nowMs() - startedMs > ENDED_WITHIN_MS) throw notVisible(topic, partition, offset);
      await pause(pauseMs);
    }
  });
  await Promise.all(waits);
}

function notVisible(topic: string, partition: number, offset: number): LogError {
  return new LogError(
    "log.outcome-unknown",
    `Readers of ${topic}/${partition} do not see offset ${offset} although its transaction was ended`,
    { topic, partition, offset },
  );
}
