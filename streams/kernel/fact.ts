import type { EventOf, FactTopic } from "@amc/schemas/topics";
import { uuidOf } from "./ids.ts";

/** One fact with its identity, ready to be encoded. */
export type Fact = {
  [Topic in FactTopic]: {
    readonly topic: Topic;
    /** UUID of (source, made up or not, symbol, kind, event time, provider sequence); becomes `ce_id`. */
    readonly id: string;
    readonly value: EventOf<Topic>;
  };
}[FactTopic];

/**
 * Identity of a fact. `kind` says what is stated (`bar/60000`, `reference/FLOAT_SHARES`);
 * `sequence` tells apart what a vendor states several times about one instant. What a mock says in a
 * vendor's name is never that vendor's statement: with one id, the made-up one would keep the real one out.
 */
export function factId(
  { source, simulated }: { readonly source: string; readonly simulated: boolean },
  symbol: string,
  kind: string,
  happenedAt: number,
  sequence: number | string = 0,
): string {
  const statedBy = simulated ? `simulated:${source}` : source;
  return uuidOf(`${statedBy}/${symbol}/${kind}/${happenedAt}/${sequence}`);
}
