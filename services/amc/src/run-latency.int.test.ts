import { createMemoryCache } from "@amc/platform/cache/memory";
import { createMemoryLog } from "@amc/platform/log/memory";
import { createLogger } from "@amc/platform/logger";
import { startTestPostgres, type TestDatabase } from "@amc/platform/postgres/testing";
import { systemLayout } from "@amc/platform/runtime/layout";
import { createProjector } from "@amc/projector/projector";
import { simulatedMarket } from "@amc/replay/simulated-market";
import { writeSlices } from "@amc/replay/slice-writer";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { processAll } from "./testing/simulated-system.ts";

const SYMBOLS = 500;
/** R-DIS-03: a bound of the requirement, generous for what is measured here. */
const LIMIT_MS = 30_000;

describe("a run over 500 symbols", () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await startTestPostgres();
  });
  afterAll(() => database.drop());

  it("has a measured total_execution_time_ms below 30000 (R-DIS-03)", async () => {
    const log = createMemoryLog(systemLayout(1), () => 0);
    const size = { symbols: SYMBOLS, warmupSessions: 105, sessions: 1, minutes: 31, seed: 3 };
    await writeSlices(log, simulatedMarket(size));
    await processAll(log, SYMBOLS);
    const projector = createProjector({
      log,
      pool: database.pool("projector"),
      cache: createMemoryCache(() => 0),
      logger: createLogger("fatal"),
    });
    await projector.runUntilCaughtUp();
    const { rows } = await database.pool("api").query(
      `SELECT universe_size, execution_time_measured, total_execution_time_ms AS ms
       FROM discovery_audit_log ORDER BY created_at`,
    );
    expect(rows.length).toBeGreaterThan(0);
    for (const row of rows) {
      expect(row).toMatchObject({ universe_size: SYMBOLS, execution_time_measured: true });
      expect(row.ms).toBeLessThan(LIMIT_MS);
    }
  });
});
