import { execFile } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { errorCode } from "@amc/platform/postgres/errors";
import { StackError } from "../errors.ts";

const run = promisify(execFile);

/** Folder with the content of a .tar.gz of the cache; unpacked once, whole or not at all. */
export async function unpack(archive: string, cache: string): Promise<string> {
  const folder = join(cache, "unpacked", basename(archive, ".tar.gz"));
  if (existsSync(folder)) return folder;
  const partial = `${folder}.${process.pid}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  try {
    await run("tar", ["-xzf", archive, "-C", partial]);
    renameSync(partial, folder);
  } catch (error) {
    rmSync(partial, { recursive: true, force: true });
    // Another process was quicker.
    if (errorCode(error) === "ENOTEMPTY" || errorCode(error) === "EEXIST") return folder;
    const missing = errorCode(error) === "ENOENT";
    throw new StackError(
      missing ? "stack.not-installed" : "stack.start-failed",
      missing ? "no tar on this machine" : `${archive} cannot be unpacked`,
      { path: archive },
      { cause: error },
    );
  }
  return folder;
}
