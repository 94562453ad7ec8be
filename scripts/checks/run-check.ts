import { spawn } from "node:child_process";
import { performance } from "node:perf_hooks";

export interface Check {
  /** The npm script `check:<name>` is what runs. */
  readonly name: string;
  /** What holds when it passes. */
  readonly holds: string;
  /** Whether the answer depends on nothing but the files that turbo.json names. */
  readonly cacheable: boolean;
}

export interface CheckResult {
  readonly check: Check;
  readonly verdict: "ok" | "failed" | "skipped";
  readonly cached: boolean;
  readonly elapsedMs: number;
  /** What the tool said, without what npm and turbo say around it. */
  readonly output: string;
}

/** A check that could not be made exits with this (EX_TEMPFAIL of sysexits.h) and prints why. */
export const EXIT_SKIPPED = 75;

/** Lines of turbo's and npm's own; the tool's output is what a reader needs. */
const WRAPPER_LINE =
  /^(\s*• |cache (miss|hit)|npm (warn|error|notice) |\s*(Tasks|Cached|Time|Failed):|> |.*ERROR {2})/;

const CACHED = /Cached:\s+1 cached/;

function toolOutput(text: string): string {
  const lines = text.split("\n").filter((line) => !WRAPPER_LINE.test(line));
  return lines
    .join("\n")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
}

function commandOf({ name, cacheable }: Check): [string, readonly string[]] {
  const script = `check:${name}`;
  if (!cacheable) return ["npm", ["run", "--silent", script]];
  return ["turbo", ["run", script, "--output-logs=errors-only", "--log-prefix=none"]];
}

/** Runs one check to its end. Rejects only when its command cannot be started. */
export function runCheck(check: Check, root: string): Promise<CheckResult> {
  const [command, args] = commandOf(check);
  const startedMs = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: root,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, TURBO_TELEMETRY_DISABLED: "1" },
    });
    const chunks: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.on("error", reject);
    child.on("close", (code) => {
      const text = Buffer.concat(chunks).toString("utf8");
      resolve({
        check,
        verdict: code === 0 ? "ok" : code === EXIT_SKIPPED ? "skipped" : "failed",
        cached: CACHED.test(text),
        elapsedMs: performance.now() - startedMs,
        output: toolOutput(text),
      });
    });
  });
}
