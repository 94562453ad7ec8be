import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { StackContext } from "../context.ts";
import { StackError } from "../errors.ts";
import type { PartReport } from "../parts.ts";
import { choosePort, LOOPBACK, readPorts } from "../ports.ts";
import { runningProcess } from "../processes/records.ts";
import { becomesReady, startProcess } from "../processes/start.ts";
import { portWish } from "../settings.ts";
import { redisAnswers } from "./ping.ts";

const NAME = "redis";
const READY_MS = 10_000;
const STOP = { signal: "SIGTERM", waitMs: 5_000 } as const;

/** Memory, eviction and snapshots, for containers and this alike. */
const CACHE_SETTINGS = fileURLToPath(
  new URL("../../../../infra/redis/redis.conf", import.meta.url),
);

export async function startRedis(context: StackContext): Promise<PartReport> {
  const { home, settings } = context;
  const running = runningProcess(home, NAME);
  const address = report(context, "running").address;
  if (running !== null && address !== null) {
    await becomesReady(home, running, READY_MS, () => redisAnswers(address));
    return report(context, "running");
  }
  const command = findRedis();
  const port = await choosePort(home, NAME, portWish(settings, NAME));
  const directory = join(home.data, NAME);
  mkdirSync(directory, { recursive: true });
  const record = await startProcess(home, {
    name: NAME,
    command,
    args: [
      CACHE_SETTINGS,
      ...["--port", String(port), "--bind", LOOPBACK, "--protected-mode", "yes"],
      ...["--dir", directory, "--daemonize", "no"],
      // A title is written over the environment, and with it over the mark of this home.
      ...["--set-proc-title", "no"],
    ],
    stop: STOP,
    discard: null,
  });
  await becomesReady(home, record, READY_MS, () => redisAnswers(addressOf(port)));
  return report(context, "started");
}

export async function redisStatus(context: StackContext): Promise<PartReport> {
  if (runningProcess(context.home, NAME) === null) {
    return { part: "redis", state: "stopped", address: null, detail: "does not run", pids: [] };
  }
  const running = report(context, "running");
  if (running.address !== null && (await redisAnswers(running.address))) return running;
  return { ...running, state: "failed", detail: "does not answer", code: "stack.not-ready" };
}

/** @throws StackError `stack.not-installed`, naming the command that adds it */
function findRedis(): string {
  const found = spawnSync(
    "/bin/sh",
    ["-c", "command -v redis-server || command -v valkey-server"],
    {
      encoding: "utf8",
    },
  );
  if (found.status === 0) return found.stdout.trim();
  const command =
    process.platform === "darwin" ? "brew install redis" : "sudo apt-get install redis-server";
  throw new StackError("stack.not-installed", `no redis-server on the path; run: ${command}`, {
    part: NAME,
  });
}

const addressOf = (port: number) => `redis://${LOOPBACK}:${port}`;

function report({ home }: StackContext, state: PartReport["state"]): PartReport {
  const port = readPorts(home)[NAME];
  const record = runningProcess(home, NAME);
  return {
    part: "redis",
    state,
    address: port === undefined ? null : addressOf(port),
    detail: "Redis, 256 MB, evicts what is used least",
    pids: record === null ? [] : [record.pid],
  };
}
