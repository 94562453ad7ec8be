import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const FASTAVRO = "fastavro==1.12.1";
export const CONFLUENT_KAFKA = "confluent-kafka==2.16.1";

export type Python = { readonly path: string } | { readonly missing: string };

function succeeds(command: string, args: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: "ignore", timeout: 120_000 }).status === 0;
}

/** A program that fails unless each package is there in its version. */
function versionCheck(packages: readonly string[]): string {
  const lines = packages.map((named) => {
    const [name, version] = named.split("==");
    return `assert version("${name}") == "${version}"`;
  });
  return ["from importlib.metadata import version", ...lines].join("\n");
}

/** The machine's own Python with these packages, or a virtual environment that later runs find again. */
export function findPython(packages: readonly string[] = [FASTAVRO]): Python {
  if (!succeeds("python3", ["--version"])) return { missing: "python3 is not installed" };
  const check = ["-c", versionCheck(packages)];
  if (succeeds("python3", check)) return { path: "python3" };
  const environment = join(tmpdir(), `amc-${packages.join("-").replaceAll("==", "-")}`);
  const path = join(environment, "bin", "python");
  if (existsSync(path) && succeeds(path, check)) return { path };
  mkdirSync(environment, { recursive: true });
  if (!succeeds("python3", ["-m", "venv", "--clear", environment])) {
    return { missing: "python3 cannot make a virtual environment" };
  }
  if (!succeeds(path, ["-m", "pip", "install", "--quiet", "--only-binary=:all:", ...packages])) {
    return { missing: `${packages.join(" and ")} could not be installed` };
  }
  return { path };
}
