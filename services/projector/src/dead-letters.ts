import type { Lease, Log, LogRecord, Position } from "@amc/platform/log/port";
import { errorCode } from "@amc/platform/postgres/errors";
import { deadLetter } from "@amc/platform/runtime/dead-letter";
import { PROJECTIONS, type ProjectionName } from "@amc/streams/projections/projections";
import type { TableRow } from "@amc/streams/projections/tables";
import type { ClientBase } from "pg";
import packageJson from "../package.json" with { type: "json" };
import type { Position as TablePosition } from "./positions.ts";

/** Why a record cannot be applied, now or ever. */
export interface Refusal {
  /** Stable, such as `avro.truncated`, `column.range` or `postgres.22003`. */
  readonly code: string;
  readonly reason: string;
}

/** Why the database does not take a record, by its SQLSTATE. */
export function refusalOf(error: unknown): Refusal {
  const reason = error instanceof Error ? error.message : String(error);
  return { code: `postgres.${errorCode(error) ?? "unknown"}`, reason };
}

const MAX_REASON = 1024;
const utf8 = new TextEncoder();

/** The row of a refused record: raw, because what cannot be decoded need not be text either. */
export function deadLetterRow(
  projection: ProjectionName,
  record: LogRecord,
  { code, reason }: Refusal,
): TableRow<"dead_letters"> {
  return {
    projection,
    topic: record.topic,
    partition: record.partition,
    log_offset: record.offset,
    event_id: storableText(record.headers.ce_id),
    record_key: record.key === null ? null : utf8.encode(record.key),
    record_value: record.value,
    record_headers: Object.entries(record.headers).map(([name, value]) => ({
      name: storableText(name) ?? "",
      value: Buffer.from(value).toString("base64"),
    })),
    happened_at: eventTime(record.headers.ce_time),
    appended_at: record.appendedAtMs,
    error_code: code,
    error_message: storableText(reason) ?? "",
    attempt: 1,
    code_version: packageJson.version,
  };
}

/** A zero character has no place in a PostgreSQL text; half a surrogate pair has none in UTF-8. */
function storableText(text: string | undefined): string | null {
  if (text === undefined) return null;
  return text.replaceAll("\u0000", "\ufffd").toWellFormed().slice(0, MAX_REASON).toWellFormed();
}

function eventTime(text: string | undefined): number | null {
  const ms = Date.parse(text ?? "");
  return ms >= 0 ? ms : null;
}

/**
 * Copies refused records to their `<topic>.dlq`, once each: the copy and the position behind it are
 * one commit of the log, so a crash at any point leaves neither or both. Rows that were committed
 * but not yet copied are found again at the next start.
 */
export class DeadLetterExport {
  readonly #log: Log;
  readonly #projection: ProjectionName;
  readonly #lease: Lease;
  readonly #exported: Map<string, number>;

  private constructor(
    log: Log,
    projection: ProjectionName,
    lease: Lease,
    positions: readonly Position[],
  ) {
    this.#log = log;
    this.#projection = projection;
    this.#lease = lease;
    this.#exported = new Map(positions.map((at) => [`${at.topic}/${at.partition}`, at.next]));
  }

  /** Fences every earlier export of the projection, unless `signal` aborts. */
  static async open(
    log: Log,
    projection: ProjectionName,
    signal?: AbortSignal,
  ): Promise<DeadLetterExport> {
    const group = `projector.${projection}`;
    const lease = await log.acquire(group, 0, signal);
    return new DeadLetterExport(log, projection, lease, await log.positions(group, 0));
  }

  /** Copies what an earlier process committed as rows and did not get to copy. */
  async catchUp(client: ClientBase): Promise<void> {
    for (const topic of PROJECTIONS[this.#projection]) {
      for (let partition = 0; partition < this.#log.partitions(topic); partition += 1) {
        const rows = await client.query<DeadLetterPlace>(NOT_EXPORTED, [
          this.#projection,
          topic,
          partition,
          this.#exported.get(`${topic}/${partition}`) ?? 0,
        ]);
        for (const row of rows.rows) await this.#exportRow(topic, partition, row);
      }
    }
  }

  /**
   * Before where the tables stand nothing is left to copy. It is noted in the log, which knows its
   * topics: one that was deleted and created anew ends the next start instead of being read on.
   */
  async standAt(tables: readonly TablePosition[]): Promise<void> {
    const ahead = tables.flatMap(({ topic, partition, nextOffset }) =>
      // Even where nothing was read yet: what counts is which topic that was.
      nextOffset > (this.#exported.get(`${topic}/${partition}`) ?? -1)
        ? [{ topic, partition, next: nextOffset }]
        : [],
    );
    if (ahead.length === 0) return;
    await this.#log.commit({ lease: this.#lease, appends: [], positions: ahead });
    for (const { topic, partition, next } of ahead)
      this.#exported.set(`${topic}/${partition}`, next);
  }

  async export(
    refused: readonly { readonly record: LogRecord; readonly refusal: Refusal }[],
  ): Promise<void> {
    const fresh = refused.filter(({ record }) => record.offset >= this.#nextOf(record));
    if (fresh.length === 0) return;
    const next = new Map<string, Position>();
    for (const { record } of fresh) {
      const { topic, partition, offset } = record;
      next.set(`${topic}/${partition}`, { topic, partition, next: offset + 1 });
    }
    await this.#log.commit({
      lease: this.#lease,
      positions: [...next.values()],
      appends: fresh.map(({ record, refusal }) =>
        deadLetter(record, { stage: `projector.${this.#projection}`, ...refusal }),
      ),
    });
    for (const [at, position] of next) this.#exported.set(at, position.next);
  }

  async #exportRow(topic: string, partition: number, row: DeadLetterPlace): Promise<void> {
    const limits = { maxRecords: 1, maxBytes: 1 };
    const [record] = await this.#log.read(topic, partition, Number(row.log_offset), limits);
    if (record === undefined) return;
    await this.export([{ record, refusal: { code: row.error_code, reason: row.error_message } }]);
  }

  #nextOf({ topic, partition }: LogRecord): number {
    return this.#exported.get(`${topic}/${partition}`) ?? 0;
  }
}

interface DeadLetterPlace {
  readonly log_offset: number | string;
  readonly error_code: string;
  readonly error_message: string;
}

const NOT_EXPORTED = `
  SELECT log_offset, error_code, error_message FROM dead_letters
  WHERE projection = $1 AND topic = $2 AND partition = $3 AND log_offset >= $4
  ORDER BY log_offset`;
