import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../main.ts", import.meta.url));
const LOOK_EVERY_MS = 50;

type JsonLine = Readonly<Record<string, unknown>>;

/** Why a process that has not said what it was asked for has not: the end of its log. */
class SilentProcess extends Error {
  readonly code = "test.silent-process";
}

/** `amc run …` in a process of its own, or another program that talks alike, with all that it has said. */
export class ServiceProcess {
  readonly child: ChildProcess;
  readonly #lines: JsonLine[] = [];
  readonly #ended: Promise<unknown>;
  #log = "";

  constructor(
    words: readonly string[],
    environment: Readonly<Record<string, string>>,
    program: readonly string[] = [MAIN, "run"],
  ) {
    const given = { ...process.env, ...environment };
    this.child = spawn(process.execPath, [...program, ...words, "--json"], {
      env: given,
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#ended = once(this.child, "close");
    const { stdout, stderr } = this.child;
    if (stdout !== null) {
      createInterface({ input: stdout }).on("line", (line) => this.#lines.push(JSON.parse(line)));
    }
    stderr?.on("data", (chunk: Buffer) => {
      this.#log += chunk.toString("utf8");
    });
  }

  /** Structured logs and whatever else went to stderr. */
  get log(): string {
    return this.#log;
  }

  lines(type: string): readonly JsonLine[] {
    return this.#lines.filter((line) => line.type === type);
  }

  /** Lines of a type as soon as there are so many. Throws when the process ends before. */
  async said(type: string, count = 1): Promise<readonly JsonLine[]> {
    await until(
      () => {
        if (this.lines(type).length >= count) return true;
        if (this.child.exitCode === null && this.child.signalCode === null) return false;
        throw new SilentProcess(`it ended without saying ${type}: ${this.#log.slice(-2_000)}`);
      },
      () => this.#log.slice(-2_000),
    );
    return this.lines(type);
  }

  /** Exit code; null when it was killed. */
  async exit(): Promise<number | null> {
    await this.#ended;
    return this.child.exitCode;
  }

  async stop(): Promise<number | null> {
    this.child.kill("SIGTERM");
    return await this.exit();
  }

  /** Ends it as nobody can prepare for. */
  async kill(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.kill("SIGCONT");
    this.child.kill("SIGKILL");
    await this.#ended;
  }
}

/** Resolves when a condition holds; the test's own time limit ends what never does. */
export async function until(
  holds: () => boolean | Promise<boolean>,
  standing: () => unknown = () => "",
  limitMs = 120_000,
): Promise<void> {
  const startedMs = performance.now();
  while (!(await holds())) {
    if (performance.now() - startedMs > limitMs) {
      throw new SilentProcess(`nothing after ${limitMs} ms: ${String(standing())}`);
    }
    await wait(LOOK_EVERY_MS);
  }
}

/** Whether a process of this number is there, zombies left out as far as /proc tells. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

export function numberIn(line: JsonLine | undefined, name: string): number {
  const value = line?.[name];
  if (typeof value !== "number") throw new TypeError(`${name} is no number`);
  return value;
}

export function textIn(line: JsonLine | undefined, name: string): string {
  const value = line?.[name];
  if (typeof value !== "string") throw new TypeError(`${name} is no text`);
  return value;
}
