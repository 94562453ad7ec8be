import { type Refusal, Refusals } from "@amc/ingest-recordings/facts/refusals";
import type { Log } from "@amc/platform/log/port";
import { deadLettersOf, topicsWithDeadLetters } from "./dead-letter.ts";

/** Who refuses the rows of files; every other dead letter is a record that a stage refused. */
const PLAYER = "ingest-recordings";

/** The rows of recordings that a log holds as dead letters, by reason. */
export async function refusedRows(log: Log): Promise<readonly Refusal[]> {
  const refusals = new Refusals();
  for (const topic of topicsWithDeadLetters(log)) {
    for await (const { stage, code, reason } of deadLettersOf(log, topic)) {
      if (stage === PLAYER) refusals.add(code, reason);
    }
  }
  return refusals.list();
}
