import { LogError, type LogErrorFacts } from "./errors.ts";
import type { PartitionTable } from "./partition-table.ts";
import { partitionOf } from "./partitioner.ts";
import { type Append, type Commit, type Headers, MAX_RECORD_BYTES } from "./port.ts";

/** UTF-8 needs at most three bytes for one UTF-16 unit. */
const MAX_BYTES_PER_UNIT = 3;

/** Where each append of a commit goes and how large it is, in their order. */
export interface CheckedAppends {
  readonly partitions: Int32Array;
  /** Sizes by `recordSize`; taken here, where the texts are looked at anyway. */
  readonly sizes: Int32Array;
}

/**
 * Throws before anything is written when any part of the commit is not acceptable, so that a commit
 * is refused as a whole.
 */
export function checkedAppends(commit: Commit, table: PartitionTable<unknown>): CheckedAppends {
  const { appends } = commit;
  const partitions = new Int32Array(appends.length);
  const sizes = new Int32Array(appends.length);
  for (let i = 0; i < appends.length; i++) {
    const append = appends[i];
    if (append === undefined) continue;
    const partition = namedPartition(append, table);
    partitions[i] = partition;
    sizes[i] = checkedSize(append, partition);
  }
  checkOwned(commit, table);
  return { partitions, sizes };
}

function namedPartition(append: Append, table: PartitionTable<unknown>): number {
  const { topic, key } = append;
  if (key !== null && !key.isWellFormed()) {
    throw invalid("Key holds half a surrogate pair and has no UTF-8 form", { topic });
  }
  if (append.partition !== undefined) {
    table.at(topic, append.partition);
    return append.partition;
  }
  const partitions = table.partitions(topic);
  if (key === null) {
    throw invalid(`Record for ${topic} has neither key nor partition`, { topic });
  }
  return partitionOf(key, partitions);
}

/** Size by which reads are limited: bytes of the value, length of the texts. */
export function recordSize(key: string | null, value: Uint8Array | null, headers: Headers): number {
  let size = (key === null ? 0 : key.length) + (value === null ? 0 : value.length);
  for (const name in headers) size += name.length + (headers[name] ?? "").length;
  return size;
}

/** The size by `recordSize` of a record that can be written. */
function checkedSize(append: Append, partition: number): number {
  const { topic, key, value, headers } = append;
  let units = key === null ? 0 : key.length;
  for (const name in headers) {
    const text = headers[name] ?? "";
    if (!text.isWellFormed() || !name.isWellFormed()) {
      throw invalid(`Header ${name} holds half a surrogate pair and has no UTF-8 form`, { topic });
    }
    units += name.length + text.length;
  }
  const valueBytes = value === null ? 0 : value.length;
  const size = valueBytes + units;
  if (valueBytes + units * MAX_BYTES_PER_UNIT <= MAX_RECORD_BYTES) return size;
  const bytes = recordBytes(append);
  if (bytes <= MAX_RECORD_BYTES) return size;
  throw new LogError(
    "log.record-too-large",
    `Record for ${topic} is ${bytes} bytes, the limit is ${MAX_RECORD_BYTES}`,
    { topic, partition, bytes, ...(key === null ? {} : { key: key.slice(0, 100) }) },
  );
}

/** Bytes of a record as it is written, which `MAX_RECORD_BYTES` limits. */
export function recordBytes({
  key,
  value,
  headers,
}: Pick<Append, "key" | "value" | "headers">): number {
  let bytes = (key === null ? 0 : Buffer.byteLength(key)) + (value?.length ?? 0);
  for (const [name, text] of Object.entries(headers)) {
    bytes += Buffer.byteLength(name) + Buffer.byteLength(text);
  }
  return bytes;
}

/** Positions and state belong to a work unit: without a lease nobody could be fenced off them. */
function checkOwned(commit: Commit, table: PartitionTable<unknown>): void {
  const positions = commit.positions ?? [];
  const changes = commit.state ?? [];
  if (commit.lease === undefined) {
    if (positions.length + changes.length === 0) return;
    throw invalid("Positions and state can only be committed under a lease", {});
  }
  for (const { topic, partition, next } of positions) {
    table.at(topic, partition);
    if (!Number.isSafeInteger(next) || next < 0) {
      throw invalid(`Position must be a whole number from 0, was ${next}`, { topic, partition });
    }
  }
  for (const { store, key } of changes) {
    if (!store.isWellFormed() || !key.isWellFormed()) {
      throw invalid(`Key in store ${store} holds half a surrogate pair`, { store });
    }
  }
}

function invalid(message: string, facts: LogErrorFacts): LogError {
  return new LogError("log.invalid-commit", message, facts);
}
