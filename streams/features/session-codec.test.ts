import type { PriceTick } from "@amc/schemas/generated/events";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { StateWriter } from "../kernel/state-bytes.ts";
import { SESSION_CODEC } from "./session-codec.ts";
import { SessionState } from "./session-state.ts";
import { pendingDaily } from "./symbol-history.ts";

const ID = "0198c0de-0000-8000-8000-00000000000a";
const price = fc.double({ min: 0.01, max: 10_000, noNaN: true });

const tick: fc.Arbitrary<PriceTick> = fc
  .record({ price, volume: fc.nat(), happenedAt: fc.nat(), auction: fc.boolean() })
  .map(({ price: open, volume, happenedAt, auction }) => ({
    symbol: "GME",
    ...{ happenedAt, publishedAt: happenedAt, capturedAt: happenedAt + 1 },
    ...{ source: "vendor é", confidence: 0.9, stale: false, providerLatencyMs: null },
    ...{ simulated: auction, kind: "TRADE", intervalMs: 0 },
    ...{ open, high: open * 1.01, low: open * 0.99, close: open, volume },
    volumeScope: auction ? "REGULAR" : "VENUE",
    ...{ vwap: null, tradeCount: null, bid: null, ask: null, auction },
  }));

function copyOf(session: SessionState): SessionState {
  const writer = new StateWriter();
  SESSION_CODEC.encode(session, writer);
  return SESSION_CODEC.decode(writer.take());
}

describe("a stored session", () => {
  it("comes back field by field, whatever ticks and daily bars it took", () => {
    fc.assert(
      fc.property(fc.array(tick), fc.option(tick), (ticks, daily) => {
        const session = new SessionState("2021-01-13");
        for (const one of ticks) session.take(ID, one, "regular", Number.NaN, one.auction);
        if (daily !== null) {
          const {
            id,
            source,
            confidence,
            happenedAt,
            publishedAt,
            capturedAt,
            simulated,
            ...rest
          } = pendingDaily(ID, daily);
          const fact = { id, source, confidence, happenedAt, publishedAt, capturedAt, simulated };
          session.daily = { ...fact, ...rest };
          session.previous = fact;
        }
        expect(copyOf(session)).toStrictEqual(session);
      }),
    );
  });

  it("keeps the infinities and NaN that stand for nothing yet", () => {
    const empty = new SessionState("2021-01-13");
    expect(copyOf(empty)).toStrictEqual(empty);
  });
});
