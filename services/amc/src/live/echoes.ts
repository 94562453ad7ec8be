import { YAHOO_SOURCE } from "@amc/ingest-prices/providers/yahoo/yahoo";
import type { Log } from "@amc/platform/log/port";
import { recordsSince } from "@amc/platform/log/records-since";
import { decodeEvent } from "@amc/schemas/codec";
import type { Fact } from "@amc/streams/kernel/fact";

const TOPICS = ["short.interest.v1", "market.reference.v1"] as const;

/**
 * What stands in for an answer of Yahoo, without what the log has from Yahoo itself: told again under another
 * name it would look like a second source.
 */
export async function withoutEchoes(log: Log, facts: readonly Fact[]): Promise<readonly Fact[]> {
  const said = await saidByYahoo(log, facts);
  return facts.filter((fact) => !said.has(subjectOf(fact)));
}

async function saidByYahoo(log: Log, facts: readonly Fact[]): Promise<ReadonlySet<string>> {
  const said = new Set<string>();
  for (const topic of TOPICS) {
    const sinceMs = Math.min(
      ...facts.filter((fact) => fact.topic === topic).map(({ value }) => value.happenedAt),
    );
    if (!Number.isFinite(sinceMs)) continue;
    for await (const { value } of recordsSince(log, topic, sinceMs)) {
      const decoded = value === null ? null : decodeEvent<(typeof TOPICS)[number]>(topic, value);
      if (decoded?.ok !== true || decoded.value.source !== YAHOO_SOURCE) continue;
      said.add(subjectOf({ topic, value: decoded.value }));
    }
  }
  return said;
}

/** What a fact is about. A float that the log has is the newer one, or was told at the same instant. */
function subjectOf({ topic, value }: Pick<Fact, "topic"> & { readonly value: Fact["value"] }) {
  const about = "settlementDate" in value ? value.settlementDate : "";
  const field = "field" in value ? value.field : "";
  return [topic, value.symbol, about, field, value.simulated].join("/");
}
