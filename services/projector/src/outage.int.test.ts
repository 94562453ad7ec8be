import type { Log } from "@amc/platform/log/port";
import { createPool } from "@amc/platform/postgres/pool";
import {
  type InterruptibleDatabase,
  startInterruptiblePostgres,
  startTestPostgres,
  type TestDatabase,
} from "@amc/platform/postgres/testing";
import { STALL_LIMIT_MS } from "@amc/platform/runtime/watchdog";
import { PROJECTION_NAMES } from "@amc/streams/projections/projections";
import { TEN_O_CLOCK } from "@amc/streams/testing/features-builder";
import { clockTick } from "@amc/streams/testing/projected-events";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Probe } from "./commit-batch.ts";
import { BACKOFF_MAX_MS } from "./failures.ts";
import type { Projector } from "./projector.ts";
import { append, emptyLog, recordOf } from "./testing/log-of-events.ts";
import { ManualClock } from "./testing/manual-clock.ts";
import { digestsOf, poolOf, projectAll, projectorOn } from "./testing/projector-fixture.ts";
import { recordedLog } from "./testing/recorded-log.ts";
import { simulatedMarket } from "./testing/simulated-market.ts";
import { StallableProxy } from "./testing/stallable-proxy.ts";

const MARKET = { symbols: 10, slots: 4, slices: 2 };
const PROJECTIONS = PROJECTION_NAMES.length;
/** Every projection and the watchdog. */
const ALL_WAIT = PROJECTIONS + 1;
const OUTAGE_MS = 10 * STALL_LIMIT_MS;
const PATIENCE_MS = 3 * STALL_LIMIT_MS;
/** Real time, so short; a healthy answer takes a few ms. */
const GIVE_UP_MS = 600;

/** Something for every projection, `calendar` too, which follows the clock. */
async function appendMarket(log: Log, seed: number): Promise<void> {
  const tick = recordOf(clockTick({ happenedAt: TEN_O_CLOCK + seed }));
  await append(log, simulatedMarket(seed, MARKET));
  await log.commit({ appends: [{ ...tick, partition: 0 }] });
}

const caughtUp = async (projector: Projector) => {
  while (!(await projector.caughtUp())) await new Promise(setImmediate);
};

/** Lets so much time pass, from one sleeper to the next, with every try ended in between. */
async function endure(clock: ManualClock, ms: number): Promise<void> {
  const until = clock.now() + ms;
  while (clock.now() < until) {
    await clock.asleep(ALL_WAIT);
    await clock.passToNext();
  }
  await clock.asleep(ALL_WAIT);
}

async function countsIn(database: TestDatabase): Promise<unknown> {
  const { rows } = await poolOf(database, "superuser").query(
    `SELECT topic, partition, next_offset, applied, skipped, dead_lettered
     FROM read_model.projection_positions ORDER BY projection, topic, partition`,
  );
  return rows;
}

describe("a projector whose PostgreSQL is away", () => {
  let database: InterruptibleDatabase;
  let untouched: TestDatabase;
  let clock: ManualClock;

  beforeEach(async () => {
    database = await startInterruptiblePostgres();
    untouched = await startTestPostgres();
    clock = new ManualClock();
  });
  afterEach(async () => {
    await database.drop();
    await untouched.drop();
  });

  async function expectAllOnce(log: Log): Promise<void> {
    await projectAll(untouched, log);
    expect(await digestsOf(database)).toEqual(await digestsOf(untouched));
    expect(await countsIn(database)).toEqual(await countsIn(untouched));
  }

  it("waits ten minutes, says so, and then applies every record once", async () => {
    const log = await recordedLog(41);
    const stopped = Promise.withResolvers<void>();
    let stopAt = 3;
    // The server goes while commits are under way, so nobody knows which of them took place.
    const probe: Probe = async (point) => {
      if (point !== "before-commit") return;
      stopAt -= 1;
      if (stopAt !== 0) return;
      await database.stopServer();
      stopped.resolve();
    };
    const projector = projectorOn(database, log, { clock, probe });
    let end = "still running";
    projector.ended.then(
      () => (end = "stopped"),
      (error: unknown) => (end = String(error)),
    );
    await projector.start();
    // Only now: a projection that had done all its work before would have nothing to wait with.
    await stopped.promise;
    await appendMarket(log, 42);
    await endure(clock, OUTAGE_MS);

    expect(end).toBe("still running");
    expect(projector.outage()).toMatchObject({
      code: expect.stringMatching(/ENOENT|ECONNREFUSED/),
    });
    expect(projector.outage()?.forMs).toBeGreaterThan(OUTAGE_MS - BACKOFF_MAX_MS);
    // However long it has lasted, the next try comes soon.
    expect(projector.counts().retries).toBeGreaterThan((PROJECTIONS * OUTAGE_MS) / BACKOFF_MAX_MS);
    await appendMarket(log, 43);

    await database.startServer();
    await clock.pass(BACKOFF_MAX_MS);
    await caughtUp(projector);
    expect(projector.outage()).toBeNull();
    await projector.stop();
    expect(end).toBe("stopped");
    await expectAllOnce(log);
  });

  it("makes again what a crash of the server took with it, although nothing new arrives", async () => {
    const log = emptyLog();
    const projector = projectorOn(database, log, { clock });
    await projector.start();
    await appendMarket(log, 44);
    await caughtUp(projector);
    // What commits without waiting is written by the first of these, and the others write it before
    // they write a page of a table; now they do nothing any more.
    const { rows } = await poolOf(database, "superuser").query<{ pid: number }>(
      `SELECT pid FROM pg_stat_activity
       WHERE backend_type IN ('walwriter', 'background writer', 'checkpointer')`,
    );
    for (const { pid } of rows) process.kill(pid, "SIGSTOP");
    await appendMarket(log, 48);
    await caughtUp(projector);
    const flushed = await poolOf(database, "superuser").query<{ all: boolean }>(
      "SELECT pg_current_wal_flush_lsn() = pg_current_wal_insert_lsn() AS all",
    );
    expect(flushed.rows).toEqual([{ all: false }]);
    const { records } = projector.counts();

    database.crashServer();
    // Each projection waits for the server at a pace of its own: time passes until all are back.
    const isBack = async () => projector.counts().records > records && (await projector.caughtUp());
    while (!(await isBack())) {
      await clock.pass(1);
      await new Promise(setImmediate);
    }
    await projector.stop();
    await expectAllOnce(log);
  });
});

describe("a projector whose PostgreSQL hangs", () => {
  it("waits for minutes, and applies every record once although what it gave up arrives late", async () => {
    const database = await startTestPostgres();
    const untouched = await startTestPostgres();
    const connection = database.connection("projector");
    const proxy = await StallableProxy.open(String(connection.host), `.s.PGSQL.${connection.port}`);
    const pool = createPool({
      connection: { ...connection, host: proxy.directory },
      ...{ applicationName: "stalled", max: PROJECTIONS },
      ...{ connectionTimeoutMs: GIVE_UP_MS, answerTimeoutMs: GIVE_UP_MS },
    });
    const clock = new ManualClock();
    const stalled = Promise.withResolvers<void>();
    let stallAt = 3;
    const probe: Probe = (point) => {
      if (point !== "before-commit") return;
      stallAt -= 1;
      if (stallAt !== 0) return;
      proxy.stall();
      stalled.resolve();
    };
    const log = await recordedLog(46);
    const projector = projectorOn({ ...database, pool: () => pool }, log, { clock, probe });
    await projector.start();
    await stalled.promise;
    await appendMarket(log, 47);
    // Every try takes real time here, so all of them are made at once.
    while (clock.now() < 2 * STALL_LIMIT_MS) {
      await clock.asleep(ALL_WAIT);
      await clock.pass(BACKOFF_MAX_MS);
    }
    expect(projector.outage()).toMatchObject({ code: "connection-lost" });
    expect(projector.outage()?.forMs).toBeGreaterThan(STALL_LIMIT_MS + BACKOFF_MAX_MS);

    proxy.resume();
    while (!(await projector.caughtUp())) {
      await clock.pass(1);
      await new Promise(setImmediate);
    }
    await projector.stop();
    await projectAll(untouched, log);
    expect(await digestsOf(database)).toEqual(await digestsOf(untouched));
    expect(await countsIn(database)).toEqual(await countsIn(untouched));
    await pool.end();
    await proxy.close();
    await database.drop();
    await untouched.drop();
  });
});

describe("the watchdog of a projector", () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await startTestPostgres();
  });
  afterEach(() => database.drop());

  /** A projector that meets the same failure in every try, until it ends or enough time has passed. */
  async function meet(failure: () => Promise<void>, hanging = () => 0) {
    const log = emptyLog();
    await appendMarket(log, 45);
    const clock = new ManualClock();
    let failing = true;
    const probe: Probe = (point) => (failing && point === "begun" ? failure() : undefined);
    const projector = projectorOn(database, log, { clock, probe });
    let code = "none";
    projector.ended.catch((error: unknown) => {
      code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
    });
    await projector.start();
    // A try takes no time here: all of it passes while everybody sleeps.
    const triesEnded = async () => {
      const isUnderWay = () => clock.sleepers < ALL_WAIT - hanging() && code === "none";
      while (isUnderWay()) await new Promise(setImmediate);
    };
    while (clock.now() <= PATIENCE_MS && code === "none") {
      await triesEnded();
      await clock.passToNext();
    }
    await triesEnded();
    failing = false;
    return { projector, clock, ended: code };
  }

  const refusal = (code: string) => () =>
    Promise.reject(Object.assign(new Error("from the server"), { code }));

  it.each(["40001", "57014", "25P03"])(
    "ends it when a server in health has refused the same work for a minute with %s",
    async (code) => {
      expect((await meet(refusal(code))).ended).toBe("runtime.stalled");
    },
  );

  it("ends it when a try of an outage neither ends nor fails", async () => {
    const never = Promise.withResolvers<void>();
    let tries = 0;
    const lastHangs = () => {
      tries += 1;
      return tries === 40 ? never.promise : refusal("57P03")();
    };
    const { ended } = await meet(lastHangs, () => (tries >= 40 ? 1 : 0));
    expect(ended).toBe("runtime.stalled");
    never.resolve();
  });

  it("lets a batch take minutes each of whose reads had to wait for a verdict on its schemas", async () => {
    const log = emptyLog(8);
    await appendMarket(log, 48);
    const clock = new ManualClock();
    const read = log.read.bind(log);
    log.read = async (...words) => {
      await clock.pass(6_000);
      return read(...words);
    };
    const projector = projectorOn(database, log, { clock, projections: ["signals"] });
    let ended = "none";
    projector.ended.catch((error: unknown) => {
      ended = String(error);
    });
    await projector.start();
    const done = async () => ended !== "none" || (await projector.caughtUp());
    while (!(await done())) await new Promise(setImmediate);
    expect(clock.now()).toBeGreaterThan(STALL_LIMIT_MS);
    expect(ended).toBe("none");
    await projector.stop();
  });

  it.each(["57P03", "53300"])(
    "lets it wait while the server refuses everybody with %s",
    async (code) => {
      const { projector, clock, ended } = await meet(refusal(code));
      expect(clock.now()).toBeGreaterThan(PATIENCE_MS);
      expect(ended).toBe("none");
      expect(projector.outage()).toMatchObject({ code });
      await clock.pass(BACKOFF_MAX_MS);
      await caughtUp(projector);
      await projector.stop();
    },
  );
});
