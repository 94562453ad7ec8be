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
  return withoutToldVintages(facts, await vintagesInLog(log, facts));
}

/** The same where `told` is what the log has, in its order. */
export function withoutToldVintages(
  facts: readonly Fact[],
  told: readonly ShortInterest[],
): readonly Fact[] {
  const newest = new Map<string, ShortInterest>();
  for (const report of told) {
    const held = newest.get(keyOf(report));
    if (held === undefined || report.publishedAt >= held.publishedAt) {
      newest.set(keyOf(report), report);
    }
  }
  return facts.filter((fact) => {
    if (fact.topic !== TOPIC) return true;
    const held = newest.get(keyOf(fact.value));
    return held === undefined || figuresOf(held) !== figuresOf(fact.value);
  });
}

async function vintagesInLog(log: Log, facts: readonly Fact[]): Promise<readonly ShortInterest[]> {
  const reports = facts.flatMap(({ topic, value }) => (topic === TOPIC ? [value] : []));
  const keys = new Set(reports.map(keyOf));
  const told: ShortInterest[] = [];
  if (keys.size === 0) return told;
  const sinceMs = reports.reduce(
    (first, { happenedAt }) => Math.min(first, happenedAt),
    Number.POSITIVE_INFINITY,
  );
  for await (const { value } of recordsSince(log, TOPIC, sinceMs)) {
    const decoded = value === null ? null : decodeEvent(TOPIC, value);
    if (decoded?.ok === true && keys.has(keyOf(decoded.value))) told.push(decoded.value);
  }
  return told;
}

function keyOf({ source, symbol, settlementDate, simulated }: ShortInterest): string {
  return `${source}/${symbol}/${settlementDate}/${simulated}`;
}

function figuresOf(report: ShortInterest): string {
  const { sharesShort, previousSharesShort, averageDailyVolume, daysToCover, precision } = report;
  return [sharesShort, previousSharesShort, averageDailyVolume, daysToCover, precision].join("/");
}
