import { createMemoryCache } from "@amc/platform/cache/memory";
import type { Log } from "@amc/platform/log/port";
import { createPool } from "@amc/platform/postgres/pool";
import { startTestPostgres, type TestDatabase } from "@amc/platform/postgres/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createProjector, type Projector } from "./projector.ts";
import { hurriedClock } from "./testing/hurried-clock.ts";
import { emptyLog } from "./testing/log-of-events.ts";
import { poolOf, projectAll, projectorOn } from "./testing/projector-fixture.ts";
import { quietLogger } from "./testing/quiet-logger.ts";

const SIGNALS = { projections: ["signals"] } as const;

describe("a projector that is stopped while it takes its projections over", () => {
  let database: TestDatabase;
  let log: Log;
  let stopped: Promise<void>;

  beforeEach(async () => {
    database = await startTestPostgres();
    log = emptyLog();
    stopped = Promise.resolve();
    // The owner that every other one takes the tables from.
    await projectAll(database, log, SIGNALS);
  });
  afterEach(async () => {
    await database.drop();
  });

  /** Who owns what, and with which epoch the tables let it write. */
  async function ownership(): Promise<unknown> {
    const pool = poolOf(database, "superuser");
    const owners = await pool.query("SELECT * FROM read_model.projection_owners ORDER BY 1, 2");
    const positions = await pool.query(
      "SELECT topic, partition, epoch FROM read_model.projection_positions ORDER BY 1, 2",
    );
    return [owners.rows, positions.rows];
  }

  async function expectCutShort(projector: Projector, starting: Promise<void>): Promise<void> {
    await expect(starting).rejects.toMatchObject({ name: "AbortError" });
    await stopped;
    await expect(projector.ended).resolves.toBeUndefined();
  }

  it("takes the tables from nobody when it was let go before its transaction", async () => {
    const before = await ownership();
    const projector = projectorOn(database, log, SIGNALS);
    const starting = projector.start();
    stopped = projector.stop();
    await expectCutShort(projector, starting);
    expect(await ownership()).toEqual(before);
  });

  it("takes the tables from nobody when it is let go inside its transaction", async () => {
    const before = await ownership();
    const partitions = log.partitions.bind(log);
    log.partitions = (topic) => {
      stopped = projector.stop();
      return partitions(topic);
    };
    const projector = projectorOn(database, log, SIGNALS);
    await expectCutShort(projector, projector.start());
    expect(await ownership()).toEqual(before);
  });

  it("takes the tables when it is let go behind its transaction, and nothing of the log: the control", async () => {
    const before = await ownership();
    const acquire = log.acquire.bind(log);
    const holder = await acquire("projector.signals", 0);
    log.acquire = (...of) => {
      stopped = projector.stop();
      return acquire(...of);
    };
    const projector = projectorOn(database, log, SIGNALS);
    await expectCutShort(projector, projector.start());
    expect(await ownership()).not.toEqual(before);
    await log.commit({ appends: [], lease: holder });
  });

  it("from a database that is away has not failed, and tells what it waited for", async () => {
    const connection = { host: "127.0.0.1", port: 9 };
    const projector = createProjector({
      log,
      pool: createPool({ connection, applicationName: "test", max: 1 }),
      cache: createMemoryCache(() => 0),
      logger: quietLogger,
      clock: {
        ...hurriedClock,
        sleep: async () => {
          stopped = projector.stop();
        },
      },
    });
    await expect(projector.start()).rejects.toMatchObject({ code: "ECONNREFUSED" });
    await stopped;
    await expect(projector.ended).resolves.toBeUndefined();
  });
});
