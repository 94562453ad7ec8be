import type { Append } from "@amc/platform/log/port";
import { encodeEvent } from "@amc/schemas/codec";
import { eventHeaders } from "@amc/schemas/headers";
import { uuidOf } from "@amc/streams/kernel/ids";

const CLOCK = "ops.clock.v1";

/** A tick as the player of recordings brings it, one to each of the partitions; UTC ms. */
export function playedTick(happenedAt: number, partitions: number): Append[] {
  return Array.from({ length: partitions }, (_, partition) => {
    const id = uuidOf(`played/${happenedAt}/${partition}`);
    const headers = eventHeaders({ id, source: "/test", topic: CLOCK, happenedAt });
    const tick = { happenedAt, discovery: true, source: "recordings", cuts: [] };
    return { topic: CLOCK, partition, key: null, value: encodeEvent(CLOCK, tick), headers };
  });
}
