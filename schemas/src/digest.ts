import { Buffer } from "node:buffer";
import { hash } from "node:crypto";
import { bodyOf } from "./envelope.ts";

/**
 * Whether two logs say the same, topic by topic (design.md §4): the records sorted by key, ce_time
 * and ce_id, the first of each ce_id, over key, ce_id, ce_type, ce_time and the Avro body without
 * the envelope, whose id is transport. Other headers, offsets and append times are not covered.
 * Kept apart from the codec, because stages may not import node:crypto.
 */

/** What is read of a record; any log record will do. */
export interface DigestRecord {
  readonly key: string | null;
  readonly value: Uint8Array | null;
  readonly headers: Readonly<Record<string, string>>;
}

export interface TopicDigest {
  /** SHA-256 in hex, over the SHA-256 of each record in the order of the sort. */
  readonly sha256: string;
  /** Records that count, one per ce_id. */
  readonly records: number;
  /** Records left out because their ce_id came before. */
  readonly duplicates: number;
  /** Of the duplicates, those that say something else than the first. */
  readonly conflicts: number;
  /** First record that stands in the log before one of its key that sorts lower; null is right. */
  readonly disorder: Disorder | null;
}

export interface Disorder {
  readonly key: string | null;
  readonly id: string;
  readonly afterId: string;
}

/** A record without CloudEvents headers, which no digest can cover. */
class DigestError extends Error {
  readonly code = "digest.headers";
  readonly header: string;

  constructor(header: string) {
    super(`a record without ${header} cannot be part of a digest`);
    this.name = "DigestError";
    this.header = header;
  }
}

interface Entry {
  readonly key: string | null;
  readonly time: string;
  readonly id: string;
  /** SHA-256 of the record as a binary string: half the memory of hex, a quarter of a Buffer. */
  readonly hash: string;
}

/**
 * Takes records in the order of the log, partition by partition, and keeps about 300 bytes of each
 * whatever its size. Text is compared by UTF-16 code unit, never by locale.
 */
export class TopicDigester {
  readonly #byId = new Map<string, Entry>();
  readonly #lastOfKey = new Map<string | null, Entry>();
  #duplicates = 0;
  #conflicts = 0;
  #disorder: Disorder | null = null;

  /** Throws `digest.headers` when ce_id, ce_type or ce_time is missing. */
  add(record: DigestRecord): void {
    const id = header(record, "ce_id");
    const time = header(record, "ce_time");
    const recordHash = hashOf(record.key, id, header(record, "ce_type"), time, record.value);
    const first = this.#byId.get(id);
    if (first !== undefined) {
      this.#duplicates += 1;
      if (first.hash !== recordHash) this.#conflicts += 1;
      return;
    }
    const entry = { key: record.key, time, id, hash: recordHash };
    this.#byId.set(id, entry);
    this.#noteOrder(entry);
  }

  #noteOrder(entry: Entry): void {
    const last = this.#lastOfKey.get(entry.key);
    if (last !== undefined && compareEntries(last, entry) > 0) {
      this.#disorder ??= { key: entry.key, id: entry.id, afterId: last.id };
    }
    this.#lastOfKey.set(entry.key, entry);
  }

  finish(): TopicDigest {
    const entries = [...this.#byId.values()].sort(compareEntries);
    const hashes = Buffer.from(entries.map((entry) => entry.hash).join(""), "latin1");
    return {
      sha256: hash("sha256", hashes, "hex"),
      records: entries.length,
      duplicates: this.#duplicates,
      conflicts: this.#conflicts,
      disorder: this.#disorder,
    };
  }
}

/** Digest of one topic's records, given partition by partition in the order of the log. */
export async function digestOf(
  records: AsyncIterable<DigestRecord> | Iterable<DigestRecord>,
): Promise<TopicDigest> {
  const digester = new TopicDigester();
  for await (const record of records) digester.add(record);
  return digester.finish();
}

function header(record: DigestRecord, name: string): string {
  const value = record.headers[name];
  if (value === undefined) throw new DigestError(name);
  return value;
}

function compareEntries(a: Entry, b: Entry): number {
  return compareKeys(a.key, b.key) || compareText(a.time, b.time) || compareText(a.id, b.id);
}

/** Records without a key come first. */
function compareKeys(a: string | null, b: string | null): number {
  if (a === null || b === null) return Number(a !== null) - Number(b !== null);
  return compareText(a, b);
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** Length of an absent key or value; no real part is that long. */
const ABSENT = 0xffff_ffff;

/** Each part behind its length in four bytes, so that no two records can run into one another. */
function hashOf(
  key: string | null,
  id: string,
  type: string,
  time: string,
  value: Uint8Array | null,
): string {
  const parts: Uint8Array[] = [];
  for (const part of [key, id, type, time, value === null ? null : bodyOf(value)]) {
    const bytes = typeof part === "string" ? Buffer.from(part, "utf8") : part;
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes === null ? ABSENT : bytes.length);
    parts.push(length);
    if (bytes !== null) parts.push(bytes);
  }
  return hash("sha256", Buffer.concat(parts), "binary");
}
