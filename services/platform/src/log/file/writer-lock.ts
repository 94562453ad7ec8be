import { closeSync, existsSync, openSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { LogError } from "../errors.ts";
import { storageFailure } from "./failure.ts";

/**
 * One writer at a time, across processes. Node has no file locks, SQLite has: the lock is an open
 * write transaction in a small database of its own, so it dies with the process however that ends.
 * (POSIX locks: opening and closing this file by other means in the owning process would drop it.)
 */
export class WriterLock {
  readonly #db: DatabaseSync;

  constructor(path: string) {
    try {
      if (!existsSync(path)) closeSync(openSync(path, "a", 0o600));
      this.#db = new DatabaseSync(path, { timeout: 0 });
    } catch (error) {
      throw storageFailure(error, path, "log.cannot-open");
    }
    try {
      // Committed first, so that a refused process can say who holds the lock.
      this.#db.exec(`BEGIN IMMEDIATE;
        CREATE TABLE IF NOT EXISTS holder (id INTEGER PRIMARY KEY, pid INTEGER);
        REPLACE INTO holder VALUES (1, ${process.pid});
        COMMIT;
        BEGIN IMMEDIATE`);
    } catch (error) {
      const refusal = this.#refusal(error, path);
      this.#db.close();
      throw refusal;
    }
  }

  release(): void {
    this.#db.close();
  }

  #refusal(error: unknown, path: string): LogError {
    const failure = storageFailure(error, path, "log.cannot-open");
    if (failure.code !== "log.locked") return failure;
    const pid = this.#holder();
    return new LogError(
      "log.locked",
      `${path} is held by another writer${pid === undefined ? "" : ` (process ${pid})`}`,
      { path, ...(pid === undefined ? {} : { pid }) },
      { cause: error },
    );
  }

  /** Unknown while the other writer is just taking the lock. */
  #holder(): number | undefined {
    try {
      const pid = this.#db.prepare("SELECT pid FROM holder WHERE id = 1").get()?.pid;
      return typeof pid === "number" ? pid : undefined;
    } catch {
      return undefined;
    }
  }
}
