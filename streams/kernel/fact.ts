import type { EventOf, FactTopic } from "@amc/schemas/topics";
import { uuidOf } from "./ids.ts";

/** One fact with its identity, ready to be encoded. */
export type Fact = {
  [Topic in FactTopic]: {
    readonly topic: Topic;
    /** UUID of (source, symbol, kind, event time, provider sequence); becomes `ce_id`. */
    readonly id: string;
    readonly value: EventOf<Topic>;
  };
}[FactTopic];

/**
 * Identity of a fact. `kind` says what is stated (`bar/60000`, `reference/FLOAT_SHARES`);
 * `sequence` tells apart what a vendor states several times about one instant.
 */
export function factId(
  source: string,
  symbol: string,
  kind: string,
  happenedAt: number,
  sequence: number | string = 0,
): string {
  return uuidOf(`${source}/${symbol}/${kind}/${happenedAt}/${sequence}`);
}
