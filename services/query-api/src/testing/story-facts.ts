import type { Log } from "@amc/platform/log/port";
import type { Clock, PriceTick, ShortInterest } from "@amc/schemas/generated/events";
import { derivedId } from "@amc/streams/kernel/ids";
import { append } from "./api-under-test.ts";
import {
  EARLY_TICKS,
  FIRST_SLOT,
  factId,
  INTEREST_TOPIC,
  SLOT_MS,
  TICK_TOPIC,
} from "./story-signals.ts";

const SLOTS = 4;

/** Writes the facts a story rests on, and after each slot's a clock tick to every partition. */
export async function writeFacts(log: Log, symbols: readonly string[]): Promise<void> {
  for (const symbol of symbols) {
    await append(log, INTEREST_TOPIC, factId(INTEREST_TOPIC, symbol, 0), interestOf(symbol), {
      key: symbol,
    });
  }
  for (let index = 0; index < EARLY_TICKS - 1; index += 1) await writeTicks(log, symbols, index);
  await writeClock(log, FIRST_SLOT - SLOT_MS);
  for (let slot = 0; slot < SLOTS; slot += 1) {
    await writeTicks(log, symbols, EARLY_TICKS - 1 + slot);
    await writeClock(log, FIRST_SLOT + slot * SLOT_MS);
  }
}

async function writeTicks(log: Log, symbols: readonly string[], index: number): Promise<void> {
  const at = FIRST_SLOT + (index - EARLY_TICKS + 1) * SLOT_MS;
  for (const symbol of symbols) {
    await append(log, TICK_TOPIC, factId(TICK_TOPIC, symbol, index), tickOf(symbol, at), {
      key: symbol,
    });
  }
}

async function writeClock(log: Log, at: number): Promise<void> {
  for (let partition = 0; partition < log.partitions("ops.clock.v1"); partition += 1) {
    const cuts = [];
    for (const topic of [INTEREST_TOPIC, TICK_TOPIC]) {
      cuts.push({ topic, endOffset: await log.endOffset(topic, partition) });
    }
    const tick: Clock = { happenedAt: at, cuts, discovery: true, source: "test" };
    await append(log, "ops.clock.v1", derivedId("clock", 1, [String(at)], partition), tick, {
      key: null,
      partition,
    });
  }
}

const PROVENANCE = {
  source: "vendor",
  confidence: 1,
  stale: false,
  providerLatencyMs: null,
  simulated: false,
};

function tickOf(symbol: string, at: number): PriceTick {
  return {
    symbol,
    happenedAt: at,
    publishedAt: at,
    capturedAt: at,
    ...PROVENANCE,
    kind: "BAR",
    intervalMs: 60_000,
    open: 20,
    high: 20.5,
    low: 19.8,
    close: 20.2,
    volume: 10_000,
    volumeScope: "CONSOLIDATED",
    vwap: null,
    tradeCount: null,
    bid: null,
    ask: null,
    auction: false,
  };
}

function interestOf(symbol: string): ShortInterest {
  const at = FIRST_SLOT - SLOT_MS;
  return {
    symbol,
    happenedAt: at,
    publishedAt: at,
    capturedAt: at,
    ...PROVENANCE,
    settlementDate: "2020-12-31",
    sharesShort: 71_200_000,
    previousSharesShort: null,
    averageDailyVolume: null,
    daysToCover: null,
    precision: "EXACT",
    revision: false,
  };
}
