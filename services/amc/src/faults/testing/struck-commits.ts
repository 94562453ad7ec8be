import { setTimeout as wait } from "node:timers/promises";
import type { Log } from "@amc/platform/log/port";
import { logWithCommit } from "@amc/platform/log/testing/log-with-commit";
import type { CommitPoint, Probe } from "@amc/projector/commit-batch";
import { seededRandom } from "@amc/replay/seeded-random";
import type { Pool, PoolClient } from "pg";

/** What a projector does to itself; by name, because it is told to a process. */
export type CommitStrike =
  /** SIGKILL when a point is reached for the nth time. */
  | { readonly kind: "kill"; readonly point: Failpoint; readonly nth: number }
  /** Ends the connection of this share of the commits at their COMMIT. */
  | { readonly kind: "terminate"; readonly share: number; readonly seed: number };

/** Points of a commit, those around its COMMIT that no probe sees, and those of a read of the log. */
export type Failpoint = CommitPoint | "commit-sent" | "before-read" | "read";

/** The longest that the end of a connection runs against its COMMIT. */
const RACE_MS_MAX = 3;
const LOOK_EVERY_MS = 5;

/** Runs one probe after the other. */
export function probesInTurn(probes: readonly Probe[]): Probe {
  return async (point, client) => {
    for (const probe of probes) await probe(point, client);
  };
}

/** Counts down to the time at which its process ends. */
export class Death {
  readonly #point: Failpoint;
  #left: number;

  constructor(point: Failpoint, nth: number) {
    this.#point = point;
    this.#left = nth;
  }

  readonly probe: Probe = (reached, client) => {
    // The server gets the COMMIT or does not; whoever comes next has to find out.
    if (reached === "before-commit" && this.#isDue("commit-sent")) {
      void client?.query("COMMIT");
      this.#die();
    }
    if (this.#isDue(reached)) this.#die();
  };

  /** A log that dies before or after a read. */
  around(log: Log): Log {
    return {
      ...logWithCommit(log, (commit) => log.commit(commit)),
      read: async (...where) => {
        if (this.#isDue("before-read")) this.#die();
        const records = await log.read(...where);
        // Where nothing was found, nothing can be lost.
        if (records.length > 0 && this.#isDue("read")) this.#die();
        return records;
      },
    };
  }

  #isDue(reached: Failpoint): boolean {
    if (reached !== this.#point) return false;
    this.#left -= 1;
    return this.#left === 0;
  }

  #die(): void {
    process.kill(process.pid, "SIGKILL");
  }
}

/**
 * Ends connections at their COMMIT: before it, after it but before its answer, or in a race with it.
 * Says TOOK_EFFECT or HAD_NONE, as the server tells later; the projector gets no answer but in a race.
 */
export function terminateAtCommit(
  { share, seed }: { readonly share: number; readonly seed: number },
  admin: Pool,
  say: (word: "TOOK_EFFECT" | "HAD_NONE") => void,
): Probe {
  const random = seededRandom(seed);
  return async (reached, client) => {
    if (reached !== "before-commit" || client === undefined || random() >= share) return;
    const { pid, xid } = await identityOf(client);
    const end = () => admin.query("SELECT pg_terminate_backend($1)", [pid]);
    const tell = async () => say((await hasCommitted(admin, xid)) ? "TOOK_EFFECT" : "HAD_NONE");
    const dice = random();
    if (dice < 1 / 3) {
      await end();
      await tell();
    } else if (dice < 2 / 3) {
      await client.query("COMMIT");
      await end();
      await tell();
    } else {
      void end().then(tell);
      await wait(random() * RACE_MS_MAX);
    }
  };
}

async function identityOf(client: PoolClient): Promise<{ pid: number; xid: string }> {
  const { rows } = await client.query<{ pid: number; xid: string }>(
    "SELECT pg_backend_pid() AS pid, pg_current_xact_id()::text AS xid",
  );
  const [identity] = rows;
  if (identity === undefined) throw new TypeError("a connection does not know itself");
  return identity;
}

/** Waits until the server knows: the end of a connection is not the end of its transaction. */
async function hasCommitted(admin: Pool, xid: string): Promise<boolean> {
  for (;;) {
    const { rows } = await admin.query<{ status: string }>(
      "SELECT pg_xact_status($1::xid8) AS status",
      [xid],
    );
    const status = rows[0]?.status;
    if (status === "committed" || status === "aborted") return status === "committed";
    await wait(LOOK_EVERY_MS);
  }
}
