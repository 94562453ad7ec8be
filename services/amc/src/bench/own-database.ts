import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Database, openOwnDatabase } from "../database.ts";

/** A server of its own, as `npm start` makes one, in a directory that goes afterwards. */
export async function withDatabase<Result>(work: (database: Database) => Promise<Result>) {
  const dataDirectory = await mkdtemp(join(tmpdir(), "amc-bench-"));
  try {
    const database = await openOwnDatabase(dataDirectory);
    try {
      return await work(database);
    } finally {
      await database.close();
    }
  } finally {
    await rm(dataDirectory, { recursive: true, force: true });
  }
}
