import { setTimeout as wait } from "node:timers/promises";
import type { Log } from "@amc/platform/log/port";
import type { ProjectionName } from "@amc/streams/projections/projections";
import type { ClientBase } from "pg";
import { claimProjection, type Position } from "./positions.ts";

/** What is taken over, and by whom. */
interface Taken {
  readonly log: Log;
  readonly projection: ProjectionName;
  readonly owner: string;
}

/**
 * Claims a projection in a transaction of its own. Who is let go before that is committed takes nothing
 * from anybody: `client` is left inside the transaction, for its lender to close.
 *
 * @throws the reason of `signal`
 */
export async function takeOver(
  client: ClientBase,
  { log, projection, owner }: Taken,
  signal: AbortSignal,
): Promise<readonly Position[]> {
  await client.query("BEGIN");
  await throwIfLetGo(signal);
  const positions = await claimProjection(client, log, projection, owner);
  await throwIfLetGo(signal);
  await client.query("COMMIT");
  return positions;
}

/**
 * A process that was frozen hears the answer to its statement before its overdue timers, of which one
 * says that it was let go: they have theirs first.
 */
async function throwIfLetGo(signal: AbortSignal): Promise<void> {
  await wait(0);
  signal.throwIfAborted();
}
