import { setImmediate } from "node:timers/promises";
import type { ClientBase, Connection, Submittable } from "pg";
import type { Statement } from "./statement.ts";
import { WireBuffer } from "./wire-buffer.ts";
import { writeStatement, writeSync } from "./wire-messages.ts";

/** A statement of a pipeline failed; those after it were not executed. `cause` is what failed it. */
export class StatementError extends Error {
  readonly code = "pipeline.statement-failed";
  /** Name of the statement that was not completed. */
  readonly facts: { readonly statement: string };

  constructor(statement: string, cause: unknown) {
    super(`${statement} failed`, { cause });
    this.name = "StatementError";
    this.facts = { statement };
  }
}

/**
 * Runs statements one after the other without waiting for the answer of one before the next is
 * sent: they take one round trip together. After a failure the server skips all that follow, a
 * COMMIT among them, so a transaction that was begun has to be rolled back by the caller.
 *
 * @throws StatementError with the server's error, or the connection's, as its cause
 */
export async function runTogether(
  client: ClientBase,
  statements: readonly Statement[],
): Promise<void> {
  const pipeline = new Pipeline(statements);
  client.query(pipeline);
  await pipeline.ended;
}

/** Bytes sent at once. The server works on them while the next are encoded. */
const CHUNK_BYTES = 131_072;

/** What a connection needs from one pipeline to the next. */
interface Line {
  readonly wire: WireBuffer;
  /** Statements that the server is known to have prepared. */
  readonly prepared: Set<string>;
}

const lines = new WeakMap<Connection, Line>();

/**
 * Several statements with one Sync behind them. The driver has no interface for that: it sends one
 * after each statement. It hands messages to the query they answer, by the methods below.
 */
class Pipeline implements Submittable {
  readonly ended: Promise<void>;
  /**
   * Set by the driver when answers are waited for only so long, to end the wait. Without a call the
   * timer, and through it all values of the batch, would live on until it fires.
   */
  callback: (() => void) | undefined;
  readonly #statements: readonly Statement[];
  readonly #end = Promise.withResolvers<void>();
  #completed = 0;
  #failed = false;
  #defect: StatementError | null = null;

  constructor(statements: readonly Statement[]) {
    this.#statements = statements;
    this.ended = this.#end.promise;
  }

  /** Called by the driver when the connection is free. */
  submit(connection: Connection): void {
    void this.#send(connection);
  }

  /** Called by the driver after each statement. */
  handleCommandComplete(): void {
    this.#completed += 1;
  }

  handleDataRow(): void {
    // What statements return is of no interest: they fail when something is wrong.
  }

  /** Called by the driver when the server or the connection fails. */
  handleError(error: unknown): void {
    this.#failed = true;
    this.callback?.();
    const { name } = this.#statements[this.#completed] ?? { name: "sync" };
    this.#end.reject(new StatementError(name, error));
  }

  /** Called by the driver when the server is done with all of them. */
  handleReadyForQuery(connection: Connection): void {
    this.callback?.();
    if (this.#defect !== null) {
      this.#end.reject(this.#defect);
      return;
    }
    const line = lines.get(connection);
    for (const { name } of this.#statements) line?.prepared.add(name);
    this.#end.resolve();
  }

  async #send(connection: Connection): Promise<void> {
    const line = lineOf(connection);
    const { wire } = line;
    wire.reset();
    for (const [index, statement] of this.#statements.entries()) {
      if (this.#failed) break;
      const start = wire.at;
      try {
        writeStatement(wire, statement, line.prepared.has(statement.name));
      } catch (error) {
        // A value of a foreign type: a defect of ours, told when the server is done with the rest.
        wire.at = start;
        this.#defect = new StatementError(statement.name, error);
        break;
      }
      const isLast = index === this.#statements.length - 1;
      if (wire.pending < CHUNK_BYTES || isLast) continue;
      await sent(connection, wire.take());
      wire.reset();
      // Encoding a large batch takes milliseconds, which others wait for.
      await setImmediate();
    }
    writeSync(wire);
    await sent(connection, wire.take());
  }
}

function lineOf(connection: Connection): Line {
  const known = lines.get(connection);
  if (known !== undefined) return known;
  const line = { wire: new WireBuffer(), prepared: new Set<string>() };
  lines.set(connection, line);
  return line;
}

/** Resolves when the bytes are out of our memory. A broken connection says so to the query. */
function sent({ stream }: Connection, bytes: Buffer): Promise<void> {
  return new Promise((resolve) => {
    if (stream.writable) stream.write(bytes, () => resolve());
    else resolve();
  });
}
