import { SYSTEM_CLOCK } from "@amc/platform/clock";
import { loadConfig } from "@amc/platform/config/load-config";
import { openFileLog } from "@amc/platform/log/file";
import { createLogger } from "@amc/platform/logger";
import { systemLayout } from "@amc/platform/runtime/layout";
import { rebuildReadModel } from "@amc/projector/rebuild";
import { digestsOf } from "@amc/replay/log-digests";
import { openOwnDatabase } from "../database.ts";

/** What is found in a data directory after its processes have been killed. */
export interface Examination {
  /** SHA-256 of every derived topic. */
  readonly digests: Readonly<Record<string, string>>;
  /** Derived records that stand in the log twice. */
  readonly duplicates: number;
  /** Rows that differ between the tables in use and tables rebuilt from the log alone. */
  readonly differences: number;
  /** Rows that were compared, to show that there was something to differ. */
  readonly tables: number;
}

/** Reads the log and rebuilds the tables beside those in use; trusts nothing the product says. */
export async function examineSystem(dataDirectory: string): Promise<Examination> {
  const variables = loadConfig({});
  const log = await openFileLog({
    directory: `${dataDirectory}/log`,
    layout: systemLayout(variables.AMC_PARTITIONS),
    clock: SYSTEM_CLOCK.nowMs,
  });
  const database = await openOwnDatabase(dataDirectory);
  try {
    const topics = await digestsOf(log);
    const report = await rebuildReadModel({
      log,
      ...database.connections,
      logger: createLogger("fatal"),
      swap: false,
    });
    return {
      digests: Object.fromEntries([...topics].map(([topic, { sha256 }]) => [topic, sha256])),
      duplicates: [...topics.values()].reduce((sum, { duplicates }) => sum + duplicates, 0),
      differences: report.differences.reduce(
        (sum, { onlyLeft, onlyRight, different }) => sum + onlyLeft + onlyRight + different,
        0,
      ),
      tables: report.live.length,
    };
  } finally {
    await database.close();
    await log.close();
  }
}
