import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The last line that runs on Java 17. */
const VERSION = "2.6.13.Final";
const ARTEFACT = `io.apicurio:apicurio-registry-app:${VERSION}:tar.gz:all`;
const HOME = join(tmpdir(), `amc-apicurio-${VERSION}`);

/** Small and quick to start; it lives for a minute. */
const JVM = ["-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"];

type Found = { readonly jar: string } | { readonly missing: string };

function succeeds(command: string, args: readonly string[], cwd?: string): boolean {
  return spawnSync(command, args, { stdio: "ignore", timeout: 300_000, cwd }).status === 0;
}

/** The unpacked registry, which later runs find again; fetched with Maven the first time. */
function findApicurio(): Found {
  if (!succeeds("java", ["-version"])) return { missing: "java is not installed" };
  const jar = join(HOME, `apicurio-registry-app-${VERSION}-runner.jar`);
  if (existsSync(jar)) return { jar };
  if (!succeeds("mvn", ["--version"])) return { missing: "mvn is not installed" };
  // Made beside and renamed: a run that is ended halfway leaves nothing that looks whole.
  const made = `${HOME}-${process.pid}`;
  mkdirSync(made, { recursive: true });
  try {
    const copy = ["-q", "-B", "dependency:copy", `-Dartifact=${ARTEFACT}`, "-DoutputDirectory=."];
    if (!succeeds("mvn", copy, made)) return { missing: "the registry could not be fetched" };
    const archive = readdirSync(made).find((name) => name.endsWith(".tar.gz")) ?? "";
    if (!succeeds("tar", ["xzf", archive], made)) return { missing: "tar failed" };
    rmSync(join(made, archive));
    if (!existsSync(HOME)) renameSync(made, HOME);
  } finally {
    rmSync(made, { recursive: true, force: true });
  }
  return { jar };
}

const found = findApicurio();

/** Why there is no registry to test with; null when there is one. */
export const REGISTRY_MISSING: string | null = "missing" in found ? found.missing : null;
export const REGISTRY_SKIP_NOTE =
  REGISTRY_MISSING === null ? "" : ` (skipped: ${REGISTRY_MISSING})`;

/** A real Apicurio Registry with its schemas in memory, on a free port of loopback. */
export class TestRegistry {
  readonly #process: ChildProcess;
  /** Of the Confluent API. */
  readonly url: string;

  private constructor(started: ChildProcess, address: string) {
    this.#process = started;
    this.url = `${address}/apis/ccompat/v7`;
  }

  static async start(): Promise<TestRegistry> {
    if ("missing" in found) throw new Error(found.missing);
    const started = spawn("java", [...JVM, "-jar", found.jar], {
      env: { ...process.env, QUARKUS_HTTP_PORT: "0", QUARKUS_HTTP_HOST: "127.0.0.1" },
      stdio: ["ignore", "pipe", "ignore"],
    });
    process.once("exit", () => started.kill("SIGKILL"));
    const address = await new Promise<string>((resolve, reject) => {
      let said = "";
      started.stdout.on("data", (text: Buffer) => {
        said += text.toString();
        const [, listening] = /Listening on: (http:\/\/[\d.]+:\d+)/.exec(said) ?? [];
        if (listening !== undefined) resolve(listening);
      });
      started.once("exit", (code) => reject(new Error(`the registry ended with ${code}: ${said}`)));
    });
    return new TestRegistry(started, address);
  }

  async stop(): Promise<void> {
    const { exitCode, signalCode } = this.#process;
    if (exitCode !== null || signalCode !== null) return;
    this.#process.kill("SIGKILL");
    await once(this.#process, "exit");
  }
}
