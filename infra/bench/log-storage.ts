/**
 * Which storage shall the file log use? Three candidates do the same commits and the same scan:
 *
 * - `sqlite-batch`: SQLite in WAL mode, one row holds the records of one commit and partition;
 * - `sqlite-row`: the same, one row for each record;
 * - `segments`: one append-only file, each commit a frame with length and checksum, then fdatasync
 *   (without the parts it would still need: compaction of state, retention by topic, a lock).
 *
 * `file-log` is what was made of the first, measured through the port.
 *
 * A commit holds records for four partitions (53-byte values as in the momentum scan, four
 * CloudEvents headers), one position and eight values of keyed state of 1 KB, and is on disk when
 * it returns. Usage: node infra/bench/log-storage.ts [directory] [rounds]; prints one JSON line per
 * case. The results that decided are in docs/decisions/log-storage.md.
 */
import {
  closeSync,
  fdatasyncSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { crc32 } from "node:zlib";
import { openFileLog } from "@amc/platform/log/file";

const [parent = tmpdir(), rounds = "3"] = process.argv.slice(2);

const PARTITIONS = 4;
const STATE_VALUES = 8;
const STATE_BYTES = 1_024;
/** Partition in the high bits of the row id, offset in the low 40. */
const PARTITION_STRIDE = 2 ** 40;

const CLOUD_EVENT = {
  ce_source: "/amc/recording",
  ce_type: "amc.market.PriceTick",
  ce_time: "2021-01-13T14:30:00.000Z",
};

interface BenchRecord {
  readonly key: string;
  readonly id: string;
  /** All headers as one text, for the candidates that store them so. */
  readonly headers: string;
  readonly value: Buffer;
}

interface BenchCommit {
  /** Index is the partition. */
  readonly records: readonly (readonly BenchRecord[])[];
  readonly state: readonly { readonly key: string; readonly value: Buffer }[];
}

interface Candidate {
  commit(commit: BenchCommit): Promise<unknown>;
  /** Reads and checks everything; the number of records found. */
  scan(): Promise<number>;
  close(): Promise<void>;
}

const CANDIDATES: Record<string, (directory: string) => Candidate | Promise<Candidate>> = {
  "sqlite-batch": sqliteBatch,
  "sqlite-row": sqliteRow,
  segments,
  "file-log": fileLog,
};

function openDatabase(directory: string, pageBytes: number): DatabaseSync {
  const db = new DatabaseSync(join(directory, "log.sqlite"));
  db.exec(`PRAGMA page_size = ${pageBytes}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
    CREATE TABLE state (key TEXT PRIMARY KEY, value BLOB, crc INTEGER) WITHOUT ROWID;
    CREATE TABLE position (id INTEGER PRIMARY KEY, next INTEGER)`);
  return db;
}

/** What both SQLite candidates do around their records. */
function sqliteCommit(db: DatabaseSync): (commit: BenchCommit, insert: () => void) => void {
  const putState = db.prepare("REPLACE INTO state VALUES (?, ?, ?)");
  const putPosition = db.prepare("REPLACE INTO position VALUES (0, ?)");
  let commits = 0;
  return (commit, insert) => {
    db.exec("BEGIN IMMEDIATE");
    insert();
    for (const { key, value } of commit.state) putState.run(key, value, crc32(value));
    putPosition.run(++commits);
    db.exec("COMMIT");
  };
}

function sqliteBatch(directory: string): Candidate {
  const db = openDatabase(directory, 8_192);
  db.exec("CREATE TABLE batch (id INTEGER PRIMARY KEY, records INTEGER, crc INTEGER, body BLOB)");
  const put = db.prepare("INSERT INTO batch VALUES (?, ?, ?, ?)");
  const all = db.prepare("SELECT records, crc, body FROM batch ORDER BY id");
  const commitWith = sqliteCommit(db);
  const next = Array.from({ length: PARTITIONS }, () => 0);
  return {
    commit: async (commit) =>
      commitWith(commit, () => {
        commit.records.forEach((records, partition) => {
          if (records.length === 0) return;
          const body = encode(records);
          const base = next[partition] ?? 0;
          put.run(partition * PARTITION_STRIDE + base, records.length, crc32(body), body);
          next[partition] = base + records.length;
        });
      }),
    scan: async () => {
      let found = 0;
      for (const { body, crc } of all.iterate()) {
        if (!(body instanceof Uint8Array) || crc32(body) !== crc) throw new Error("damaged batch");
        found += decode(Buffer.from(body.buffer, body.byteOffset, body.length));
      }
      return found;
    },
    close: async () => db.close(),
  };
}

function sqliteRow(directory: string): Candidate {
  const db = openDatabase(directory, 4_096);
  db.exec(
    "CREATE TABLE record (id INTEGER PRIMARY KEY, key TEXT, headers TEXT, value BLOB, crc INTEGER)",
  );
  const put = db.prepare("INSERT INTO record VALUES (?, ?, ?, ?, ?)");
  const all = db.prepare("SELECT id, key, headers, value, crc FROM record ORDER BY id");
  const commitWith = sqliteCommit(db);
  const next = Array.from({ length: PARTITIONS }, () => 0);
  return {
    commit: async (commit) =>
      commitWith(commit, () => {
        commit.records.forEach((records, partition) => {
          let offset = next[partition] ?? 0;
          for (const { key, headers, value } of records) {
            put.run(partition * PARTITION_STRIDE + offset++, key, headers, value, crc32(value));
          }
          next[partition] = offset;
        });
      }),
    scan: async () => {
      let found = 0;
      for (const { value, crc } of all.iterate()) {
        if (!(value instanceof Uint8Array) || crc32(value) !== crc) throw new Error("damaged row");
        found += 1;
      }
      return found;
    },
    close: async () => db.close(),
  };
}

function segments(directory: string): Candidate {
  const path = join(directory, "00000000000000000000.segment");
  const file = openSync(path, "a");
  return {
    commit: async (commit) => {
      const parts = commit.records.map(encode);
      const body = Buffer.concat([...parts, ...commit.state.map(({ value }) => value)]);
      const frame = Buffer.alloc(4 * (3 + PARTITIONS));
      frame.writeUInt32LE(body.length, 0);
      frame.writeUInt32LE(crc32(body), 4);
      parts.forEach((part, partition) => {
        frame.writeUInt32LE(part.length, 8 + partition * 4);
      });
      const bytes = Buffer.concat([frame, body]);
      if (writeSync(file, bytes) !== bytes.length) throw new Error("short write");
      fdatasyncSync(file);
    },
    scan: async () => {
      const bytes = readFileSync(path);
      let found = 0;
      for (let at = 0; at < bytes.length; ) {
        const bodyAt = at + 4 * (3 + PARTITIONS);
        const end = bodyAt + bytes.readUInt32LE(at);
        if (crc32(bytes.subarray(bodyAt, end)) !== bytes.readUInt32LE(at + 4)) {
          throw new Error("damaged frame");
        }
        let partAt = bodyAt;
        for (let partition = 0; partition < PARTITIONS; partition++) {
          const partEnd = partAt + bytes.readUInt32LE(at + 8 + partition * 4);
          found += decode(bytes.subarray(partAt, partEnd));
          partAt = partEnd;
        }
        at = end;
      }
      return found;
    },
    close: async () => closeSync(file),
  };
}

async function fileLog(directory: string): Promise<Candidate> {
  const topic = "bench";
  const layout = [{ topic, partitions: PARTITIONS }];
  const log = await openFileLog({ directory: join(directory, "log"), layout, clock: Date.now });
  const lease = await log.acquire("bench", 0);
  return {
    commit: ({ records, state }) =>
      log.commit({
        lease,
        appends: records.flatMap((inPartition, partition) =>
          inPartition.map(({ key, id, value }) => ({
            topic,
            partition,
            key,
            value,
            headers: { ce_id: id, ...CLOUD_EVENT },
          })),
        ),
        positions: [{ topic, partition: 0, next: 0 }],
        state: state.map(({ key, value }) => ({ store: "bench", key, value })),
      }),
    scan: async () => {
      let found = 0;
      for (let partition = 0; partition < PARTITIONS; partition++) {
        const end = await log.endOffset(topic, partition);
        for (let offset = 0; offset < end; ) {
          const limits = { maxRecords: 1_000, maxBytes: 1_048_576 };
          offset += (await log.read(topic, partition, offset, limits)).length;
        }
        found += end;
      }
      return found;
    },
    close: () => log.close(),
  };
}

function encode(records: readonly BenchRecord[]): Buffer {
  const size = records.reduce(
    (sum, r) => sum + 12 + r.key.length + r.headers.length + r.value.length,
    0,
  );
  const body = Buffer.allocUnsafe(size);
  let at = 0;
  for (const { key, headers, value } of records) {
    for (const text of [key, headers]) {
      at = body.writeUInt32LE(text.length, at);
      at += body.write(text, at, "latin1");
    }
    at = body.writeUInt32LE(value.length, at);
    at += value.copy(body, at);
  }
  return body;
}

function decode(body: Buffer): number {
  let found = 0;
  let at = 0;
  const bytes = () => {
    const start = at + 4;
    at = start + body.readUInt32LE(at);
    return start;
  };
  while (at < body.length) {
    body.toString("latin1", bytes(), at);
    body.toString("latin1", bytes(), at);
    body.subarray(bytes(), at);
    found++;
  }
  return found;
}

function commitOf(recordsInAll: number, round: number): BenchCommit {
  const records: BenchRecord[][] = Array.from({ length: PARTITIONS }, () => []);
  for (let i = 0; i < recordsInAll; i++) {
    const id = `${round}-${i}`.padEnd(36, "0");
    records[(round + i) % PARTITIONS]?.push({
      key: `SYM${i % 200}`,
      id,
      headers: [id, ...Object.values(CLOUD_EVENT)].join("|"),
      value: Buffer.alloc(53, i),
    });
  }
  const state = Array.from({ length: STATE_VALUES }, (_, i) => ({
    key: `SYM${(round * STATE_VALUES + i) % 200}`,
    value: Buffer.alloc(STATE_BYTES, round),
  }));
  return { records, state };
}

async function measure(
  name: string,
  open: (directory: string) => Candidate | Promise<Candidate>,
  batch: number,
  round: number,
): Promise<void> {
  const directory = mkdtempSync(join(parent, "amc-log-storage-"));
  const candidate = await open(directory);
  const commits = Math.max(100, Math.min(1_000, 200_000 / batch));
  const latenciesMs: number[] = [];
  for (let i = 0; i < commits; i++) {
    const commit = commitOf(batch, i);
    const start = performance.now();
    await candidate.commit(commit);
    latenciesMs.push(performance.now() - start);
  }
  const start = performance.now();
  const found = await candidate.scan();
  const scanMs = performance.now() - start;
  await candidate.close();
  rmSync(directory, { recursive: true });
  if (found !== commits * batch) throw new Error(`${name} lost records: ${found}`);
  const writeMs = latenciesMs.reduce((sum, ms) => sum + ms, 0);
  latenciesMs.sort((a, b) => a - b);
  const result = {
    candidate: name,
    recordsPerCommit: batch,
    round,
    commits,
    recordsPerSecondWritten: Math.round((found / writeMs) * 1_000),
    recordsPerSecondScanned: Math.round((found / scanMs) * 1_000),
    commitP50Ms: Number((latenciesMs[Math.floor(commits * 0.5)] ?? 0).toFixed(3)),
    commitP99Ms: Number((latenciesMs[Math.floor(commits * 0.99)] ?? 0).toFixed(3)),
    load: Number((loadavg()[0] ?? 0).toFixed(2)),
  };
  process.stdout.write(`${JSON.stringify(result)}\n`);
}

process.stderr.write(
  `node ${process.version}, SQLite ${process.versions.sqlite}, ${cpus().length} cores\n`,
);
for (let round = 0; round < Number(rounds); round++) {
  for (const batch of [1, 100, 1_000]) {
    for (const [name, open] of Object.entries(CANDIDATES)) {
      await measure(name, open, batch, round);
    }
  }
}
