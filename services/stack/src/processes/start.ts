import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { isAlive, readStartToken } from "@amc/platform/postgres/process-identity";
import {
  PROGRAM_ENVIRONMENT,
  runAs,
  type ServerAccount,
} from "@amc/platform/postgres/server-account";
import { StackError } from "../errors.ts";
import type { StackHome } from "../home.ts";
import { markOf } from "./marks.ts";
import { type ProcessRecord, type StopStep, writeRecord } from "./records.ts";

export interface ProcessSpec {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** User to run as; null or left out: this process' own. */
  readonly account?: ServerAccount | null;
  readonly stop: StopStep;
  readonly discard: StopStep | null;
}

const LARGEST_LOG_BYTES = 4 * 1024 * 1024;
const LOG_TAIL_CHARACTERS = 2_000;
const POLL_MS = 25;

const logPath = (home: StackHome, name: string) => join(home.logs, `${name}.log`);

/**
 * Starts a process that goes on when this one ends, in a session of its own so that Ctrl-C in a
 * terminal does not reach it. Its record is there before anything else happens.
 *
 * @throws StackError `stack.start-failed`
 */
export async function startProcess(home: StackHome, spec: ProcessSpec): Promise<ProcessRecord> {
  const path = logPath(home, spec.name);
  rotateLog(path);
  const log = openSync(path, "a", 0o600);
  const child = spawn(spec.command, spec.args, {
    ...runAs(spec.account ?? null),
    detached: true,
    stdio: ["ignore", log, log],
    env: { ...PROGRAM_ENVIRONMENT, ...markOf(home), ...spec.environment },
  });
  closeSync(log);
  const { pid } = child;
  const startToken = pid === undefined ? null : readStartToken(pid);
  if (pid === undefined || startToken === null) throw await startFailure(home, spec, child);
  const { name, stop, discard } = spec;
  const record = { name, pid, startToken, stop, discard };
  writeRecord(home, record);
  child.unref();
  return record;
}

async function startFailure(
  home: StackHome,
  spec: ProcessSpec,
  child: ChildProcess,
): Promise<StackError> {
  const { promise, resolve } = Promise.withResolvers<unknown>();
  child.once("error", resolve);
  child.once("exit", resolve);
  const cause = await promise;
  return new StackError(
    "stack.start-failed",
    `${spec.name} cannot be started: ${cause instanceof Error ? cause.message : logTail(home, spec.name)}`,
    { part: spec.name, path: spec.command },
    { cause },
  );
}

/**
 * Asks a process again and again whether it is ready.
 *
 * @param probe true once a real request was answered; what it throws means "not yet"
 * @throws StackError `stack.start-failed` when it ends, `stack.not-ready` when it takes too long
 */
export async function becomesReady(
  home: StackHome,
  record: ProcessRecord,
  waitMs: number,
  probe: () => Promise<boolean>,
): Promise<void> {
  const deadline = performance.now() + waitMs;
  let last: unknown;
  for (;;) {
    try {
      if (await probe()) return;
    } catch (error) {
      last = error;
    }
    const path = logPath(home, record.name);
    const facts = { part: record.name, pid: record.pid, path };
    if (!isAlive(record)) {
      throw new StackError(
        "stack.start-failed",
        `${record.name} has ended; the end of ${path}:\n${logTail(home, record.name)}`,
        facts,
      );
    }
    if (performance.now() > deadline) {
      throw new StackError(
        "stack.not-ready",
        `${record.name} does not answer after ${waitMs / 1000} s; the end of ${path}:\n${logTail(home, record.name)}`,
        facts,
        { cause: last },
      );
    }
    await delay(POLL_MS);
  }
}

function logTail(home: StackHome, name: string): string {
  return readFileSync(logPath(home, name), "utf8").slice(-LOG_TAIL_CHARACTERS).trim();
}

function rotateLog(path: string): void {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size > LARGEST_LOG_BYTES) renameSync(path, `${path}.1`);
}
