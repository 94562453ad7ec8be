import { nextOffset } from "@amc/platform/log/next-offset";
import type { Headers, Log, ReadLimits } from "@amc/platform/log/port";

const LIMITS: ReadLimits = { maxRecords: 2_000, maxBytes: 8 * 1024 * 1024 };

/** Whose records are looked for: the `ce_source` of all of them, the `dlq-stage` of dead letters. */
interface Writer {
  readonly producer: string;
  readonly stage: string;
}

/**
 * One partition that a play writes to, and what an earlier play has written to it behind its last
 * progress: its process ended between the facts of a chunk and the progress that counts them. A
 * resumed play comes to the same records again and takes them from here.
 */
export class WrittenAhead {
  /** Offsets by id. */
  readonly #found: Map<string, number>;
  readonly #lastFound: number | null;
  readonly #endOfLog: number;
  #end: number;

  private constructor(found: Map<string, number>, endOfLog: number) {
    this.#found = found;
    this.#endOfLog = endOfLog;
    this.#lastFound = found.size === 0 ? null : Math.max(...found.values());
    this.#end = found.size === 0 ? endOfLog : Math.min(...found.values());
  }

  /** Reads a partition from where progress was committed; what others wrote is passed over. */
  static async read(
    log: Log,
    topic: string,
    partition: number,
    { from, ...writer }: { readonly from: number } & Writer,
  ): Promise<WrittenAhead> {
    const end = await log.endOffset(topic, partition);
    const found = new Map<string, number>();
    for (let next = from; next < end; ) {
      const records = await log.read(topic, partition, next, LIMITS);
      for (const { headers, offset } of records) {
        const id = idBy(writer, headers);
        // Of two copies the first one is what every reader has seen first.
        if (id !== null && !found.has(id)) found.set(id, offset);
      }
      if (records.length === 0) break;
      next = nextOffset(records, next);
    }
    return new WrittenAhead(found, end);
  }

  /** Behind everything that is accounted for: what a tick may cover. */
  get end(): number {
    return this.#end;
  }

  /** Offset of a record that is there already, which is given once; null when it has to be written. */
  take(id: string): number | null {
    const offset = this.#found.get(id) ?? null;
    this.#found.delete(id);
    return offset;
  }

  /** Accounts for a record, whoever wrote it. */
  account(offset: number): void {
    // Behind the last one that was found there is nothing but records of others.
    this.#end = offset === this.#lastFound ? this.#endOfLog : offset + 1;
  }
}

/**
 * Id of a record as the player writes it; null for those of others, re-driven ones among them and
 * facts of its own that another stage refused.
 */
function idBy({ producer, stage }: Writer, headers: Headers): string | null {
  const refusedBy = headers["dlq-stage"] ?? stage;
  const isOwn = headers.ce_source === producer && refusedBy === stage;
  return isOwn && headers["dlq-attempt"] === undefined ? (headers.ce_id ?? null) : null;
}
