import type { Log } from "@amc/platform/log/port";
import { readPartition } from "@amc/platform/log/read-partition";
import { decodeEvent } from "@amc/schemas/codec";
import type { Position } from "@amc/streams/portfolio/position";

const TOPIC = "portfolio.position.v1";
const READ = { maxRecords: 1_000, maxBytes: 1_000_000 };

/** A position as the newest record of its key has it. */
export interface HeldPosition {
  /** `ce_id`. */
  readonly id: string;
  readonly value: Position;
}

/**
 * What the log holds now, by key (`account/symbol`); closed positions are among them. A record that does
 * not decode is passed over; the projector reports it.
 */
export async function heldPositions(log: Log): Promise<ReadonlyMap<string, HeldPosition>> {
  const held = new Map<string, HeldPosition>();
  for (let partition = 0; partition < log.partitions(TOPIC); partition += 1) {
    for await (const { key, value, headers } of readPartition(log, TOPIC, partition, READ)) {
      if (key === null || value === null || headers.ce_id === undefined) continue;
      const decoded = decodeEvent(TOPIC, value);
      if (decoded.ok) held.set(key, { id: headers.ce_id, value: decoded.value });
    }
  }
  return held;
}
