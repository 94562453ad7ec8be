import { encodeEvent } from "@amc/schemas/codec";
import { eventHeaders } from "@amc/schemas/headers";
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
