import { decodeEvent } from "@amc/schemas/codec";
import type { FactTopic } from "@amc/schemas/topics";
import type { Fact } from "@amc/streams/kernel/fact";
import { appendFacts, type FactBatches } from "./append-facts.ts";
import type { Lease, Log } from "./port.ts";
import { recordsSince } from "./records-since.ts";
import { withoutRepeatedReferences } from "./repeated-references.ts";

/** What became of facts that were asked for. */
export interface AppendedFacts {
  readonly appended: number;
  /** The log has them with the same figures already: nothing was written. */
  readonly known: number;
  /** Of those appended: the log has them with other figures, and whoever reads both says so. */
  readonly restated: number;
}

export interface AppendOptions {
  readonly lease?: Lease;
  /** Facts that the caller knows the log has not: it is not read through for them. */
  readonly isNew?: (fact: Fact) => boolean;
  readonly batches?: FactBatches;
}

/**
 * `appendFacts` of what the log does not have. The same question asked twice gives the same ids, but
 * other times of capture, and a stage takes an id with another body for a conflict; so copies are left
 * out here. What differs in its figures is appended: the first one holds, the other becomes a dead
 * letter that somebody can look at.
 */
export async function appendNewFacts(
  log: Log,
  facts: readonly Fact[],
  source: string,
  { lease, isNew = () => false, batches }: AppendOptions = {},
): Promise<AppendedFacts> {
  const asked = facts.filter((fact) => !isNew(fact));
  const changed = new Set(await withoutRepeatedReferences(log, asked));
  const known = await knownStatements(log, [...changed]);
  const isKnown = ({ id, value }: Fact) => known.get(id)?.has(statementOf(value)) === true;
  const fresh = facts.filter((fact) => isNew(fact) || (changed.has(fact) && !isKnown(fact)));
  await appendFacts(log, fresh, source, lease, batches);
  return {
    appended: fresh.length,
    known: facts.length - fresh.length,
    restated: fresh.filter(({ id }) => known.has(id)).length,
  };
}

/** What the log says under the ids of these facts. None was appended before it happened. */
async function knownStatements(
  log: Log,
  facts: readonly Fact[],
): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const known = new Map<string, Set<string>>();
  for (const [topic, ofTopic] of Map.groupBy(facts, (fact) => fact.topic)) {
    const ids = new Set(ofTopic.map(({ id }) => id));
    const sinceMs = ofTopic.reduce(
      (first, { value }) => Math.min(first, value.happenedAt),
      Number.POSITIVE_INFINITY,
    );
    for await (const { headers, value } of recordsSince(log, topic, sinceMs)) {
      const { ce_id: id = "" } = headers;
      if (value === null || !ids.has(id)) continue;
      const decoded = decodeEvent<FactTopic>(topic, value);
      if (!decoded.ok) continue;
      const statements = known.get(id) ?? new Set();
      known.set(id, statements.add(statementOf(decoded.value)));
    }
  }
  return known;
}

/**
 * What is stated, without when it came, how long that took, and since when it is public, which is never
 * later than when it came.
 */
export function statementOf(value: Fact["value"]): string {
  const times = { publishedAt: 0, capturedAt: 0, providerLatencyMs: 0 };
  return JSON.stringify({ ...value, ...times, stale: false });
}
