import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { isAlive } from "@amc/platform/postgres/process-identity";
import { z } from "zod";
import { readJson, type StackHome, writeWhole } from "../home.ts";

/** How a process is asked to end: a signal, and how long it may take before the next one. */
const STOP_STEP = z.object({
  signal: z.enum(["SIGTERM", "SIGINT", "SIGQUIT"]),
  waitMs: z.number(),
});

const RECORD = z.object({
  name: z.string(),
  pid: z.number().int().positive(),
  startToken: z.string(),
  stop: STOP_STEP,
  /** When its data goes anyway; null kills it at once. */
  discard: STOP_STEP.nullable(),
});

/** A process that was started and outlives who started it. */
export type ProcessRecord = Readonly<z.output<typeof RECORD>>;
export type StopStep = Readonly<z.output<typeof STOP_STEP>>;

const SUFFIX = ".json";

const recordPath = (home: StackHome, name: string) => join(home.run, `${name}${SUFFIX}`);

export function writeRecord(home: StackHome, record: ProcessRecord): void {
  writeWhole(recordPath(home, record.name), JSON.stringify(record));
}

export function removeRecord(home: StackHome, name: string): void {
  rmSync(recordPath(home, name), { force: true });
}

/** The record of a process that was started and not stopped; it may have ended by itself. */
export function recordedProcess(home: StackHome, name: string): ProcessRecord | null {
  return readJson(recordPath(home, name), RECORD);
}

/** The record of a living process; null for one that has ended. */
export function runningProcess(home: StackHome, name: string): ProcessRecord | null {
  const record = recordedProcess(home, name);
  return record !== null && isAlive(record) ? record : null;
}

/** All living processes of a home. */
export function runningProcesses(home: StackHome): ProcessRecord[] {
  return recordNames(home)
    .map((name) => runningProcess(home, name))
    .filter((record) => record !== null);
}

function recordNames(home: StackHome): string[] {
  return readdirSync(home.run)
    .filter((file) => file.endsWith(SUFFIX))
    .map((file) => file.slice(0, -SUFFIX.length));
}
