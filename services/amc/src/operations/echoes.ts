import { YAHOO_SOURCE } from "@amc/ingest-prices/providers/yahoo/yahoo";
import { isRepeated } from "@amc/platform/log/repeated-references";
import type { Reference, ShortInterest } from "@amc/schemas/generated/events";
import type { Fact } from "@amc/streams/kernel/fact";

/** What the log has of short interest and shares, in its order. */
interface Told {
  readonly reports: readonly ShortInterest[];
  readonly references: readonly Reference[];
}

/**
 * What stands in for an answer of Yahoo, without what the log has from Yahoo itself: told again under another
 * name it would look like a second source.
 */
export function withoutEchoes(facts: readonly Fact[], told: Told): readonly Fact[] {
  return facts.filter((fact) => !isEcho(fact, told));
}

function isEcho(fact: Fact, { reports, references }: Told): boolean {
  if (fact.topic === "short.interest.v1") {
    const { settlementDate } = fact.value;
    return reports.some(
      (report) => isYahoos(report, fact.value) && report.settlementDate === settlementDate,
    );
  }
  if (fact.topic !== "market.reference.v1") return false;
  const { field, publishedAt } = fact.value;
  const newest = references
    .filter((reference) => isYahoos(reference, fact.value) && reference.field === field)
    .reduce<Reference | null>((held, next) => newerOf(held, next), null);
  if (newest === null) return false;
  // What has not changed is told once in a month: Yahoo's own word may be older than its last answer.
  return newest.publishedAt >= publishedAt || isRepeated(fact.value, newest);
}

function newerOf(held: Reference | null, next: Reference): Reference {
  return held !== null && held.publishedAt > next.publishedAt ? held : next;
}

function isYahoos(told: Fact["value"], { symbol, simulated }: Fact["value"]): boolean {
  return told.source === YAHOO_SOURCE && told.symbol === symbol && told.simulated === simulated;
}
