import { openFileLog } from "@amc/platform/log/file";
import type { Log } from "@amc/platform/log/port";
import { systemLayout } from "@amc/platform/runtime/layout";
import { dataDirectoryAt } from "../operations/data-directory.ts";

/** The log of a data directory, one partition per topic; made when there is none yet. */
export function logAt(path: string): Promise<Log> {
  return openFileLog({
    directory: dataDirectoryAt(path).log,
    layout: systemLayout(1),
    clock: () => Date.now(),
  });
}
