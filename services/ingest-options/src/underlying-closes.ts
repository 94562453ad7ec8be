import type { Log } from "@amc/platform/log/port";
import { recordsSince } from "@amc/platform/log/records-since";
import { decodeEvent } from "@amc/schemas/codec";
import type { PriceTick } from "@amc/schemas/generated/events";
import { sessionBounds } from "@amc/streams/market/sessions";

const TOPIC = "market.price-tick.v1";
/** A price from before this is not the one beside which options closed (market data, domain-facts §6). */
const AGE_MS_MAX = 15 * 60_000;

/**
 * What symbols closed at on a trading day as the log has it, USD as traded: a daily bar where there is
 * one, else the last trading of the quarter of an hour before the close. A symbol that the log says
 * nothing about is not in it. Prices that no market has printed count only beside options of that kind.
 */
export async function underlyingCloses(
  log: Log,
  symbols: readonly string[],
  date: string,
  simulated: boolean,
): Promise<ReadonlyMap<string, number>> {
  const { closeMs } = sessionBounds(date);
  const wanted = new Set<string | null>(symbols);
  const best = new Map<string, PriceTick>();
  for await (const { key, value } of recordsSince(log, TOPIC, closeMs - AGE_MS_MAX)) {
    if (!wanted.has(key) || value === null) continue;
    const decoded = decodeEvent(TOPIC, value);
    if (!decoded.ok) continue;
    const tick = decoded.value;
    const { happenedAt, kind, symbol } = tick;
    if (tick.simulated !== simulated) continue;
    if (kind === "QUOTE" || happenedAt > closeMs || happenedAt < closeMs - AGE_MS_MAX) continue;
    const before = best.get(symbol);
    if (before === undefined || isBetter(tick, before)) best.set(symbol, tick);
  }
  return new Map([...best].map(([symbol, { close }]) => [symbol, close]));
}

/** Nearer to the close, then of the longer interval, which has the closing auction in it, then believed more. */
function isBetter(tick: PriceTick, before: PriceTick): boolean {
  if (tick.happenedAt !== before.happenedAt) return tick.happenedAt > before.happenedAt;
  if (tick.intervalMs !== before.intervalMs) return tick.intervalMs > before.intervalMs;
  return tick.confidence > before.confidence;
}
