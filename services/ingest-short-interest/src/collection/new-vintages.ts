import type { Log } from "@amc/platform/log/port";
import { recordsSince } from "@amc/platform/log/records-since";
import { decodeEvent } from "@amc/schemas/codec";
import type { ShortInterest } from "@amc/schemas/generated/events";
import type { Fact } from "@amc/streams/kernel/fact";

const TOPIC = "short.interest.v1";

/**
 * Facts without those that say nothing new: FINRA goes on sending a row each time it is asked, and since
 * when it is public goes by when that was (revised rows) or by the schedule of then, so it would be another
 * vintage with every question, or with every decision about the schedule. What differs in a figure
 * from the newest vintage that the log has is one; what FINRA has taken back is one, too.
 */
export async function withoutKnownVintages(
  log: Log,
  facts: readonly Fact[],
): Promise<readonly Fact[]> {
  const newest = await newestVintages(log, facts);
  return facts.filter((fact) => {
    if (fact.topic !== TOPIC) return true;
    const held = newest.get(keyOf(fact.value));
    return held === undefined || figuresOf(held) !== figuresOf(fact.value);
  });
}

async function newestVintages(
  log: Log,
  facts: readonly Fact[],
): Promise<ReadonlyMap<string, ShortInterest>> {
  const reports = facts.flatMap(({ topic, value }) => (topic === TOPIC ? [value] : []));
  const keys = new Set(reports.map(keyOf));
  const newest = new Map<string, ShortInterest>();
  if (keys.size === 0) return newest;
  const sinceMs = reports.reduce(
    (first, { happenedAt }) => Math.min(first, happenedAt),
    Number.POSITIVE_INFINITY,
  );
  for await (const { value } of recordsSince(log, TOPIC, sinceMs)) {
    if (value === null) continue;
    const decoded = decodeEvent(TOPIC, value);
    if (!decoded.ok) continue;
    const key = keyOf(decoded.value);
    if (!keys.has(key)) continue;
    const held = newest.get(key);
    if (held === undefined || decoded.value.publishedAt >= held.publishedAt) {
      newest.set(key, decoded.value);
    }
  }
  return newest;
}

function keyOf({ source, symbol, settlementDate, simulated }: ShortInterest): string {
  return `${source}/${symbol}/${settlementDate}/${simulated}`;
}

function figuresOf(report: ShortInterest): string {
  const { sharesShort, previousSharesShort, averageDailyVolume, daysToCover, precision } = report;
  return [sharesShort, previousSharesShort, averageDailyVolume, daysToCover, precision].join("/");
}
