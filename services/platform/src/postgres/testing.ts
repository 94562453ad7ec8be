import { randomUUID } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg, { type ClientConfig, type Pool } from "pg";
import { connectionUrl } from "./connection-url.ts";
import type { LoginRole } from "./credentials.ts";
import { type EmbeddedServer, startEmbeddedServer } from "./embedded-server.ts";
import { migrateUp } from "./migrate.ts";
import { MONITORING_SCHEMA, READ_MODEL_SCHEMA } from "./migration-files.ts";
import { createPool } from "./pool.ts";
import { provisionDatabase } from "./provision.ts";
import { ROLE_NAMES } from "./rights.ts";

export type TestRole = LoginRole | "superuser";

/** A database of its own for one test, with all migrations applied. */
export interface TestDatabase {
  readonly name: string;
  connection(role: TestRole): ClientConfig;
  /** The same as one string, for a child process. */
  url(role: TestRole): string;
  /** A pool that `drop` ends. */
  pool(role: TestRole): Pool;
  /** Ends the pools given out and drops the database, whoever else is connected. */
  drop(): Promise<void>;
}

const TEMPLATE = "amc_template";

let shared: Promise<EmbeddedServer> | undefined;
let databases = 0;

/**
 * A fresh database on a real server that all tests of this process share. The server needs no
 * stopping: it ends, and its files go, when the test process ends.
 *
 * `AMC_POSTGRES=system` runs the same tests on the machine's own PostgreSQL.
 */
export async function startTestPostgres(): Promise<TestDatabase> {
  shared ??= startSharedServer();
  const server = await shared;
  databases += 1;
  const name = `test_${databases}`;
  await asSuperuser(server, async (client) => {
    await client.query(`CREATE DATABASE ${name} TEMPLATE ${TEMPLATE} OWNER ${ROLE_NAMES.migrator}`);
    // What was granted on the template as a database is not copied with it.
    await client.query(`REVOKE ALL ON DATABASE ${name} FROM PUBLIC`);
    const roles = Object.values(ROLE_NAMES).join(", ");
    await client.query(`GRANT CONNECT ON DATABASE ${name} TO ${roles}`);
    await client.query(`ALTER DATABASE ${name} SET search_path TO read_model, public`);
  });
  return describeDatabase(server, name);
}

async function startSharedServer(): Promise<EmbeddedServer> {
  const demanded = process.env.AMC_POSTGRES;
  const server = await startEmbeddedServer({
    home: join(tmpdir(), `amc-test-${randomUUID().slice(0, 8)}`),
    ephemeral: true,
    ...(demanded === "embedded" || demanded === "system" ? { binaries: demanded } : {}),
  });
  await provisionDatabase(server.superuser, TEMPLATE, server.credentials);
  await migrateUp(connectionFor(server, TEMPLATE, "migrator"));
  return server;
}

function describeDatabase(server: EmbeddedServer, name: string): TestDatabase {
  const pools: Pool[] = [];
  const connection = (role: TestRole) => connectionFor(server, name, role);
  return {
    name,
    connection,
    url: (role) => connectionUrl(connection(role)),
    pool: (role) => {
      const pool = createPool({
        connection: connection(role),
        applicationName: `test-${role}`,
        schema: role === "monitoring" ? MONITORING_SCHEMA : READ_MODEL_SCHEMA,
        max: 8,
      });
      pools.push(pool);
      return pool;
    },
    drop: async () => {
      await Promise.all(pools.map((pool) => pool.end()));
      await asSuperuser(server, async (client) => {
        await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
      });
    },
  };
}

function connectionFor(server: EmbeddedServer, database: string, role: TestRole): ClientConfig {
  if (role === "superuser") return { ...server.superuser, database };
  return {
    ...server.superuser,
    user: ROLE_NAMES[role],
    password: server.credentials[role],
    database,
  };
}

async function asSuperuser(
  server: EmbeddedServer,
  work: (client: pg.Client) => Promise<void>,
): Promise<void> {
  const client = new pg.Client(server.superuser);
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
