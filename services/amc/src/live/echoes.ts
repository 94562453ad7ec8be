import { YAHOO_SOURCE } from "@amc/ingest-prices/providers/yahoo/yahoo";
import type { Log } from "@amc/platform/log/port";
import { recordsSince } from "@amc/platform/log/records-since";
import { isRepeated, TOLD_AGAIN_MS } from "@amc/platform/log/repeated-references";
import { decodeEvent } from "@amc/schemas/codec";
import type { Reference, ShortInterest } from "@amc/schemas/generated/events";
import type { EventOf } from "@amc/schemas/topics";
import type { Fact } from "@amc/streams/kernel/fact";

const SHORT_INTEREST = "short.interest.v1";
const REFERENCES = "market.reference.v1";

/** What the log has from Yahoo, in its order. */
interface Said {
  readonly reports: readonly ShortInterest[];
  readonly references: readonly Reference[];
}

/**
 * What stands in for an answer of Yahoo, without what the log has from Yahoo itself: told again under another
 * name it would look like a second source.
 */
export async function withoutEchoes(log: Log, facts: readonly Fact[]): Promise<readonly Fact[]> {
  const said = await saidByYahoo(log, facts);
  return facts.filter((fact) => !isEcho(fact, said));
}

function isEcho(fact: Fact, { reports, references }: Said): boolean {
  if (fact.topic === SHORT_INTEREST) {
    const { settlementDate } = fact.value;
    return reports.some(
      (report) => isAboutSame(report, fact.value) && report.settlementDate === settlementDate,
    );
  }
  if (fact.topic !== REFERENCES) return false;
  const { field, publishedAt } = fact.value;
  const newest = references
    .filter((reference) => isAboutSame(reference, fact.value) && reference.field === field)
    .reduce<Reference | null>((held, next) => newerOf(held, next), null);
  if (newest === null) return false;
  // What has not changed is told once in a month: Yahoo's own word may be older than its last answer.
  return newest.publishedAt >= publishedAt || isRepeated(fact.value, newest);
}

async function saidByYahoo(log: Log, facts: readonly Fact[]): Promise<Said> {
  const reports = facts.flatMap(({ topic, value }) => (topic === SHORT_INTEREST ? [value] : []));
  const references = facts.flatMap(({ topic, value }) => (topic === REFERENCES ? [value] : []));
  const settledMs = Math.min(...reports.map(({ happenedAt }) => happenedAt));
  const toldMs = Math.min(...references.map(({ publishedAt }) => publishedAt)) - TOLD_AGAIN_MS;
  return {
    reports: await yahoosSince(log, SHORT_INTEREST, settledMs),
    references: await yahoosSince(log, REFERENCES, toldMs),
  };
}

async function yahoosSince<Topic extends typeof SHORT_INTEREST | typeof REFERENCES>(
  log: Log,
  topic: Topic,
  sinceMs: number,
) {
  const said: EventOf<Topic>[] = [];
  if (!Number.isFinite(sinceMs)) return said;
  for await (const { value } of recordsSince(log, topic, sinceMs)) {
    const decoded = value === null ? null : decodeEvent(topic, value);
    if (decoded?.ok === true && decoded.value.source === YAHOO_SOURCE) said.push(decoded.value);
  }
  return said;
}

function newerOf(held: Reference | null, next: Reference): Reference {
  return held !== null && held.publishedAt > next.publishedAt ? held : next;
}

function isAboutSame(said: Fact["value"], { symbol, simulated }: Fact["value"]): boolean {
  return said.symbol === symbol && said.simulated === simulated;
}
