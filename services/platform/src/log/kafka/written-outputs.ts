import type { Headers, LogRecord, Position } from "../port.ts";
import { recordSource } from "../record-source.ts";

/** The input an output was derived from. */
interface Source {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

interface Identity {
  readonly id: string;
  /** Null where the record does not say. */
  readonly source: Source | null;
}

interface Written {
  readonly offset: number;
  readonly source: Source | null;
}

/**
 * Outputs that are in the log although their commit never counted: the process died, or lost its
 * connection, between the two. The same work done again derives the same outputs, so each is taken
 * from here instead of being written twice.
 */
export class WrittenOutputs {
  readonly #written = new Map<string, Written>();

  get size(): number {
    return this.#written.size;
  }

  /** Takes a record from behind the last commit, if the unit had not yet committed its source. */
  add(record: LogRecord, unit: number, positions: readonly Position[]): void {
    const identity = identityOf(record.headers);
    if (identity === null || !isOpen(identity.source, unit, positions)) return;
    const { topic, partition, offset } = record;
    const id = `${topic}/${partition}/${identity.id}`;
    // Of two copies the first one is what every reader has seen first.
    if (!this.#written.has(id)) this.#written.set(id, { offset, source: identity.source });
  }

  /** Offset of an output that is already there; it is given once. */
  take(topic: string, partition: number, headers: Headers): number | undefined {
    if (this.#written.size === 0) return undefined;
    const identity = identityOf(headers);
    if (identity === null) return undefined;
    const id = `${topic}/${partition}/${identity.id}`;
    const offset = this.#written.get(id)?.offset;
    this.#written.delete(id);
    return offset;
  }

  /** Forgets what no later commit can derive again. */
  prune(unit: number, positions: readonly Position[]): void {
    for (const [id, { source }] of this.#written) {
      if (source === null || !isOpen(source, unit, positions)) this.#written.delete(id);
    }
  }
}

/** Whether an output of this source may still have to be derived by the unit. */
function isOpen(source: Source | null, unit: number, positions: readonly Position[]): boolean {
  if (source === null || positions.length === 0) return true;
  const { topic, partition, offset } = source;
  const position = positions.find((one) => one.topic === topic && one.partition === partition);
  return position === undefined ? partition === unit : offset >= position.next;
}

/**
 * The event id tells outputs apart, not the record they were derived from: where a stage joins several
 * topics, a second reading may come to the same event at another record of another one, and what is
 * derived from a record may be another event.
 */
function identityOf(headers: Headers): Identity | null {
  const deadOffset = headers["dlq-offset"];
  if (deadOffset !== undefined) {
    const topic = headers["dlq-topic"] ?? "";
    const partition = headers["dlq-partition"] ?? "";
    const id = `dlq/${headers["dlq-stage"] ?? ""}/${topic}/${partition}/${deadOffset}`;
    const source = { topic, partition: Number(partition), offset: Number(deadOffset) };
    return { id, source };
  }
  const source = recordSource(headers);
  const id = headers.ce_id;
  if (source === null) return id === undefined ? null : { id: `ce/${id}`, source };
  const { stage, topic, partition, offset, index } = source;
  const place = `${topic}/${partition}/${offset}#${index}`;
  return { id: `${stage}/${id === undefined ? place : `ce/${id}`}`, source };
}
