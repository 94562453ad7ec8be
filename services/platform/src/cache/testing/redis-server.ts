import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { freePort } from "./free-port.ts";

/** Why there is no Redis to test with; null when there is one. */
export const REDIS_MISSING: string | null =
  spawnSync("redis-server", ["--version"]).status === 0 ? null : "redis-server is not installed";

/** For the name of a suite that needs it: a skipped test says why. */
export const REDIS_SKIP_NOTE = REDIS_MISSING === null ? "" : ` (skipped: ${REDIS_MISSING})`;

/** A redis-server of its own on a free port of loopback, which a test may kill, empty or demote. */
export class TestRedis {
  readonly port: number;
  readonly #directory: string;
  readonly #settings: readonly string[];
  #process: ChildProcess | null = null;
  #admin: Redis | null = null;

  private constructor(port: number, settings: readonly string[]) {
    this.port = port;
    this.#settings = settings;
    this.#directory = mkdtempSync(join(tmpdir(), "amc-redis-"));
  }

  /** `settings` as on the command line of the server; a first word without `--` is a file. */
  static async start(settings: readonly string[] = []): Promise<TestRedis> {
    const redis = await TestRedis.reserve(settings);
    await redis.start();
    return redis;
  }

  /** A place where nothing listens until `start`. */
  static async reserve(settings: readonly string[] = []): Promise<TestRedis> {
    return new TestRedis(await freePort(), settings);
  }

  get address() {
    return { host: "127.0.0.1", port: this.port, tls: false };
  }

  async start(): Promise<void> {
    const own = ["--port", `${this.port}`, "--bind", "127.0.0.1", "--dir", this.#directory];
    const started = spawn("redis-server", [...this.#settings, ...own], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#process = started;
    await new Promise<void>((resolve, reject) => {
      let said = "";
      started.stdout.on("data", (text: Buffer) => {
        said += text.toString();
        if (said.includes("Ready to accept connections")) resolve();
      });
      started.once("exit", (code) => reject(new Error(`redis-server ended with ${code}: ${said}`)));
    });
  }

  get isKilled(): boolean {
    return this.#process === null;
  }

  /** A connection past everything under test, for looking and for doing harm. */
  get admin(): Redis {
    this.#admin ??= new Redis({ port: this.port, host: "127.0.0.1", protocol: 2 });
    return this.#admin;
  }

  /** SIGKILL; what it held is gone unless it was saved. */
  async kill(): Promise<void> {
    this.#admin?.disconnect();
    this.#admin = null;
    const ended = this.#process;
    this.#process = null;
    if (ended === null) return;
    ended.kill("SIGKILL");
    if (ended.exitCode === null && ended.signalCode === null) await once(ended, "exit");
  }

  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
