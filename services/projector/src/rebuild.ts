import { randomUUID } from "node:crypto";
import type { Log } from "@amc/platform/log/port";
import { READ_MODEL_SCHEMA } from "@amc/platform/postgres/migration-files";
import { createPool } from "@amc/platform/postgres/pool";
import {
  createReadModelSchema,
  dropSpareSchema,
  hasPreviousReadModel,
  NEXT_SCHEMA,
  PREVIOUS_SCHEMA,
  swapReadModel,
  swapReadModelBack,
} from "@amc/platform/postgres/read-model-schema";
import { PROJECTION_NAMES } from "@amc/streams/projections/projections";
import pg, { type Client, type ClientConfig } from "pg";
import { type ProjectorClock, systemClock } from "./clock.ts";
import { ProjectorError } from "./errors.ts";
import type { ProjectorLogger } from "./logger.ts";
import { ProjectionLoop } from "./projection-loop.ts";
import { handOver, livePositions, pauseProjector } from "./rebuild-positions.ts";
import { RebuildMeter, type RebuildProgress } from "./rebuild-progress.ts";
import { diffSchemas, type TableDiff } from "./table-diff.ts";
import { type TableDigest, tableDigests } from "./table-digest.ts";

export interface RebuildOptions {
  readonly log: Log;
  /** Owner of the schemas. */
  readonly migrator: ClientConfig;
  /** Who writes the rows. */
  readonly projector: ClientConfig;
  readonly logger: ProjectorLogger;
  /** Put the rebuilt tables in place when they equal those in use. */
  readonly swap: boolean;
  /** Put them in place although they differ: the tables in use were wrong. */
  readonly swapDespiteDifferences?: boolean;
  readonly clock?: ProjectorClock;
  /** Told about once a second. */
  readonly onProgress?: (progress: RebuildProgress) => void;
  readonly signal?: AbortSignal;
}

export interface RebuildReport {
  readonly records: number;
  readonly elapsedMs: number;
  readonly recordsPerSecond: number;
  /** Of the tables in use, and of those rebuilt, at the same positions. */
  readonly live: readonly TableDigest[];
  readonly rebuilt: readonly TableDigest[];
  /** Empty when every compared table is equal, row by row. */
  readonly differences: readonly TableDiff[];
  readonly swapped: boolean;
}

// "amc" and a purpose, as for the migrations: one rebuild at a time per database.
const LOCK_ID = 0x616d6303;
// What is left when the projector in use is held up for the comparison: a few milliseconds of work.
const SMALL_GAP = 1_000;
const MAX_CATCH_UPS = 20;

/**
 * Builds the read model again from the first offset, in a schema beside the one in use, compares
 * both row by row at the same positions and puts the new one in place if asked. The projector in
 * use goes on all the while; it is held up only while the last records before the comparison are
 * projected, and takes up the swapped tables at their own positions.
 *
 * Throws `projector.rebuild-running` when another rebuild works on this database, and
 * `projector.rebuild-differs` when a swap was asked for and the tables are not equal; the rebuilt
 * ones stay beside to be looked at.
 */
export async function rebuildReadModel(options: RebuildOptions): Promise<RebuildReport> {
  return await withRebuildLock(options.migrator, async (client) => {
    await dropSpareSchema(client, NEXT_SCHEMA);
    await createReadModelSchema(client, NEXT_SCHEMA);
    const pool = createPool({
      connection: { ...options.projector, options: `-c search_path=${NEXT_SCHEMA}` },
      applicationName: "amc-rebuild",
      max: PROJECTION_NAMES.length,
    });
    try {
      return await new Rebuild(options, client, pool).run();
    } finally {
      await pool.end();
    }
  });
}

/**
 * Puts the tables back that the last swap replaced; the projector in use goes on from theirs.
 *
 * Throws `projector.nothing-to-swap-back` when no swap has kept any, and `projector.rebuild-running`
 * when a rebuild works on this database; either leaves everything as it was.
 */
export async function swapBack(migrator: ClientConfig): Promise<void> {
  await withRebuildLock(migrator, async (client) => {
    // First of all: rebuilt tables that wait to be looked at are dropped only for others.
    if (!(await hasPreviousReadModel(client))) {
      throw new ProjectorError(
        "projector.nothing-to-swap-back",
        "there is nothing to swap back to: no swap has replaced these tables",
        { schema: PREVIOUS_SCHEMA },
      );
    }
    await dropSpareSchema(client, NEXT_SCHEMA);
    await handOver(client, PREVIOUS_SCHEMA);
    await swapReadModelBack(client);
  });
}

class Rebuild {
  readonly #options: RebuildOptions;
  readonly #client: Client;
  readonly #meter: RebuildMeter;
  readonly #bounds = new Map<string, number>();
  readonly #loops: readonly ProjectionLoop[];
  readonly #signal: AbortSignal;

  constructor(options: RebuildOptions, client: Client, pool: pg.Pool) {
    const { log, logger, clock = systemClock, onProgress } = options;
    this.#options = options;
    this.#client = client;
    this.#signal = options.signal ?? new AbortController().signal;
    this.#meter = new RebuildMeter(() => clock.now(), onProgress);
    const owner = `rebuild/${process.pid}/${randomUUID()}`;
    this.#loops = PROJECTION_NAMES.map(
      (projection) =>
        new ProjectionLoop({
          log,
          pool,
          projection,
          owner,
          clock,
          logger,
          answers: null,
          exportsDeadLetters: false,
          bounds: this.#bounds,
          probe: (point) => {
            if (point === "acknowledged") this.#meter.report(this.#records());
          },
        }),
    );
  }

  async run(): Promise<RebuildReport> {
    for (const loop of this.#loops) await loop.claim(this.#signal);
    await this.#catchUpWithLive();
    const compared = await this.#compare();
    const swapped = await this.#swap(compared.differences);
    const elapsedMs = this.#meter.elapsedMs();
    const records = this.#records();
    return {
      ...compared,
      records,
      elapsedMs,
      recordsPerSecond: elapsedMs > 0 ? (records / elapsedMs) * 1000 : 0,
      swapped,
    };
  }

  async #catchUpWithLive(): Promise<void> {
    for (let round = 0; round < MAX_CATCH_UPS; round += 1) {
      const gap = await this.#boundByLive();
      if (gap === 0) return;
      this.#meter.expect(this.#records() + gap);
      await this.#project();
      if (gap < SMALL_GAP) return;
    }
  }

  /** Both sides at the same positions, seen in one snapshot that outlives the hold-up. */
  async #compare(): Promise<Pick<RebuildReport, "live" | "rebuilt" | "differences">> {
    const resume = await pauseProjector(this.#options.migrator);
    try {
      await this.#boundByLive();
      await this.#project();
      await this.#client.query("BEGIN ISOLATION LEVEL REPEATABLE READ");
      // The snapshot is taken by the first statement, not by BEGIN.
      await this.#client.query("SELECT 1 FROM pg_class LIMIT 1");
    } finally {
      await resume();
    }
    try {
      return {
        live: await tableDigests(this.#client, READ_MODEL_SCHEMA),
        rebuilt: await tableDigests(this.#client, NEXT_SCHEMA),
        differences: await diffSchemas(this.#client, READ_MODEL_SCHEMA, NEXT_SCHEMA),
      };
    } finally {
      await this.#client.query("ROLLBACK");
    }
  }

  async #swap(differences: readonly TableDiff[]): Promise<boolean> {
    const { swap, swapDespiteDifferences = false } = this.#options;
    if (!swap) return false;
    const [first] = differences;
    if (first !== undefined && !swapDespiteDifferences) {
      throw new ProjectorError(
        "projector.rebuild-differs",
        `${differences.length} tables differ from those in use; the rebuilt ones are in ${NEXT_SCHEMA}`,
        { tables: differences.map(({ table }) => table).join(","), schema: NEXT_SCHEMA },
      );
    }
    await this.#catchUpWithLive();
    await handOver(this.#client, NEXT_SCHEMA);
    await swapReadModel(this.#client);
    return true;
  }

  /** Sets where reading stops to where the tables in use stand. Returns the records in between. */
  async #boundByLive(): Promise<number> {
    const live = await livePositions(this.#client);
    let gap = 0;
    for (const loop of this.#loops) {
      for (const { topic, partition, nextOffset } of loop.positions()) {
        const bound = live.get(`${loop.projection}/${topic}/${partition}`) ?? nextOffset;
        this.#bounds.set(`${loop.projection}/${topic}/${partition}`, bound);
        gap += Math.max(0, bound - nextOffset);
      }
    }
    return gap;
  }

  async #project(): Promise<void> {
    await Promise.all(this.#loops.map((loop) => loop.runUntilCaughtUp(this.#signal)));
    this.#signal.throwIfAborted();
  }

  #records(): number {
    return this.#loops.reduce((sum, { counts }) => sum + counts.records, 0);
  }
}

/** One rebuild or swap at a time: the lock goes with the connection, whatever happens to us. */
async function withRebuildLock<Result>(
  config: ClientConfig,
  work: (client: Client) => Promise<Result>,
): Promise<Result> {
  const client = new pg.Client({ ...config, application_name: "amc-rebuild" });
  // A broken connection fails the statement in hand; without a listener it would end the process.
  client.on("error", () => undefined);
  await client.connect();
  try {
    const { rows } = await client.query<{ locked: boolean }>(
      "SELECT pg_try_advisory_lock($1) AS locked",
      [LOCK_ID],
    );
    if (rows[0]?.locked !== true) {
      throw new ProjectorError(
        "projector.rebuild-running",
        "another rebuild works on this database",
      );
    }
    return await work(client);
  } finally {
    await client.end();
  }
}
