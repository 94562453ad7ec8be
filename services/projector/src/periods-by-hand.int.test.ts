import type { Log } from "@amc/platform/log/port";
import { startTestPostgres, type TestDatabase } from "@amc/platform/postgres/testing";
import type { AnyEvent } from "@amc/streams/kernel/stage";
import { newYorkToUtc } from "@amc/streams/market/event-time";
import { clockTick, shortInterest } from "@amc/streams/testing/projected-events";
import { periodDecided } from "@amc/streams/testing/schedule-events";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { rebuildReadModel } from "./rebuild.ts";
import { emptyLog, recordOf } from "./testing/log-of-events.ts";
import { digestsOf, poolOf, projectAll, projectorOn } from "./testing/projector-fixture.ts";
import { quietLogger } from "./testing/quiet-logger.ts";

// TV-FIN: settled 2021-01-15, due 01-20, published 01-27.
const SETTLED = "2021-01-15";
const at = newYorkToUtc;
const tick = (date: string, time: string) =>
  clockTick({ happenedAt: at(date, time), discovery: false });
const DECIDED = at("2021-01-22", "10:00");
const LATER = periodDecided(SETTLED, "published=2021-01-29", DECIDED);
const EARLIER = periodDecided(SETTLED, "published=2021-01-26", DECIDED);
const WITHDRAWN = periodDecided(SETTLED, null, at("2021-01-25", "10:00"));
const FIGURE = shortInterest({
  ...{ settlementDate: SETTLED, publishedAt: at("2021-01-29", "18:00") },
  capturedAt: at("2021-01-29", "18:30"),
});
const PERIOD = `
  SELECT to_char(due_date, 'YYYY-MM-DD') AS due, to_char(published_date, 'YYYY-MM-DD') AS published,
         status, notes, event_id, updated_at
  FROM finra_reporting_schedule WHERE settlement_date = '${SETTLED}'`;

/** Ticks and decisions stand in every partition. */
async function append(log: Log, events: readonly AnyEvent[]): Promise<void> {
  const appends = events.flatMap((event) => {
    if (event.topic === "short.interest.v1") return [recordOf(event)];
    const partitions = Array.from({ length: log.partitions(event.topic) }, (_, index) => index);
    return partitions.map((partition) => ({ ...recordOf(event), partition }));
  });
  await log.commit({ appends });
}

describe("a period of FINRA's schedule that is decided by hand (R-SI-17)", () => {
  let database: TestDatabase;
  let log: Log;

  beforeEach(async () => {
    database = await startTestPostgres();
    log = emptyLog();
  });
  afterEach(() => database.drop());

  /** The row after some more events. */
  async function after(...events: readonly AnyEvent[]) {
    await append(log, events);
    const projector = await projectAll(database, log);
    await projector.stop();
    const { rows } = await poolOf(database, "api").query(PERIOD);
    return rows[0];
  }

  it("has the day of the decision, says manual, and is available from that day on", async () => {
    expect(await after(tick("2021-01-21", "10:00"))).toMatchObject({
      ...{ due: "2021-01-20", published: "2021-01-27", status: "pending", notes: null },
      event_id: null,
    });
    expect(await after(LATER, tick("2021-01-22", "10:01"))).toEqual({
      ...{ due: "2021-01-20", published: "2021-01-29", status: "pending" },
      ...{ notes: "manual, by ann: notice of FINRA", event_id: LATER.id },
      updated_at: new Date(DECIDED),
    });
    expect(await after(tick("2021-01-27", "18:00"))).toMatchObject({ status: "pending" });
    expect(await after(tick("2021-01-29", "18:00"))).toMatchObject({
      ...{ status: "available", published: "2021-01-29" },
      updated_at: new Date(at("2021-01-29", "18:00")),
    });
    expect(await after(FIGURE)).toMatchObject({ status: "processed", published: "2021-01-29" });
  });

  it("is available before the calendar says so when it was brought forward, and stays so", async () => {
    expect(await after(EARLIER, tick("2021-01-26", "18:00"))).toMatchObject({
      ...{ status: "available", published: "2021-01-26" },
    });
    expect(await after(tick("2021-01-26", "18:01"))).toMatchObject({ status: "available" });
    expect(await after(tick("2021-01-27", "18:00"))).toMatchObject({ published: "2021-01-26" });
  });

  it("is the calendar's again once the decision is withdrawn", async () => {
    await after(tick("2021-01-21", "10:00"), LATER);
    expect(await after(WITHDRAWN, tick("2021-01-27", "18:00"))).toMatchObject({
      ...{ published: "2021-01-27", status: "available", notes: null, event_id: null },
    });
  });

  it("is one row whatever comes first, in one batch or in many, and a rebuild makes it again", async () => {
    const events = [
      ...[tick("2021-01-21", "10:00"), tick("2021-01-27", "18:00"), tick("2021-02-01", "10:00")],
      ...[LATER, periodDecided("2021-01-29", "published=2021-02-03", DECIDED), FIGURE],
      periodDecided("2021-02-12", "due=2021-02-18", DECIDED + 1),
    ];
    await append(log, events);
    await projectAll(database, log);
    const { event_index: _, ...expected } = await digestsOf(database);
    const orders = fc.sample(fc.shuffledSubarray(events, { minLength: events.length }), {
      ...{ numRuns: 3, seed: 7 },
    });
    for (const order of orders) {
      await database.drop();
      database = await startTestPostgres();
      log = emptyLog();
      const projector = projectorOn(database, log);
      for (const event of order) {
        await append(log, [event, event]);
        await projector.runUntilCaughtUp();
      }
      await projector.stop();
      const { event_index: __, ...tables } = await digestsOf(database);
      expect(tables).toEqual(expected);
    }
    const report = await rebuildReadModel({
      log,
      migrator: database.connection("migrator"),
      projector: database.connection("projector"),
      logger: quietLogger,
      swap: false,
    });
    expect(report.differences).toEqual([]);
  });
});
