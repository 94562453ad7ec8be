import type { AnyExcerpt } from "../../kernel/event-excerpt.ts";
import type { RecordOrigin, RowChange } from "../change.ts";

/**
 * Index entry of a derived event that the read model keeps. Facts and the features of plain slices
 * are not indexed: there are up to 100,000 facts a second, an index row is larger than a fact, and
 * evidence names facts by id and publication time, which finds them through the clock topic.
 */
export function indexEvent(event: AnyExcerpt, { partition, offset }: RecordOrigin): RowChange {
  return {
    table: "event_index",
    row: {
      event_id: event.id,
      topic: event.topic,
      partition,
      log_offset: offset,
    },
  };
}
