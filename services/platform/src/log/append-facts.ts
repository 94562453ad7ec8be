import { encodeEvent } from "@amc/schemas/codec";
import { eventHeaders } from "@amc/schemas/headers";
import type { FactTopic } from "@amc/schemas/topics";
import type { Fact } from "@amc/streams/kernel/fact";
import type { Lease, Log } from "./port.ts";

/** Facts in one commit: a day of the whole market is some ten commits. */
const FACTS_PER_COMMIT = 1_000;

/** Facts that go together, and who hears of each lot that is in the log. */
export interface FactBatches {
  readonly size: number;
  readonly onAppended: (facts: number) => void;
}

/**
 * Appends facts in the order given, each commit whole or not at all; a fact that comes again has its
 * id again and is skipped by whoever reads it. `source` is the producer, such as
 * `/amc/ingest-short-interest`. Under a lease nothing is appended once somebody else has taken over.
 */
export async function appendFacts(
  log: Log,
  facts: readonly Fact[],
  source: string,
  lease?: Lease,
  batches?: FactBatches,
): Promise<void> {
  const perCommit = batches?.size ?? FACTS_PER_COMMIT;
  for (let from = 0; from < facts.length; from += perCommit) {
    const appends = facts.slice(from, from + perCommit).map(({ topic, id, value }) => ({
      topic,
      key: value.symbol,
      value: encodeEvent<FactTopic>(topic, value),
      headers: eventHeaders({ id, source, topic, happenedAt: value.happenedAt }),
    }));
    await log.commit(lease === undefined ? { appends } : { appends, lease });
    batches?.onAppended(appends.length);
  }
}
