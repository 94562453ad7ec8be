import { randomUUID } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createMemoryCache } from "@amc/platform/cache/memory";
import { type BinarySource, findBinaries } from "@amc/platform/postgres/binaries";
import { startEmbeddedServer } from "@amc/platform/postgres/embedded-server";
import { errorCode } from "@amc/platform/postgres/errors";
import { migrateUp } from "@amc/platform/postgres/migrate";
import { READ_MODEL_SCHEMA } from "@amc/platform/postgres/migration-files";
import { createPool } from "@amc/platform/postgres/pool";
import { provisionDatabase } from "@amc/platform/postgres/provision";
import { ROLE_NAMES } from "@amc/platform/postgres/rights";
import { describe, expect, it } from "vitest";
import { createProjector } from "./projector.ts";
import { type TableDigest, tableDigests } from "./table-digest.ts";
import { quietLogger } from "./testing/quiet-logger.ts";
import { recordedLog } from "./testing/recorded-log.ts";

function majorVersion(source: BinarySource): number | null {
  try {
    return findBinaries(source).majorVersion;
  } catch (error) {
    if (errorCode(error) === "postgres.not-found") return null;
    throw error;
  }
}

/** Digests of one log's tables on a server of its own. */
async function digestsOn(binaries: BinarySource): Promise<TableDigest[]> {
  const home = join(tmpdir(), `amc-versions-${randomUUID().slice(0, 8)}`);
  const server = await startEmbeddedServer({ home, binaries, ephemeral: true });
  const as = (role: "migrator" | "projector") => ({
    ...server.superuser,
    database: "amc",
    user: ROLE_NAMES[role],
    password: server.credentials[role],
  });
  try {
    await provisionDatabase(server.superuser, "amc", server.credentials);
    await migrateUp(as("migrator"));
    const pool = createPool({ connection: as("projector"), applicationName: "versions", max: 8 });
    const projector = createProjector({
      log: await recordedLog(41),
      pool,
      cache: createMemoryCache(() => 0),
      logger: quietLogger,
    });
    await projector.runUntilCaughtUp();
    const client = await pool.connect();
    const digests = await tableDigests(client, READ_MODEL_SCHEMA);
    client.release();
    await pool.end();
    return digests;
  } finally {
    await server.stop();
  }
}

describe("digests of tables", () => {
  const embedded = majorVersion("embedded");
  const system = majorVersion("system");

  it.skipIf(embedded === null || system === null)(
    `are equal on PostgreSQL ${embedded ?? "(npm package absent)"} and ${system ?? "(none installed on this machine)"}`,
    async () => {
      expect(await digestsOn("system")).toEqual(await digestsOn("embedded"));
    },
  );
});
