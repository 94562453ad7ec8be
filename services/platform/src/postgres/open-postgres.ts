import type { ClientConfig } from "pg";
import type { BinarySource } from "./binaries.ts";
import type { LoginRole } from "./credentials.ts";
import { startEmbeddedServer } from "./embedded-server.ts";
import type { PostgresError } from "./errors.ts";
import { type MigrateOptions, migrateUp } from "./migrate.ts";
import { MONITORING_SCHEMA, READ_MODEL_SCHEMA } from "./migration-files.ts";
import { provisionDatabase } from "./provision.ts";
import { ROLE_NAMES } from "./rights.ts";

export interface OpenPostgresOptions {
  /** A server that is not ours. Then nothing is started and `home` is not touched. */
  readonly databaseUrl?: string;
  /** Logins of that server for single roles; the others use `databaseUrl`. */
  readonly roleUrls?: Partial<Readonly<Record<LoginRole, string>>>;
  /** Directory of our own server. */
  readonly home: string;
  readonly binaries?: BinarySource;
  /** Told once when our own server is gone for good. */
  readonly onFailure?: (error: PostgresError) => void;
  readonly onMigration?: MigrateOptions["onMigration"];
}

/** A migrated database, wherever its server is. */
export interface OpenedPostgres {
  /** `external` for DATABASE_URL, else where the binaries are from. */
  readonly source: BinarySource | "external";
  connection(role: LoginRole): ClientConfig;
  /** Stops a server of ours; does nothing to one that is not. */
  stop(): Promise<void>;
}

const DATABASE = "amc";

/**
 * Opens the database of the read models and brings its tables up to date: the server named by
 * DATABASE_URL when there is one, otherwise a server of ours.
 *
 * @throws PostgresError those of `startEmbeddedServer` and `migrateUp`
 */
export async function openPostgres(options: OpenPostgresOptions): Promise<OpenedPostgres> {
  const migrateOptions =
    options.onMigration === undefined ? {} : { onMigration: options.onMigration };
  const opened =
    options.databaseUrl === undefined
      ? await openEmbedded(options)
      : openExternal(options.databaseUrl, options.roleUrls ?? {});
  try {
    await migrateUp(opened.connection("migrator"), migrateOptions);
    return opened;
  } catch (error) {
    await opened.stop();
    throw error;
  }
}

function openExternal(
  databaseUrl: string,
  roleUrls: Partial<Readonly<Record<LoginRole, string>>>,
): OpenedPostgres {
  return {
    source: "external",
    connection: (role) => ({
      connectionString: roleUrls[role] ?? databaseUrl,
      // Its login may be one whose settings we cannot change.
      options: `-c search_path=${role === "monitoring" ? MONITORING_SCHEMA : READ_MODEL_SCHEMA}`,
    }),
    stop: async () => undefined,
  };
}

async function openEmbedded(options: OpenPostgresOptions): Promise<OpenedPostgres> {
  const server = await startEmbeddedServer({
    home: options.home,
    ...(options.binaries === undefined ? {} : { binaries: options.binaries }),
    ...(options.onFailure === undefined ? {} : { onFailure: options.onFailure }),
  });
  try {
    await provisionDatabase(server.superuser, DATABASE, server.credentials);
  } catch (error) {
    await server.stop();
    throw error;
  }
  return {
    source: server.source,
    connection: (role) => ({
      ...server.superuser,
      user: ROLE_NAMES[role],
      password: server.credentials[role],
      database: DATABASE,
    }),
    stop: () => server.stop(),
  };
}
