import {
  closeSync,
  fchmodSync,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";

/** What is done in turn; a process may end after any of them. */
export type ReplaceStep = "created" | "written" | "synced" | "renamed";

/**
 * Puts `bytes` in the place of a file, readable by its owner only: whoever reads it, also after a kill
 * or a power loss at any point, finds the old bytes or the new ones and nothing in between. One
 * process at a time: what a killed one left under the other name is taken away.
 */
export function replaceFile(
  path: string,
  bytes: string,
  onStep: (step: ReplaceStep) => void = () => undefined,
): void {
  const unfinished = `${path}.new`;
  rmSync(unfinished, { force: true });
  const file = openSync(unfinished, "wx", 0o600);
  try {
    // Whatever the umask of this process took away.
    fchmodSync(file, 0o600);
    onStep("created");
    writeFileSync(file, bytes);
    onStep("written");
    fsyncSync(file);
    onStep("synced");
  } finally {
    closeSync(file);
  }
  renameSync(unfinished, path);
  onStep("renamed");
  const directory = openSync(dirname(path), "r");
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}
