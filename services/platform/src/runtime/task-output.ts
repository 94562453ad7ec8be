import { encodeEvent } from "@amc/schemas/codec";
import { eventHeaders } from "@amc/schemas/headers";
import { TOPICS } from "@amc/schemas/topics";
import type { Produced } from "@amc/streams/kernel/task";
import type { Append } from "../log/port.ts";

/**
 * One emission as a record. The headers name the producing stage and the position of the input it
 * was derived from, with an index: a consumer drops what is not past the mark it has stored for
 * that stage and source, so a record written twice by a crash is seen once.
 */
export function toAppend({ stage, emission }: Produced, source: string, index: number): Append {
  const headers = eventHeaders({
    id: emission.id,
    source: `/amc/streams/${stage.name}`,
    topic: emission.topic,
    happenedAt: emission.happenedAt,
  });
  return {
    topic: emission.topic,
    key: emission.key,
    value: encodeEvent(emission.topic, emission.value),
    headers: { ...headers, "amc-stage": stage.name, "amc-source": `${source}#${index}` },
  };
}

function comparePlaces({ emission: a }: Produced, { emission: b }: Produced): number {
  if (a.topic !== b.topic) return a.topic < b.topic ? -1 : 1;
  const keyA = a.key ?? "";
  const keyB = b.key ?? "";
  if (keyA !== keyB) return keyA < keyB ? -1 : 1;
  // Sets that many partitions fill have no order to keep, but a partition's own markers do: a later
  // one says that the earlier ones are all there.
  if (TOPICS[a.topic].key === "trading-day") return 0;
  if (a.happenedAt !== b.happenedAt) return a.happenedAt - b.happenedAt;
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

/**
 * The order in which the emissions of one slice are appended: per topic and key by event time and
 * id, which is the order every digest sorts by. What stages feed each other is not affected.
 */
export function inLogOrder(produced: readonly Produced[]): readonly Produced[] {
  for (let index = 1; index < produced.length; index += 1) {
    const before = produced[index - 1];
    const one = produced[index];
    if (before !== undefined && one !== undefined && comparePlaces(before, one) > 0) {
      return [...produced].sort(comparePlaces);
    }
  }
  return produced;
}
