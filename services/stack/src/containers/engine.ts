import { runDocker } from "./docker.ts";

/** Whether containers can be started here; the reason is null where nobody would expect them. */
export type EngineAnswer =
  | { readonly usable: true }
  | { readonly usable: false; readonly reason: string | null };

/** An engine that is elsewhere, or starting, may take a while; one that hangs must not hold up `up`. */
const ANSWER_MS = 10_000;

/** The first that knows `content` of a config, with which docker-compose.yml makes the second database. */
const OLDEST_COMPOSE = [2, 23, 1] as const;

/** Asks Docker's engine and its compose plugin for their versions. */
export async function askEngine(): Promise<EngineAnswer> {
  const call = { timeoutMs: ANSWER_MS };
  const engine = await runDocker(["version", "--format", "{{.Server.Version}}"], call);
  if (engine.exitCode === null) return { usable: false, reason: null };
  if (engine.exitCode !== 0) {
    return { usable: false, reason: "docker is installed, and no engine answers it" };
  }
  const plugin = await runDocker(["compose", "version", "--short"], call);
  const version = plugin.stdout.trim();
  if (plugin.exitCode !== 0) return { usable: false, reason: "docker has no compose plugin" };
  if (isNewEnough(version)) return { usable: true };
  const oldest = OLDEST_COMPOSE.join(".");
  return { usable: false, reason: `docker compose is ${version}, which is before ${oldest}` };
}

/** Whether `2.26.1-4` or `v2.40.0` is not before the oldest that will do. */
export function isNewEnough(version: string): boolean {
  const [, ...numbers] = /^v?(\d+)\.(\d+)\.(\d+)/.exec(version) ?? [];
  const difference = OLDEST_COMPOSE.map((oldest, index) => Number(numbers[index] ?? 0) - oldest);
  return (difference.find((step) => step !== 0) ?? 0) >= 0;
}
