import type { Position, StatedPosition } from "@amc/streams/portfolio/position";
import type { StatementOrigin } from "./statement/origin.ts";

/** The value of a position's event. `ABSENT` when the statement closes it by not naming it. */
export function positionValue(
  { source, asOfMs, capturedAtMs, providerLatencyMs, simulated }: StatementOrigin,
  account: string,
  position: StatedPosition,
  basis: Position["basis"],
): Position {
  return {
    ...position,
    ...{ happenedAt: asOfMs, publishedAt: asOfMs, capturedAt: capturedAtMs },
    source,
    // Whoever holds an account is who knows what is in it: nobody's word weighs more.
    confidence: 1,
    // It holds until the next one; how old it is, its as-of says.
    stale: false,
    providerLatencyMs,
    simulated,
    account,
    basis,
  };
}
