import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import { EXIT } from "../exit-codes.ts";

/** Waits before a process that died is started again: doubled each time, capped, with jitter. */
const RESTART_FIRST_MS = 200;
const RESTART_MAX_MS = 30_000;
/** Who lived for so long died of something else: the waits begin anew. */
const SETTLED_MS = 60_000;
/** How long processes may finish what is in hand before they are killed. */
const DRAIN_MS = 30_000;

/** Ends that a restart cannot mend: a mistake in words, files or configuration. */
const FINAL: ReadonlySet<number> = new Set([EXIT.usage, EXIT.noInput, EXIT.config]);

export interface SupervisorOptions {
  readonly instances: number;
  /** Starts one instance, with a channel to this process by which it learns when this one is gone. */
  readonly spawn: (instance: number) => ChildProcess;
  readonly onRestart: (restart: Restart) => void;
  /** Monotonic ms. */
  readonly now?: () => number;
  readonly random?: () => number;
  readonly drainMs?: number;
}

export interface Restart {
  readonly instance: number;
  readonly pid: number | null;
  /** Exit code or signal. */
  readonly end: number | string;
  readonly inMs: number;
}

/**
 * Keeps so many processes of one service running until `signal` aborts or all have finished. One that
 * dies is started again. Resolves with the exit code of the whole: 0, or that of an end which no
 * restart can mend, after which all the others are ended, too.
 */
export async function supervise(options: SupervisorOptions, signal: AbortSignal): Promise<number> {
  const giveUp = new AbortController();
  const stop = AbortSignal.any([signal, giveUp.signal]);
  const runs = Array.from({ length: options.instances }, async (_, instance) => {
    const code = await keepRunning(options, instance, stop);
    if (code !== EXIT.ok) giveUp.abort();
    return code;
  });
  const codes = await Promise.all(runs);
  return codes.find((code) => code !== EXIT.ok) ?? EXIT.ok;
}

async function keepRunning(
  options: SupervisorOptions,
  instance: number,
  stop: AbortSignal,
): Promise<number> {
  const { now = () => performance.now(), random = Math.random } = options;
  for (let deaths = 0; !stop.aborted; ) {
    const startedMs = now();
    const child = options.spawn(instance);
    const end = await endOf(child, options.drainMs ?? DRAIN_MS, stop);
    if (end === EXIT.ok || stop.aborted) return EXIT.ok;
    if (typeof end === "number" && FINAL.has(end)) return end;
    deaths = now() - startedMs > SETTLED_MS ? 1 : deaths + 1;
    const capMs = Math.min(RESTART_MAX_MS, RESTART_FIRST_MS * 2 ** (deaths - 1));
    const inMs = Math.ceil(capMs * (1 - random() / 2));
    options.onRestart({ instance, pid: child.pid ?? null, end, inMs });
    await pause(inMs, stop);
  }
  return EXIT.ok;
}

/** Exit code or signal of a process, which is asked to end when `stop` aborts, and made to in time. */
async function endOf(
  child: ChildProcess,
  drainMs: number,
  stop: AbortSignal,
): Promise<number | string> {
  let killer: NodeJS.Timeout | undefined;
  const end = (): void => {
    child.kill("SIGTERM");
    // Nobody answers SIGTERM who is stopped or stuck.
    killer = setTimeout(() => child.kill("SIGKILL"), drainMs);
  };
  if (stop.aborted) end();
  else stop.addEventListener("abort", end, { once: true });
  try {
    await once(child, "exit");
    return child.exitCode ?? child.signalCode ?? EXIT.internal;
  } catch {
    // It could not be started at all; the next try may.
    return EXIT.internal;
  } finally {
    stop.removeEventListener("abort", end);
    clearTimeout(killer);
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await wait(ms, undefined, { signal });
  } catch (error) {
    if (!(error instanceof Error && error.name === "AbortError")) throw error;
  }
}
