import type { Log } from "@amc/platform/log/port";
import { ROLE_NAMES } from "@amc/platform/postgres/rights";
import { startTestPostgres, type TestDatabase } from "@amc/platform/postgres/testing";
import type { PoolClient } from "pg";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { CommitPoint, Probe } from "./commit-batch.ts";
import { append, emptyLog } from "./testing/log-of-events.ts";
import { digestsOf, poolOf, projectAll, projectorOn } from "./testing/projector-fixture.ts";
import { recordedLog } from "./testing/recorded-log.ts";
import { sequence, simulatedMarket } from "./testing/simulated-market.ts";

const SMALL = { symbols: 10, slots: 4, slices: 2 };

describe("a projector and its database", () => {
  let database: TestDatabase;
  let untouched: TestDatabase;
  let log: Log;

  beforeEach(async () => {
    database = await startTestPostgres();
    untouched = await startTestPostgres();
    log = emptyLog();
  });
  afterEach(async () => {
    await database.drop();
    await untouched.drop();
  });

  /** Ends the connection's process in the server: what a restart or a dead network looks like. */
  async function terminate(client: PoolClient): Promise<void> {
    const { rows } = await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
    const [row] = rows;
    await poolOf(database, "superuser").query("SELECT pg_terminate_backend($1)", [row?.pid]);
  }

  it("applies each record once when connections break in every step of a commit", async () => {
    const recorded = await recordedLog(21);
    const random = sequence(21);
    const broken = new Map<CommitPoint, number>();
    const probe: Probe = async (point, client) => {
      if (client === undefined || random() > 0.15) return;
      broken.set(point, (broken.get(point) ?? 0) + 1);
      await terminate(client);
    };
    const projector = await projectAll(database, recorded, { probe });
    expect(broken.size).toBeGreaterThan(5);
    expect(projector.counts().retries).toBeGreaterThan(5);
    await projectAll(untouched, recorded);
    expect(await digestsOf(database)).toEqual(await digestsOf(untouched));
  });

  it("applies each record once when its connections break while everything is under way", async () => {
    const recorded = await recordedLog(29);
    const projector = projectorOn(database, recorded);
    let isDone = false;
    const projecting = projector.runUntilCaughtUp().finally(() => {
      isDone = true;
    });
    // Without a probe a transaction is sent at once, so it is cut wherever it is just then.
    let broken = 0;
    while (!isDone && broken < 40) {
      const { rowCount } = await poolOf(database, "superuser").query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1 AND datname = $2",
        [ROLE_NAMES.projector, database.name],
      );
      broken += rowCount ?? 0;
    }
    await projecting;
    expect(projector.counts().retries).toBeGreaterThan(3);
    await projectAll(untouched, recorded);
    expect(await digestsOf(database)).toEqual(await digestsOf(untouched));
  });

  it("reads the positions back when the answer to a COMMIT is lost, done or not", async () => {
    const recorded = await recordedLog(22);
    const random = sequence(22);
    const outcomes = { done: 0, notDone: 0 };
    const probe: Probe = async (point, client) => {
      if (point !== "before-commit" || client === undefined || random() > 0.5) return;
      if (random() > 0.5) {
        await client.query("COMMIT");
        outcomes.done += 1;
      } else {
        outcomes.notDone += 1;
      }
      await terminate(client);
    };
    await projectAll(database, recorded, { probe });
    expect(outcomes.done).toBeGreaterThan(1);
    expect(outcomes.notDone).toBeGreaterThan(1);
    await projectAll(untouched, recorded);
    expect(await digestsOf(database)).toEqual(await digestsOf(untouched));
    const counted = "SELECT sum(applied)::integer AS applied FROM projection_positions";
    const { rows } = await poolOf(database, "api").query(counted);
    expect((await poolOf(untouched, "api").query(counted)).rows).toEqual(rows);
  });

  it("ends fenced when another projector takes over, and the two together apply all once", async () => {
    const events = simulatedMarket(23, SMALL);
    const first = projectorOn(database, log);
    await first.start();
    await append(log, events.slice(0, 100));
    const second = projectorOn(database, log);
    await second.start();
    await append(log, events.slice(100));
    await expect(first.ended).rejects.toMatchObject({ code: "projector.fenced" });
    while (!(await second.caughtUp())) await new Promise(setImmediate);
    await second.stop();
    await projectAll(untouched, log);
    expect(await digestsOf(database)).toEqual(await digestsOf(untouched));
  });

  it("writes nothing as a zombie whose transaction was begun before the takeover", async () => {
    await append(log, simulatedMarket(24, SMALL));
    const reached = Promise.withResolvers<void>();
    const resume = Promise.withResolvers<void>();
    const zombie = projectorOn(database, log, {
      probe: async (point) => {
        if (point !== "begun") return;
        reached.resolve();
        await resume.promise;
      },
    });
    const ended = zombie.runUntilCaughtUp();
    await reached.promise;
    await projectAll(database, log);
    resume.resolve();
    await expect(ended).rejects.toMatchObject({ code: "projector.fenced" });
    await projectAll(untouched, log);
    expect(await digestsOf(database)).toEqual(await digestsOf(untouched));
  });

  it("waits for a lock on its tables and loses nothing", async () => {
    await append(log, simulatedMarket(25, SMALL));
    const blocker = await poolOf(database, "superuser").connect();
    await blocker.query("BEGIN; LOCK TABLE read_model.features_latest IN ACCESS EXCLUSIVE MODE");
    const projecting = projectAll(database, log);
    await append(log, simulatedMarket(26, SMALL));
    await blocker.query("ROLLBACK");
    blocker.release();
    await projecting;
    await projectAll(database, log);
    await projectAll(untouched, log);
    expect(await digestsOf(database)).toEqual(await digestsOf(untouched));
  });

  it("ends with the place it stood at when input waits for a minute and nothing is committed", async () => {
    await append(log, simulatedMarket(28, SMALL));
    const released = Promise.withResolvers<void>();
    let nowMs = 0;
    const stuck = projectorOn(database, log, {
      probe: (point) => (point === "begun" ? released.promise : undefined),
      clock: {
        now: () => nowMs,
        sleep: async (ms) => {
          nowMs += ms;
          await new Promise(setImmediate);
        },
      },
    });
    await stuck.start();
    await expect(stuck.ended).rejects.toMatchObject({
      code: "runtime.stalled",
      facts: { projection: "discovery", "discovery.run.v1/0": 0 },
    });
    released.resolve();
  });

  it("stops with an error when retention ate what it still had to read", async () => {
    await append(log, simulatedMarket(27, SMALL));
    await log.truncateBefore("market.price-tick.v1", 0, 3);
    await expect(projectAll(database, log)).rejects.toMatchObject({
      code: "log.offset-out-of-range",
    });
  });
});
