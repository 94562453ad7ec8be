import type { Variables } from "@amc/platform/config/variables";
import { findBinaries } from "@amc/platform/postgres/binaries";
import { chooseServerAccount } from "@amc/platform/postgres/server-account";
import pg from "pg";
import type { DataDirectory } from "../data-directory.ts";
import { type Check, fail, ok, reasonOf } from "./check.ts";

const CONNECT_TIMEOUT_MS = 3_000;

/** The server that is configured answers, or there are binaries and a user to start one. */
export async function databaseChecks(
  variables: Variables,
  directory: DataDirectory,
): Promise<Check[]> {
  const { DATABASE_URL: url, AMC_POSTGRES: forced } = variables;
  if (url !== undefined) return [await serverCheck(url)];
  try {
    const { source, majorVersion, binDirectory } = findBinaries(forced);
    const binaries = ok("PostgreSQL", `${majorVersion}, ${source}, in ${binDirectory}`);
    return [binaries, accountCheck(directory)];
  } catch (error) {
    const mend = "npm ci --ignore-scripts, or set DATABASE_URL";
    return [fail("PostgreSQL", reasonOf(error), mend)];
  }
}

async function serverCheck(connectionString: string): Promise<Check> {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
  // A broken connection fails the statement in hand; without a listener it would end the process.
  client.on("error", () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ server_version: string }>("SHOW server_version");
    return ok("PostgreSQL", `${rows[0]?.server_version ?? "unknown"} at DATABASE_URL`);
  } catch (error) {
    const mend = "start that server, or unset DATABASE_URL to use the built-in one";
    return fail("PostgreSQL", `DATABASE_URL does not answer: ${reasonOf(error)}`, mend);
  } finally {
    await client.end();
  }
}

/** PostgreSQL refuses to run as root, so a root of ours needs another user for it. */
function accountCheck({ postgres }: DataDirectory): Check {
  try {
    const account = chooseServerAccount(postgres);
    const who = account === null ? "this user" : `user ${account.uid}, because this one is root`;
    return ok("PostgreSQL user", who);
  } catch (error) {
    return fail("PostgreSQL user", reasonOf(error), "run as a normal user, or set DATABASE_URL");
  }
}
