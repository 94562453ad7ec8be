import { closeSync, fsyncSync, openSync } from "node:fs";

/** A file's bytes or a directory's entries are durable only once synced. */
export function sync(path: string): void {
  const file = openSync(path, "r");
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
