import type { Log } from "@amc/platform/log/port";
import { encodeEvent } from "@amc/schemas/codec";
import { eventHeaders } from "@amc/schemas/headers";
import { heldPositions } from "./held-positions.ts";
import type { Statement } from "./statement/statement.ts";
import { type StatementChanges, statementChanges } from "./statement-changes.ts";

const TOPIC = "portfolio.position.v1";
const PRODUCER = "/amc/ingest-portfolio";
/** As facts of other sources; an import that was killed between two goes on when it is repeated. */
const EVENTS_PER_COMMIT = 1_000;

/**
 * Appends what a statement changes and tells what became of its rows. Who writes the log alone may
 * repeat it: the second time nothing is appended. Throws as `commit` of the log does.
 */
export async function importStatement(
  log: Log,
  statement: Statement,
  isComplete: boolean,
): Promise<StatementChanges> {
  const changes = statementChanges(statement, await heldPositions(log), isComplete);
  for (let from = 0; from < changes.events.length; from += EVENTS_PER_COMMIT) {
    const appends = changes.events
      .slice(from, from + EVENTS_PER_COMMIT)
      .map(({ id, key, value }) => ({
        topic: TOPIC,
        key,
        value: encodeEvent(TOPIC, value),
        headers: eventHeaders({ id, source: PRODUCER, topic: TOPIC, happenedAt: value.happenedAt }),
      }));
    await log.commit({ appends });
  }
  return changes;
}
