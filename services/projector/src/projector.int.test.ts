import { createMemoryCache } from "@amc/platform/cache/memory";
import type { Log } from "@amc/platform/log/port";
import { startTestPostgres, type TestDatabase } from "@amc/platform/postgres/testing";
import { oneSlot } from "@amc/streams/testing/projected-events";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createProjector } from "./projector.ts";
import { append, emptyLog } from "./testing/log-of-events.ts";
import { quietLogger } from "./testing/quiet-logger.ts";

describe("projector", () => {
  let database: TestDatabase;
  let log: Log;

  beforeEach(async () => {
    database = await startTestPostgres();
    log = emptyLog();
  });
  afterEach(async () => {
    await database.drop();
  });

  it("works", async () => {
    await append(log, oneSlot());
    const projector = createProjector({
      log,
      pool: database.pool("projector"),
      cache: createMemoryCache(() => 0),
      logger: { ...quietLogger, warn: console.log },
    });
    console.log(await projector.runUntilCaughtUp());
    const api = database.pool("api");
    for (const t of ["detector_performance", "discovery_audit_log", "recommendations", "projection_positions"])
      console.log(t, (await api.query(`select * from ${t}`)).rows);
    expect(1).toBe(1);
  });
});
