import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const FASTAVRO = "fastavro==1.12.1";

export type Python = { readonly path: string } | { readonly missing: string };

function succeeds(command: string, args: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: "ignore", timeout: 120_000 }).status === 0;
}

/** The machine's own fastavro, or one in a virtual environment that later runs find again. */
export function findPython(): Python {
  if (!succeeds("python3", ["--version"])) return { missing: "python3 is not installed" };
  const version = `import fastavro; assert fastavro.__version__ == "${FASTAVRO.slice(10)}"`;
  if (succeeds("python3", ["-c", version])) return { path: "python3" };
  const environment = join(tmpdir(), `amc-${FASTAVRO.replace("==", "-")}`);
  const path = join(environment, "bin", "python");
  if (existsSync(path) && succeeds(path, ["-c", version])) return { path };
  mkdirSync(environment, { recursive: true });
  if (!succeeds("python3", ["-m", "venv", "--clear", environment])) {
    return { missing: "python3 cannot make a virtual environment" };
  }
  if (!succeeds(path, ["-m", "pip", "install", "--quiet", "--only-binary=:all:", FASTAVRO])) {
    return { missing: `${FASTAVRO} could not be installed` };
  }
  return { path };
}
