import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { TRACED_CALLS } from "./trace-operations.ts";
import { inHexadecimal } from "./trace-syntax.ts";

const PROGRAM = fileURLToPath(new URL("./committing-life.ts", import.meta.url));
/** Longer than any write of the log. */
const TEXT_BYTES_MAX = 64 * 1_048_576;
const STDOUT_WRITE = /^write\(1[<,]/m;

export type LifeBuild = "sound" | "acknowledges-first";

export interface Life {
  /** Of the log; made by the life when it is missing. */
  readonly directory: string;
  /** Of the files that are recorded. */
  readonly root: string;
  readonly build: LifeBuild;
  /** In order, by itself with SIGKILL, or killed when it asks for a sync for the n-th time. */
  readonly ending: "closed" | "killed" | { readonly killedAtSync: number };
  /** Group commits before its end. */
  readonly groups: number;
  readonly seed: number;
}

/** Whether this machine has strace and lets it trace. */
export function canRecord(): boolean {
  return spawnSync("strace", ["-o", "/dev/null", "true"], { stdio: "ignore" }).status === 0;
}

/** Lives through a life under strace. Returns the calls of the one thread that uses files. */
export async function recordLife(life: Life): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), "amc-trace-"));
  try {
    await live(life, join(folder, "thread"));
    const threads = readdirSync(folder)
      .map((name) => readFileSync(join(folder, name), "utf8"))
      .filter((text) => text.includes(inHexadecimal(life.root)) || STDOUT_WRITE.test(text));
    const [calls = "", other] = threads;
    // Calls of two threads have no order in these traces.
    if (other !== undefined) throw new Error("two threads of a life used its files");
    return calls.split("\n");
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function live(life: Life, output: string): Promise<void> {
  const { directory, build, ending, groups, seed } = life;
  const own = typeof ending === "string" ? ending : "closed";
  const words = [process.execPath, PROGRAM, directory, build, own, `${groups}`, `${seed}`];
  const options = ["-ff", "-qq", "-y", "-xx", "-z", "-s", `${TEXT_BYTES_MAX}`, "-o", output];
  options.push("-e", "signal=none", "-e", `trace=${TRACED_CALLS.join(",")}`);
  if (typeof ending !== "string") {
    options.push("-e", `inject=fsync,fdatasync:signal=SIGKILL:when=${ending.killedAtSync}`);
  }
  const child = spawn("strace", [...options, "--", ...words], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  await once(child, "exit");
  const ended = child.signalCode ?? child.exitCode;
  // A short life may be over before it syncs so often.
  const mayBeClosed = ending !== "killed";
  const mayBeKilled = ending !== "closed";
  if ((mayBeClosed && ended === 0) || (mayBeKilled && ended === "SIGKILL")) return;
  throw new Error(`a life that was to end ${JSON.stringify(ending)} ended with ${ended}`);
}
