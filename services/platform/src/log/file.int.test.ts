import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openFileLog } from "./file.ts";
import { describeLogContract } from "./log.contract.ts";

describeLogContract("file log", async (layout) => {
  const parent = mkdtempSync(join(tmpdir(), "amc-log-"));
  let nowMs = 1_610_548_200_000;
  const options = { directory: join(parent, "log"), layout, clock: () => nowMs };
  let log = await openFileLog(options);
  return {
    log,
    later: async () => {
      nowMs += 1_000;
    },
    reopen: async () => {
      await log.close();
      log = await openFileLog(options);
      return log;
    },
    close: async () => {
      await log.close();
      rmSync(parent, { recursive: true });
    },
  };
});
