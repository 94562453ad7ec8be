import { type ChildProcess, spawn } from "node:child_process";
import { createHash, randomBytes, randomInt } from "node:crypto";
import { once } from "node:events";
import { chmodSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openFileLog } from "@amc/platform/log/file";
import { connectionUrl } from "@amc/platform/postgres/connection-url";
import { recordsOf } from "@amc/replay/log-digests";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dataDirectoryAt } from "./operations/data-directory.ts";
import { runningDatabase } from "./operations/database-access.ts";
import { runCommand } from "./testing/run-command.ts";
import { TestDirectory } from "./testing/simulated-system.ts";

const MAIN = fileURLToPath(new URL("./main.ts", import.meta.url));

const newKey = () => `amc_watcher_${randomBytes(32).toString("base64url")}`;
const KEY = newKey();
/** Of the same id, so that it is compared and refused. */
const WRONG_KEY = newKey();

/** Of a Redis that is not there: what is said about it is said again and again. */
const REDIS_PASSWORD = randomBytes(16).toString("hex");

/** An account for text messages at an address where nobody is, and numbers that nobody has. */
const TWILIO = {
  sid: `AC${randomBytes(16).toString("hex")}`,
  token: randomBytes(16).toString("hex"),
  numbers: [0, 1].map(() => `+1202${randomInt(1_000_000, 10_000_000)}`),
};

/** Of a model that a start never asks. */
const MODEL_KEY = randomBytes(16).toString("hex");

const directory = new TestDirectory();
const data = directory.at("system");
const environment = {
  AMC_API_KEYS: JSON.stringify([
    {
      id: "watcher",
      client: "test",
      sha256: createHash("sha256").update(KEY).digest("hex"),
      scopes: ["read", "monitor"],
      expiresAt: "2100-01-01T00:00:00Z",
    },
  ]),
  TWILIO_ACCOUNT_SID: TWILIO.sid,
  TWILIO_AUTH_TOKEN: TWILIO.token,
  TWILIO_FROM_NUMBER: TWILIO.numbers[0] ?? "",
  TWILIO_RECIPIENTS: TWILIO.numbers[1] ?? "",
  TWILIO_BASE_URL: "http://127.0.0.1:1",
  ANTHROPIC_API_KEY: MODEL_KEY,
  ANTHROPIC_BASE_URL: "http://127.0.0.1:1",
  REDIS_URL: `redis://amc:${REDIS_PASSWORD}@127.0.0.1:1`,
  LOG_LEVEL: "trace",
};

/** Everything that a run left or said, by where it was found. */
const found = new Map<string, Buffer>();
let secrets: readonly string[] = [];

const keep = (where: string, what: string | Uint8Array) => void found.set(where, Buffer.from(what));

/** A text as it is, and in base64 as headers carry it, wherever in the encoded bytes it begins. */
function formsOf(text: string): string[] {
  const encoded = ["", "x", "xx"].map((before) => {
    const whole = Buffer.from(before + text).toString("base64");
    // The characters at both ends also hold bits of what stands beside it.
    return whole.slice(Math.ceil((before.length * 4) / 3), -4);
  });
  return [text, ...encoded];
}

function placesOf(text: string): string[] {
  const forms = formsOf(text);
  return [...found]
    .filter(([, what]) => forms.some((form) => what.includes(form)))
    .map(([where]) => where);
}

/** The system's own server, with all that it says; resolves when the recording is played. */
async function startSystem(): Promise<{ child: ChildProcess; address: string }> {
  const words = ["start", "--data-dir", data, "--port", "0"];
  const child = spawn(process.execPath, [MAIN, ...words], {
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  const address = await new Promise<string>((resolve, reject) => {
    const take = (text: string) => {
      output += text;
      keep("output of start", output);
      const serving = /Serving at (\S+) until/.exec(output)?.[1];
      if (serving !== undefined) resolve(serving);
    };
    child.stdout.setEncoding("utf8").on("data", take);
    child.stderr.setEncoding("utf8").on("data", take);
    child.once("exit", () => reject(new Error(`ended before it served: ${output}`)));
  });
  return { child, address };
}

/** Asks with the right key, the wrong one and none, in every way to present one; also nonsense. */
async function askEverything(address: string): Promise<void> {
  const basic = (key: string) => `Basic ${Buffer.from(`any:${key}`).toString("base64")}`;
  const callers: Readonly<Record<string, Record<string, string>>> = {
    bearer: { authorization: `Bearer ${KEY}` },
    wrong: { authorization: `Bearer ${WRONG_KEY}` },
    header: { "x-api-key": WRONG_KEY },
    basic: { authorization: basic(WRONG_KEY) },
    none: {},
  };
  const paths = [
    "/health",
    "/readyz",
    "/metrics",
    "/recommendations",
    "/recommendations/none",
    "/x",
  ];
  for (const [caller, headers] of Object.entries(callers)) {
    for (const path of [...paths, "/recommendations?limit=-1"]) {
      for (const method of ["GET", "POST"]) {
        const answer = await fetch(`${address}${path}`, { method, headers });
        const told = JSON.stringify([...answer.headers]);
        keep(`${method} ${path} ${caller}`, `${answer.status} ${told} ${await answer.text()}`);
      }
    }
  }
}

async function keepCommands(): Promise<void> {
  for (const words of [["status"], ["status", "--json"], ["doctor"], ["topics"]]) {
    const { stdout, stderr } = await runCommand([...words, "--data-dir", data], environment);
    keep(`amc ${words.join(" ")}`, stdout + stderr);
  }
  const { stdout, stderr } = await runCommand(["config", "print"], environment);
  keep("amc config print", stdout + stderr);
}

/** Every row as text, of our tables and of what the server says of itself to their owner. */
async function keepTables(): Promise<void> {
  const connection = runningDatabase(dataDirectoryAt(data))?.("migrator");
  if (connection === undefined) throw new Error("the system has no server of its own");
  const client = new pg.Client(connection);
  await client.connect();
  const tables = await client.query<{ name: string }>(
    `SELECT schemaname || '.' || tablename AS name FROM pg_tables
     WHERE schemaname IN ('read_model', 'monitoring', 'public')`,
  );
  for (const name of [...tables.rows.map((row) => row.name), "pg_stat_activity", "pg_settings"]) {
    const { rows } = await client.query<{ text: string }>(`SELECT t::text AS text FROM ${name} t`);
    keep(`table ${name}`, rows.map(({ text }) => text).join("\n"));
  }
  await client.end();
}

/** Every record with key and headers, dead letters among them. */
async function keepEvents(): Promise<void> {
  const log = await openFileLog({ readOnly: true, directory: dataDirectoryAt(data).log });
  for (const { topic } of log.topics()) {
    const parts: Uint8Array[] = [];
    for await (const { key, headers, value } of recordsOf(log, topic)) {
      parts.push(Buffer.from(`${key} ${JSON.stringify(headers)} `), value ?? new Uint8Array());
    }
    keep(`topic ${topic}`, Buffer.concat(parts));
  }
  await log.close();
}

/** The raw bytes of every file, the log of the server among them, but for where passwords belong. */
function keepFiles(): void {
  for (const entry of readdirSync(data, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || entry.name === "credentials.json") continue;
    const path = join(entry.parentPath, entry.name);
    keep(`file ${path.slice(data.length)}`, readFileSync(path));
  }
}

describe("a whole run with secrets in it", () => {
  beforeAll(async () => {
    // A server of another user, as under root, can enter here: so its files lie here, too.
    chmodSync(directory.path, 0o755);
    mkdirSync(data, { mode: 0o755 });
    const { child, address } = await startSystem();
    const exited = once(child, "exit");
    try {
      await askEverything(address);
      await keepCommands();
      await keepTables();
    } finally {
      child.kill("SIGTERM");
      await exited;
    }
    await keepEvents();
    keepFiles();
    const credentials: Record<string, string> = JSON.parse(
      readFileSync(join(data, "postgres", "credentials.json"), "utf8"),
    );
    const secretPart = (key: string) => key.slice("amc_watcher_".length);
    secrets = [
      ...Object.values(credentials),
      secretPart(KEY),
      secretPart(WRONG_KEY),
      REDIS_PASSWORD,
      MODEL_KEY,
      ...[TWILIO.sid, TWILIO.token, ...TWILIO.numbers.map((number) => number.slice(1))],
    ];
  }, 180_000);
  afterAll(() => directory.dispose());

  it("says and leaves none of them: output, answers, events, tables and files", () => {
    expect(secrets).toHaveLength(13);
    for (const secret of secrets) expect(placesOf(secret)).toEqual([]);
  });

  it("control: is searched where it speaks, for what is no secret stands in all of these places", () => {
    const places = placesOf("GME");
    for (const kind of ["output of", "GET /recommendations bearer", "table", "topic", "file"]) {
      expect(
        places.filter((place) => place.startsWith(kind)),
        kind,
      ).not.toEqual([]);
    }
    const last = TWILIO.numbers[1]?.slice(-4) ?? "";
    const told = placesOf(`+1202•••${last}`);
    expect(told).toContain("table read_model.alert_deliveries");
    expect(told).toContain("topic alerts.delivery.v1");
    expect(told).toContain("output of start");
    expect(found.get("GET /health bearer")?.toString()).toMatch(/^200 /);
    for (const caller of ["wrong", "header", "basic", "none"]) {
      expect(found.get(`GET /health ${caller}`)?.toString(), caller).toMatch(/^401 /);
    }
    expect(placesOf("listening on Unix socket").some((place) => place.startsWith("file"))).toBe(
      true,
    );
  });
});

describe("an address of a database with a password in it", () => {
  const password = randomBytes(16).toString("hex");
  const own = new TestDirectory();
  afterAll(() => own.dispose());

  it.each([
    [
      "does not answer",
      connectionUrl({ host: "127.0.0.1", port: 1, user: "u", password, database: "d" }),
    ],
    ["is no address", `postgres://u:${password}@127.0.0.1:port/d`],
    ["is of another kind", `mysql://u:${password}@127.0.0.1/d`],
    ["names a file that is not there", `postgres://u:${password}@127.0.0.1/d?sslrootcert=/none`],
  ])("is not repeated when it %s, by whatever command", async (_what, url) => {
    for (const words of [["start", "--port", "0"], ["rebuild"], ["doctor"], ["config", "print"]]) {
      const where = words[0] === "config" ? [] : ["--data-dir", own.path];
      const { stdout, stderr } = await runCommand([...words, ...where], {
        DATABASE_URL: url,
        LOG_LEVEL: "trace",
      });
      expect(stdout + stderr).not.toBe("");
      expect(stdout + stderr).not.toContain(password);
    }
  });
});
