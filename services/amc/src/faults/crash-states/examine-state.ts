import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { isLogError } from "@amc/platform/log/errors";
import { openFileLog } from "@amc/platform/log/file";
import { verifyFileLog } from "@amc/platform/log/file/verify";
import type { Append, Log, LogRecord } from "@amc/platform/log/port";
import type { DiskImage } from "./disk.ts";
import {
  APPENDED_AT_MS,
  FACTS,
  GROUP,
  LAYOUT,
  numberedCommit,
  recordsAfter,
  stateAfter,
} from "./numbered-commits.ts";
import type { Promised } from "./promises.ts";

export type Outcome =
  | { readonly kind: "whole"; readonly commits: number }
  /** It did not open, or reading it ended with an error that names the damage. */
  | { readonly kind: "refused"; readonly problem: string }
  /** It opened and shows something else than it was given. */
  | { readonly kind: "wrong"; readonly problem: string };

const LIMITS = { maxRecords: 10_000, maxBytes: 16 * 1_048_576 };

/**
 * Opens a log as a power loss left it and holds it to what was promised; then takes it over,
 * commits once more, and opens it again.
 */
export async function examineState(
  root: string,
  image: DiskImage,
  directory: string,
  promised: Promised,
): Promise<Outcome> {
  putImage(root, image);
  try {
    const commits = await firstOpening(directory, promised);
    await secondOpening(directory, { ...promised, acknowledged: commits + 1, begun: commits + 1 });
    return { kind: "whole", commits };
  } catch (error) {
    if (error instanceof Discrepancy) return { kind: "wrong", problem: error.message };
    if (isLogError(error)) return { kind: "refused", problem: `${error.code}: ${error.message}` };
    throw error;
  }
}

export function putImage(root: string, image: DiskImage): void {
  rmSync(root, { recursive: true, force: true });
  mkdirSync(root, { recursive: true });
  for (const [path, content] of image) {
    const place = join(root, path);
    mkdirSync(content === "directory" ? place : dirname(place), { recursive: true });
    if (content !== "directory") writeFileSync(place, content);
  }
}

class Discrepancy extends Error {}

/** Returns the last commit that it holds. */
async function firstOpening(directory: string, promised: Promised): Promise<number> {
  const log = await open(directory);
  try {
    const last = await checkedContents(log, promised);
    const lease = await log.acquire(GROUP, 0);
    if (lease.epoch <= promised.epoch) {
      throw new Discrepancy(`lease ${lease.epoch} was handed out after ${promised.epoch}`);
    }
    await log.commit(numberedCommit(last + 1, lease));
    return last;
  } finally {
    await log.close();
  }
}

async function secondOpening(directory: string, promised: Promised): Promise<void> {
  const log = await open(directory);
  try {
    await checkedContents(log, promised);
    verifyFileLog(directory);
  } finally {
    await log.close();
  }
}

function open(directory: string): Promise<Log> {
  return openFileLog({ directory, layout: LAYOUT, clock: () => APPENDED_AT_MS });
}

/** The number of its last commit, once everything is as after that one. */
async function checkedContents(log: Log, promised: Promised): Promise<number> {
  const last = (await log.positions(GROUP, 0))[0]?.next ?? 0;
  const { acknowledged, begun, starts } = promised;
  if (last < acknowledged || last > begun) {
    throw new Discrepancy(`it ends with commit ${last}, of ${acknowledged} to ${begun}`);
  }
  for (const { topic, partitions } of LAYOUT) {
    for (let partition = 0; partition < partitions; partition++) {
      const start = await log.startOffset(topic, partition);
      const allowed = topic === FACTS && partition === 0 ? starts : [0];
      if (!allowed.includes(start)) {
        throw new Discrepancy(
          `${topic}/${partition} starts at ${start}, not at ${allowed.join(" or ")}`,
        );
      }
      await checkRecords(log, topic, partition, recordsAfter(last, topic, partition));
    }
  }
  await checkState(log, stateAfter(last));
  return last;
}

async function checkRecords(
  log: Log,
  topic: string,
  partition: number,
  expected: readonly Append[],
): Promise<void> {
  const place = `${topic}/${partition}`;
  const end = await log.endOffset(topic, partition);
  if (end !== expected.length) {
    throw new Discrepancy(`${place} ends at ${end}, not at ${expected.length}`);
  }
  for (let offset = await log.startOffset(topic, partition); offset < end; ) {
    const records = await log.read(topic, partition, offset, LIMITS);
    if (records.length === 0) throw new Discrepancy(`${place} has no record at ${offset}`);
    for (const record of records) {
      if (!isRecord(record, expected[offset])) throw new Discrepancy(`${place}@${offset} differs`);
      offset += 1;
    }
  }
}

function isRecord(found: LogRecord, expected: Append | undefined): boolean {
  if (expected === undefined || found.value === null || expected.value === null) return false;
  return (
    found.key === expected.key &&
    found.headers.ce_id === expected.headers.ce_id &&
    found.appendedAtMs === APPENDED_AT_MS &&
    Buffer.compare(found.value, expected.value) === 0
  );
}

async function checkState(log: Log, expected: ReadonlyMap<string, string>): Promise<void> {
  const found = new Map<string, string>();
  for await (const { key, value } of log.state(GROUP, 0)) {
    found.set(key, Buffer.from(value ?? []).toString("utf8"));
  }
  const differs = [...expected].some(([key, value]) => found.get(key) !== value);
  if (differs || found.size !== expected.size) {
    throw new Discrepancy(`state is ${JSON.stringify(Object.fromEntries(found))}`);
  }
}
