import { randomUUID } from "node:crypto";
import { encodeEvent } from "@amc/schemas/codec";
import { eventHeaders } from "@amc/schemas/headers";
import type { Append, Log } from "../log/port.ts";
import type { CallJournal } from "./call-journal.ts";

const CALL = "ops.provider-call.v1";
const BREAKER = "ops.circuit-breaker.v1";

/** A journal in the log, one commit per entry; `source` is the producer, such as `/amc/ingest-prices`. */
export function logJournal(log: Log, source: string): CallJournal {
  return {
    record: async ({ calls, callIds, breakerChanges }) => {
      const appends: Append[] = [
        ...calls.map((call, index) => ({
          topic: CALL,
          key: call.provider,
          value: encodeEvent(CALL, call),
          headers: eventHeaders({
            id: callIds[index] ?? randomUUID(),
            source,
            topic: CALL,
            happenedAt: call.happenedAt,
          } as const),
        })),
        ...breakerChanges.map((change) => ({
          topic: BREAKER,
          key: change.provider,
          value: encodeEvent(BREAKER, change),
          headers: eventHeaders({
            id: randomUUID(),
            source,
            topic: BREAKER,
            happenedAt: change.happenedAt,
          } as const),
        })),
      ];
      if (appends.length > 0) await log.commit({ appends });
    },
  };
}
