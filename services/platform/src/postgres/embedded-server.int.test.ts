import { spawn, spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import {
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type EmbeddedServer, startEmbeddedServer } from "./embedded-server.ts";
import { createPool } from "./pool.ts";
import { hasEnded } from "./postmaster.ts";
import { isAlive, readStartToken } from "./process-identity.ts";
import { canEnter, runAs } from "./server-account.ts";

const binaries = process.env.AMC_POSTGRES === "system" ? "system" : "embedded";
const isRoot = process.getuid?.() === 0;

let root: string;
const servers: EmbeddedServer[] = [];

beforeEach(() => {
  root = join(tmpdir(), `amc-server-${randomUUID().slice(0, 8)}`);
  mkdirSync(root, { mode: 0o755 });
});

afterEach(async () => {
  for (const server of servers.splice(0)) {
    await server.stop();
    rmSync(server.placement.home, { recursive: true, force: true });
  }
  rmSync(root, { recursive: true, force: true });
});

async function start(home = join(root, "postgres")): Promise<EmbeddedServer> {
  const server = await startEmbeddedServer({ home, binaries });
  servers.push(server);
  return server;
}

async function query<Row extends pg.QueryResultRow>(
  server: EmbeddedServer,
  text: string,
): Promise<Row[]> {
  const client = new pg.Client(server.superuser);
  await client.connect();
  try {
    return (await client.query<Row>(text)).rows;
  } finally {
    await client.end();
  }
}

describe("a server of ours", () => {
  let server: EmbeddedServer;

  beforeAll(async () => {
    const home = join(tmpdir(), `amc-server-${randomUUID().slice(0, 8)}`);
    server = await startEmbeddedServer({ home, binaries, ephemeral: true });
  });

  afterAll(() => server.stop());

  it("keeps what it acknowledged through a power loss and sorts the same everywhere", async () => {
    const settings = await query<{ name: string; setting: string }>(
      server,
      `SELECT name, setting FROM pg_settings WHERE name IN
         ('fsync', 'full_page_writes', 'synchronous_commit', 'data_checksums', 'server_encoding',
          'listen_addresses', 'password_encryption', 'TimeZone')`,
    );
    expect(Object.fromEntries(settings.map(({ name, setting }) => [name, setting]))).toEqual({
      fsync: "on",
      full_page_writes: "on",
      synchronous_commit: "on",
      data_checksums: "on",
      server_encoding: "UTF8",
      listen_addresses: "",
      password_encryption: "scram-sha-256",
      TimeZone: "UTC",
    });
    const [database] = await query(server, "SELECT datcollate, datctype FROM pg_database LIMIT 1");
    expect(database).toEqual({ datcollate: "C", datctype: "C" });
  });

  it("opens only with its password, which no other user can read", async () => {
    const guess = new pg.Client({ ...server.superuser, password: "guess" });
    await expect(guess.connect()).rejects.toMatchObject({ code: "28P01" });
    const { home, socketDirectory } = server.placement;
    expect(statSync(join(home, "credentials.json")).mode & 0o777).toBe(0o600);
    expect(statSync(socketDirectory).mode & 0o777).toBe(0o700);
    expect(readFileSync(join(home, "server.log"), "utf8")).not.toContain(
      server.credentials.superuser,
    );
  });

  it.skipIf(!isRoot)("does not run as root when we do (needs root)", async () => {
    const owner = statSync(`/proc/${server.processIds().postmaster}`).uid;
    expect(owner).not.toBe(0);
    expect(owner).toBe(server.placement.account?.uid);
  });
});

describe("the place of a server", () => {
  it("has its data again after a stop and a second start", async () => {
    const first = await start();
    await query(first, "CREATE TABLE kept AS SELECT 42 AS answer");
    await first.stop();
    const second = await start();
    expect(await query(second, "SELECT answer FROM kept")).toEqual([{ answer: 42 }]);
  });

  it.skipIf(!isRoot)(
    "moves where its user can reach it below a 0700 directory (needs root)",
    async () => {
      const closed = join(root, "closed");
      mkdirSync(closed, { mode: 0o700 });
      const server = await start(join(closed, "postgres"));
      expect(server.placement.home.startsWith(closed)).toBe(false);
      expect(await query(server, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
      await query(server, "CREATE TABLE kept AS SELECT 7 AS answer");
      await server.stop();
      const again = await start(join(closed, "postgres"));
      expect(await query(again, "SELECT answer FROM kept")).toEqual([{ answer: 7 }]);
    },
  );

  it("has a socket below every path limit however long the data directory is", async () => {
    const long = join(root, "d".repeat(120), "postgres");
    const server = await start(long);
    expect(server.placement.home).toBe(long);
    const socket = join(server.placement.socketDirectory, ".s.PGSQL.5432");
    expect(existsSync(socket)).toBe(true);
    expect(Buffer.byteLength(socket)).toBeLessThanOrEqual(103);
  });
});

describe("a normal user", () => {
  const nobody = { uid: 65_534, gid: 65_534 };
  const fixture = fileURLToPath(new URL("./server-process.fixture.ts", import.meta.url));
  const reachable =
    isRoot && [process.execPath, fixture].every((p) => canEnter(nobody, dirname(p)));

  it.skipIf(!reachable)(
    "starts a server that runs as that user (needs root and a checkout that others can read)",
    async () => {
      const home = join(root, "own", "postgres");
      mkdirSync(dirname(home));
      chownSync(dirname(home), nobody.uid, nobody.gid);
      const child = spawn(process.execPath, [fixture, home, binaries], {
        ...runAs(nobody),
        stdio: ["pipe", "pipe", "inherit"],
      });
      const exited = new Promise((resolve) => child.once("exit", resolve));
      const started = await new Promise<string>((resolve) =>
        child.stdout.once("data", (line) => resolve(String(line))),
      );
      const { postmaster } = JSON.parse(started);
      expect(statSync(`/proc/${postmaster}`).uid).toBe(nobody.uid);
      expect(statSync(join(home, "credentials.json"))).toMatchObject({ uid: nobody.uid });
      child.stdin.end();
      expect(await exited).toBe(0);
      expect(readStartToken(postmaster)).toBeNull();
    },
  );
});

describe("a start", () => {
  it("is refused while another owner lives, and says who", async () => {
    const server = await start();
    await expect(start()).rejects.toMatchObject({
      code: "postgres.in-use",
      facts: { pid: process.pid },
    });
    expect(await query(server, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
  });

  it("is refused in a directory that others can write to", async () => {
    const open = join(root, "postgres");
    mkdirSync(open);
    spawnSync("chmod", ["0777", open]);
    await expect(start()).rejects.toMatchObject({ code: "postgres.unsafe-directory" });
  });

  it("makes the data directory anew when an earlier initdb was cut off", async () => {
    const server = await start();
    const { home, dataDirectory } = server.placement;
    await server.stop();
    rmSync(dataDirectory, { recursive: true });
    const cutOff = `${dataDirectory}.1.unfinished`;
    mkdirSync(cutOff);
    writeFileSync(join(cutOff, "PG_VERSION"), "18\n");
    const again = await start(home);
    expect(existsSync(cutOff)).toBe(false);
    expect(await query(again, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
  });

  it("says what the server said when it cannot start", async () => {
    const server = await start();
    const { home, dataDirectory } = server.placement;
    await server.stop();
    writeFileSync(join(dataDirectory, "postgresql.conf"), "shared_buffers = nonsense\n");
    await expect(start(home)).rejects.toThrowError(/shared_buffers/);
  });

  it("leaves a stranger alone that has the number of a dead server", async () => {
    const server = await start();
    const { home, dataDirectory, account } = server.placement;
    const pidFile = join(dataDirectory, "postmaster.pid");
    const left = readFileSync(pidFile, "utf8").split("\n");
    await server.stop();
    const stranger = spawn("sleep", ["600"], { ...runAs(account), stdio: "ignore" });
    const identity = {
      pid: stranger.pid ?? 0,
      startToken: readStartToken(stranger.pid ?? 0) ?? "",
    };
    writeFileSync(pidFile, [String(identity.pid), ...left.slice(1)].join("\n"));
    const again = await start(home);
    expect(await query(again, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
    expect(isAlive(identity)).toBe(true);
    stranger.kill("SIGKILL");
  });
});

describe("a server that crashes", () => {
  it("is started again, and a pool goes on by itself", async () => {
    const server = await start();
    const pool = createPool({
      connection: server.superuser,
      applicationName: "crash-test",
      schema: "public",
      max: 2,
    });
    await pool.query("CREATE TABLE kept AS SELECT 5 AS answer");
    const pid = server.processIds().postmaster ?? 0;
    const crashed = { pid, startToken: readStartToken(pid) ?? "" };
    process.kill(pid, "SIGKILL");
    expect(await hasEnded(crashed, 10_000)).toBe(true);
    await expect
      .poll(() => server.processIds().postmaster, { timeout: 20_000 })
      .not.toBeOneOf([pid, null]);
    const answer = await pool.query("SELECT answer FROM kept");
    expect(answer.rows).toEqual([{ answer: 5 }]);
    await pool.end();
  });
});
