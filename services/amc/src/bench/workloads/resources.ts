import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { loadConfig } from "@amc/platform/config/load-config";
import { simulatedMarket } from "@amc/replay/simulated-market";
import { DEFAULT_SCORING } from "@amc/streams/scoring/config";
import { openSystem, type System } from "../../system.ts";
import { serverMemoryMiB, serverOf } from "../server-memory.ts";
import { SliceFeed } from "../slice-feed.ts";
import type { Measured, Scale, Workload } from "../workload.ts";

/** R-OPS-06, for everything together. */
const MEMORY_MIB_MAX = 1_152;
/** R-OPS-06: the seed calls its 150 + 50 + 100 + 25 MB "Additional PostgreSQL storage", so no log. */
const TABLES_MIB_MAX = 325;

/** R-OPS-06 asks for 2,000 symbols; an hour has four slots, a session 26. */
const SIZES: Readonly<Record<Scale, { symbols: number; minutes: number }>> = {
  small: { symbols: 100, minutes: 20 },
  full: { symbols: 2_000, minutes: 60 },
};
const WARM_UP_SESSIONS = 105;
/** Slices that may wait: as a live feed, which is a minute ahead at most. */
const SLICES_AHEAD = 2;
const MIB = 1024 * 1024;

export const RESOURCES: Workload = {
  name: "resources",
  summary: "memory and storage of the whole system in one process, 2,000 symbols, an hour of bars",
  simulated: true,
  metrics: {
    memory: { unit: "MiB", atMost: MEMORY_MIB_MAX },
    nodeMemory: { unit: "MiB" },
    serverMemory: { unit: "MiB" },
    tableStorage: { unit: "MiB", atMost: TABLES_MIB_MAX },
    logStorage: { unit: "MiB" },
  },
  run: measureResources,
};

async function measureResources(scale: Scale): Promise<Measured> {
  const directory = mkdtempSync(join(tmpdir(), "amc-bench-"));
  const variables = { ...loadConfig({}), PORT: 0, LOG_LEVEL: "error" as const };
  const system = await openSystem({
    ...{ variables, dataDirectory: directory, scoring: DEFAULT_SCORING },
    configuredUniverse: null,
    showAlert: () => undefined,
  });
  try {
    const used = await Used.open(system);
    await play(system, scale, used);
    const logStorage = bytesBelow(join(directory, "log")) / MIB;
    const tableStorage = (await tableBytes(system)) / MIB;
    return {
      values: { ...used.peaks(), tableStorage, logStorage },
      facts: {
        ...SIZES[scale],
        warmUpSessions: WARM_UP_SESSIONS,
        records: await recordsOf(system),
        runs: await runsOf(system),
        largestTables: await largestTables(system),
      },
    };
  } finally {
    await system.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

async function play(system: System, scale: Scale, used: Used): Promise<void> {
  const feed = new SliceFeed(system.log);
  let ahead = 0;
  for (const slice of simulatedMarket({
    ...{ ...SIZES[scale], seed: 20250721 },
    ...{ warmupSessions: WARM_UP_SESSIONS, sessions: 1 },
  })) {
    await feed.write(slice);
    ahead += 1;
    if (ahead < SLICES_AHEAD) continue;
    ahead = 0;
    while ((await system.processor.lag()) > 0 || !(await system.projector.caughtUp())) {
      used.look();
      await setTimeout(LOOK_EVERY_MS);
    }
  }
  used.look();
}

const LOOK_EVERY_MS = 250;

/** The most memory that was in use at once. */
class Used {
  readonly #server: number | null;
  #most = { memory: 0, nodeMemory: 0, serverMemory: 0 };

  private constructor(server: number | null) {
    this.#server = server;
  }

  static async open({ database }: System): Promise<Used> {
    const { rows } = await database.api.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
    return new Used(serverOf(rows[0]?.pid ?? 0));
  }

  look(): void {
    const serverMemory = serverMemoryMiB(this.#server);
    const nodeMemory = process.memoryUsage.rss() / MIB;
    const memory = nodeMemory + serverMemory;
    // Also when the server's is unknown: NaN is told, not left out.
    if (!(memory <= this.#most.memory)) this.#most = { memory, nodeMemory, serverMemory };
  }

  peaks() {
    return this.#most;
  }
}

function bytesBelow(directory: string): number {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}

async function tableBytes({ database }: System): Promise<number> {
  const { rows } = await database.api.query<{ bytes: number }>(
    "SELECT pg_database_size(current_database())::float8 AS bytes",
  );
  return rows[0]?.bytes ?? Number.NaN;
}

async function runsOf({ database }: System): Promise<number> {
  const { rows } = await database.api.query<{ runs: number }>(
    "SELECT count(*)::integer AS runs FROM discovery_runs",
  );
  return rows[0]?.runs ?? Number.NaN;
}

/** The tables that make up most of it, with their indexes, in MiB. */
async function largestTables({ database }: System): Promise<string> {
  const { rows } = await database.api.query<{ name: string; bytes: number }>(
    `SELECT relname AS name, pg_total_relation_size(oid)::float8 AS bytes FROM pg_class
     WHERE relnamespace = 'read_model'::regnamespace AND relkind = 'r'
     ORDER BY bytes DESC LIMIT 6`,
  );
  return rows.map(({ name, bytes }) => `${name} ${(bytes / MIB).toFixed(1)}`).join(", ");
}

async function recordsOf({ log }: System): Promise<number> {
  let records = 0;
  for (const { topic, partitions } of log.topics()) {
    for (let at = 0; at < partitions; at += 1) records += await log.endOffset(topic, at);
  }
  return records;
}
