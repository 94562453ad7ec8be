import type { Log, StateChange } from "@amc/platform/log/port";
import type { DeadLetter } from "./dead-letter.ts";

/** Group whose state remembers what was redriven: it commits together with the records. */
export const REDRIVE_GROUP = "dlq-redrive";
export const REDRIVE_UNIT = 0;
const STORE = "redriven";

/** Names the record that was refused, whoever refused it; null when it never was a record. */
export function originKey({ topic, origin }: DeadLetter): string | null {
  return origin === null ? null : `${topic}/${origin.partition}/${origin.offset}`;
}

export async function redrivenOrigins(log: Log): Promise<Set<string>> {
  const origins = new Set<string>();
  for await (const { store, key, value } of log.state(REDRIVE_GROUP, REDRIVE_UNIT)) {
    if (store === STORE && value !== null) origins.add(key);
  }
  return origins;
}

/** Remembers an origin with the attempt it has reached. */
export function redrivenChange(origin: string, attempt: number): StateChange {
  return { store: STORE, key: origin, value: Buffer.from(JSON.stringify({ attempt })) };
}
