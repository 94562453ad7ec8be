import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../main.ts", import.meta.url));

export interface CommandResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs `amc <words>` in a process of its own, as a user does who stands in `directory`, and presses Ctrl-C when
 * `interrupted` says so.
 */
export function runCommand(
  words: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  directory = process.cwd(),
  interrupted?: AbortSignal,
): Promise<CommandResult> {
  const child = spawn(process.execPath, [MAIN, ...words], {
    cwd: directory,
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  interrupted?.addEventListener("abort", () => child.kill("SIGINT"), { once: true });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  return new Promise((resolveResult, reject) => {
    child.once("error", reject);
    child.once("close", (exitCode) => resolveResult({ exitCode, stdout, stderr }));
  });
}

/** The lines of `--json`: every one must parse and have a type. */
export function jsonLines({ stdout }: CommandResult): Readonly<Record<string, unknown>>[] {
  return stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const value: unknown = JSON.parse(line);
      if (typeof value !== "object" || value === null || !("type" in value)) {
        throw new TypeError(`a line of --json has no type: ${line}`);
      }
      return Object.fromEntries(Object.entries(value));
    });
}
