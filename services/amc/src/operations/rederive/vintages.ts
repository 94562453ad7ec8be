import { type Fact, factId } from "@amc/streams/kernel/fact";

/** A figure that may be stated again: what is published later stands from then on. */
export interface Vintage {
  /** Who states what about whom. */
  readonly key: string;
  /** What is stated, without when. */
  readonly figures: string;
}

/** Null for what is stated once. */
export function vintageOf(value: Fact["value"]): Vintage | null {
  const { source, symbol, simulated } = value;
  if ("sharesShort" in value) {
    const { settlementDate, sharesShort, previousSharesShort, averageDailyVolume } = value;
    const { daysToCover, precision } = value;
    const figures = [sharesShort, previousSharesShort, averageDailyVolume, daysToCover, precision];
    return {
      key: JSON.stringify(["short interest", source, symbol, simulated, settlementDate]),
      figures: JSON.stringify(figures),
    };
  }
  if ("field" in value) {
    const { field, value: figure, note, precision } = value;
    return {
      key: JSON.stringify(["reference", source, symbol, simulated, field]),
      figures: JSON.stringify([figure, note, precision]),
    };
  }
  return null;
}

/**
 * A figure that was made wrongly, stated again as whoever publishes it would: a later vintage, public since
 * `atMs`, because before that nobody knew it. Null for what is stated once.
 */
export function correction(fact: Fact, atMs: number): Fact | null {
  const times = { publishedAt: atMs, capturedAt: atMs, providerLatencyMs: null };
  if (fact.topic === "short.interest.v1") {
    const { symbol, happenedAt } = fact.value;
    const id = factId(fact.value, symbol, "short-interest", happenedAt, atMs);
    return { topic: fact.topic, id, value: { ...fact.value, ...times, revision: true } };
  }
  if (fact.topic === "market.reference.v1") {
    const { symbol, field, happenedAt } = fact.value;
    const id = factId(fact.value, symbol, `reference/${field}`, happenedAt, atMs);
    return { topic: fact.topic, id, value: { ...fact.value, ...times } };
  }
  return null;
}
