import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { PostgresError } from "./errors.ts";
import { type GuardianTask, isGuardianReport, STOP_REQUEST } from "./guardian-protocol.ts";
import { PROGRAM_ENVIRONMENT } from "./server-account.ts";

export interface GuardianHandleOptions {
  readonly task: GuardianTask;
  /** Takes what the guardian and the server print. */
  readonly logPath: string;
  readonly onFailure: (error: PostgresError) => void;
}

// Crash recovery replays the WAL since the last checkpoint; minutes are possible, hours are not.
const START_MS = 120_000;
// Longer than the three steps of a shutdown in postmaster.ts together.
const STOP_MS = 30_000;
// A guardian that keeps dying is being killed by something that we cannot mend.
const MOST_REPLACEMENTS_PER_MINUTE = 5;
const LOG_TAIL_CHARACTERS = 2_000;

/** Our side of the guardian: starts it, starts another when it is killed, and stops it. */
export class GuardianHandle {
  readonly #options: GuardianHandleOptions;
  readonly #replacedAt: number[] = [];
  /** Null when the server has accepted connections, or why it never will. */
  readonly #firstAnswer = Promise.withResolvers<PostgresError | null>();
  #guardian: ChildProcess | null = null;
  #postmasterPid: number | null = null;
  #stopping: Promise<void> | null = null;

  constructor(options: GuardianHandleOptions) {
    this.#options = options;
    this.#launch();
  }

  /**
   * Resolves when the server has accepted connections for the first time.
   * @throws PostgresError `postgres.start-failed`, with the end of the server's log; the reason of `signal`
   */
  async ready(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    const timer = setTimeout(() => this.#fail("PostgreSQL is not ready in time"), START_MS);
    const aborted = Promise.withResolvers<null>();
    const abort = (): void => aborted.resolve(null);
    signal?.addEventListener("abort", abort, { once: true });
    const failure = await Promise.race([this.#firstAnswer.promise, aborted.promise]);
    signal?.removeEventListener("abort", abort);
    clearTimeout(timer);
    signal?.throwIfAborted();
    if (failure !== null) throw failure;
  }

  processIds(): { guardian: number | null; postmaster: number | null } {
    return { guardian: this.#guardian?.pid ?? null, postmaster: this.#postmasterPid };
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stopOnce();
    return this.#stopping;
  }

  async #stopOnce(): Promise<void> {
    const guardian = this.#guardian;
    if (guardian === null) return;
    const ended = Promise.withResolvers<void>();
    guardian.once("exit", () => ended.resolve());
    const timer = setTimeout(
      () => ended.reject(new PostgresError("postgres.stop-failed", "PostgreSQL does not stop")),
      STOP_MS,
    );
    try {
      // A guardian that cannot be reached any more sees the closed channel, which says the same.
      if (guardian.connected) guardian.send(STOP_REQUEST, () => undefined);
      await ended.promise;
    } finally {
      clearTimeout(timer);
    }
  }

  #launch(): void {
    const { task, logPath } = this.#options;
    if (!process.features.typescript) {
      throw new PostgresError(
        "postgres.start-failed",
        `Node ${process.version} does not run TypeScript; start through npm, which brings one that does`,
      );
    }
    const log = openSync(logPath, "a", 0o600);
    const program = fileURLToPath(new URL("./guardian.ts", import.meta.url));
    const guardian = spawn(process.execPath, [program, JSON.stringify(task)], {
      cwd: "/",
      detached: true,
      stdio: ["ignore", log, log, "ipc"],
      env: PROGRAM_ENVIRONMENT,
    });
    closeSync(log);
    this.#guardian = guardian;
    guardian.on("message", (message) => this.#hear(message));
    guardian.on("error", (error) => this.#fail(`the guardian cannot be started: ${error.message}`));
    guardian.on("exit", () => this.#replace(guardian));
    // Neither may keep this process alive: that would be the wrong way round.
    guardian.unref();
    guardian.channel?.unref();
  }

  #hear(message: unknown): void {
    if (!isGuardianReport(message)) return;
    if (message.kind === "failed") this.#fail(message.message);
    this.#postmasterPid = message.kind === "ready" ? message.pid : null;
    if (message.kind === "ready") this.#firstAnswer.resolve(null);
  }

  /** The next guardian finds the server running and takes it over. */
  #replace(ended: ChildProcess): void {
    if (this.#guardian !== ended) return;
    this.#guardian = null;
    if (this.#stopping !== null || ended.exitCode === 1) return;
    const now = performance.now();
    const recent = this.#replacedAt.filter((at) => now - at < 60_000);
    if (recent.length >= MOST_REPLACEMENTS_PER_MINUTE) {
      this.#fail("the guardian of PostgreSQL keeps dying");
      return;
    }
    this.#replacedAt.push(now);
    this.#launch();
  }

  #fail(message: string): void {
    const { logPath, onFailure } = this.#options;
    const tail = readFileSync(logPath, "utf8").slice(-LOG_TAIL_CHARACTERS).trim();
    const error = new PostgresError("postgres.start-failed", `${message}\n${tail}`, {
      path: logPath,
    });
    this.#firstAnswer.resolve(error);
    onFailure(error);
  }
}
