import { createMemoryLog } from "@amc/platform/log/memory";
import type { Append, Log } from "@amc/platform/log/port";
import { systemLayout } from "@amc/platform/runtime/layout";
import { encodeEvent } from "@amc/schemas/codec";
import { eventHeaders } from "@amc/schemas/headers";
import type { AnyEvent } from "@amc/streams/kernel/stage";

/** A memory log with every topic of the system; append times count up by a millisecond. */
export function emptyLog(partitions = 2): Log {
  let nowMs = 0;
  return createMemoryLog(systemLayout(partitions), () => {
    nowMs += 1;
    return nowMs;
  });
}

export function recordOf(event: AnyEvent): Append {
  const { topic, key, value, id } = event;
  return {
    topic,
    key,
    value: encodeEvent(topic, value),
    headers: eventHeaders({ id, topic, source: "/amc/test", happenedAt: value.happenedAt }),
  };
}

export async function append(log: Log, events: readonly AnyEvent[]): Promise<void> {
  await log.commit({ appends: events.map(recordOf) });
}
