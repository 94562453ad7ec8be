import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findBinaries } from "@amc/platform/postgres/binaries";
import { connectionUrl } from "@amc/platform/postgres/connection-url";
import { type Credentials, loadOrCreateCredentials } from "@amc/platform/postgres/credentials";
import { serverSettings } from "@amc/platform/postgres/embedded-server";
import { ensureDataDirectory, SUPERUSER } from "@amc/platform/postgres/initdb";
import { makeSocketDirectory, type Placement, placeServer } from "@amc/platform/postgres/placement";
import { provisionDatabase } from "@amc/platform/postgres/provision";
import { ROLE_NAMES } from "@amc/platform/postgres/rights";
import type { ClientConfig } from "pg";
import { z } from "zod";
import type { StackContext } from "../context.ts";
import { readJson, type StackHome, writeWhole } from "../home.ts";
import type { PartReport } from "../parts.ts";
import { choosePort, LOOPBACK, readPorts } from "../ports.ts";
import { type ProcessRecord, runningProcess } from "../processes/records.ts";
import { becomesReady, startProcess } from "../processes/start.ts";
import { portWish } from "../settings.ts";
import { databaseAnswers } from "./probe.ts";
import { MAX_CONNECTIONS } from "./server-connections.ts";

const NAME = "postgres";
const DATABASE = "amc";
/** Where clients look that nobody tells. */
const POSTGRES_PORT = 5432;
const READY_MS = 60_000;
/** Fast: clients are disconnected and a checkpoint is written. */
const STOP = { signal: "SIGINT", waitMs: 15_000 } as const;
/** Immediate: every process of the server ends at once. */
const DISCARD = { signal: "SIGQUIT", waitMs: 5_000 } as const;

/** Passwords for everybody, because every user of the machine can reach a port. */
const HOST_BASED_AUTHENTICATION = [
  "local all all scram-sha-256",
  `host all all ${LOOPBACK}/32 scram-sha-256`,
  "",
].join("\n");

const PLACES = z.object({
  /** May lie elsewhere than asked: as root the server runs as a user who cannot enter every folder. */
  home: z.string(),
  socketDirectory: z.string(),
  majorVersion: z.number(),
});

export async function startPostgres(context: StackContext): Promise<PartReport> {
  const { home, settings } = context;
  const binaries = findBinaries(settings.postgresBinaries);
  const placement = placeServer(join(home.data, NAME), binaries);
  writePlaces(home, placement, binaries.majorVersion);
  const credentials = loadOrCreateCredentials(placement.home);
  const running = runningProcess(home, NAME);
  const record = running ?? (await startServer(context, placement, credentials));
  const port = readPorts(home)[NAME] ?? POSTGRES_PORT;
  const superuser = connectionOf(port, SUPERUSER, credentials.superuser, "postgres");
  await becomesReady(home, record, READY_MS, () => databaseAnswers(connectionUrl(superuser)));
  await provisionDatabase(superuser, DATABASE, credentials);
  return report(context, running === null ? "started" : "running");
}

async function startServer(
  { home, settings }: StackContext,
  placement: Placement,
  credentials: Credentials,
): Promise<ProcessRecord> {
  makeSocketDirectory(placement);
  await ensureDataDirectory(placement, credentials.superuser);
  const port = await choosePort(home, NAME, portWish(settings, NAME));
  return startProcess(home, {
    name: NAME,
    command: join(placement.binDirectory, "postgres"),
    args: ["-D", placement.dataDirectory, ...switches(placement, port)],
    account: placement.account,
    stop: STOP,
    discard: DISCARD,
  });
}

/** Unlike the server of `npm start` this one serves several processes, the containers' tools too. */
function switches(placement: Placement, port: number): string[] {
  const hbaFile = join(placement.home, "stack_hba.conf");
  writeFileSync(hbaFile, HOST_BASED_AUTHENTICATION);
  chmodSync(hbaFile, 0o644);
  const settings = {
    ...serverSettings(placement),
    listen_addresses: LOOPBACK,
    port,
    hba_file: hbaFile,
    max_connections: MAX_CONNECTIONS,
  };
  return Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
}

export async function postgresStatus(context: StackContext): Promise<PartReport> {
  if (runningProcess(context.home, NAME) === null) {
    return { part: "postgres", state: "stopped", address: null, detail: "does not run", pids: [] };
  }
  const running = report(context, "running");
  if (running.address !== null && (await answers(running.address))) return running;
  return { ...running, state: "failed", detail: "does not answer", code: "stack.not-ready" };
}

export async function answers(url: string): Promise<boolean> {
  try {
    return await databaseAnswers(url);
  } catch {
    // Away, or it does not let us in: both mean no.
    return false;
  }
}

/** What lies outside the home although it belongs to it, to be removed with it. */
export function postgresPlaces(home: StackHome): string[] {
  const places = readJson(placesPath(home), PLACES);
  return places === null ? [] : [places.home, places.socketDirectory];
}

function writePlaces(home: StackHome, placement: Placement, majorVersion: number): void {
  const { home: own, socketDirectory } = placement;
  writeWhole(placesPath(home), JSON.stringify({ home: own, socketDirectory, majorVersion }));
}

const placesPath = (home: StackHome) => join(home.data, "postgres-places.json");

function connectionOf(
  port: number,
  user: string,
  password: string,
  database: string,
): ClientConfig {
  return { host: LOOPBACK, port, user, password, database };
}

/** As the owner of the tables: with one URL for everything, one role does all. */
function addressOf(port: number, credentials: Credentials): string {
  return connectionUrl(connectionOf(port, ROLE_NAMES.migrator, credentials.migrator, DATABASE));
}

function report({ home }: StackContext, state: PartReport["state"]): PartReport {
  const port = readPorts(home)[NAME];
  const places = readJson(placesPath(home), PLACES);
  const record = runningProcess(home, NAME);
  const address =
    port === undefined || places === null
      ? null
      : addressOf(port, loadOrCreateCredentials(places.home));
  return {
    part: "postgres",
    state,
    address,
    detail: `PostgreSQL ${places?.majorVersion ?? ""}, database ${DATABASE}`,
    pids: record === null ? [] : [record.pid],
  };
}
