import { startTestPostgres, type TestDatabase } from "@amc/platform/postgres/testing";
import { DAY_MS } from "@amc/streams/market/calendar-date";
import { TEN_O_CLOCK } from "@amc/streams/testing/features-builder";
import { alertRaised, hourMetric } from "@amc/streams/testing/job-events";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { insertEvent } from "../testing/insert-story.ts";
import type { OperationalAlertsQuery } from "./port.ts";
import { createPostgresReadModel } from "./postgres-read-model.ts";

const day = (days: number) => ({ happenedAt: TEN_O_CLOCK - days * DAY_MS });
const EVENTS = [
  ...[alertRaised(day(0)), alertRaised(day(2))],
  alertRaised({ ...day(1), kind: "schedule.unreadable" }),
];

const HOURS = [
  ...[hourMetric(day(0)), hourMetric(day(1))],
  hourMetric({ ...day(0), metric: "provider.latency-p95", value: null, verdict: "UNKNOWN" }),
];

describe("what operators read in PostgreSQL", () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await startTestPostgres();
    const pool = database.pool("projector");
    for (const event of [...EVENTS, ...HOURS]) await insertEvent(pool, event, new Map());
  });
  afterAll(() => database.drop());

  const found = (known: Partial<OperationalAlertsQuery>) =>
    createPostgresReadModel(database.pool("api")).read((view) =>
      view.operationalAlerts({
        ...{ kind: null, limit: 10, after: null, asOfMs: null, fromMs: null, toMs: null, ...known },
      }),
    );

  it("are alerts, newest first, page by page, as they were raised", async () => {
    const all = await found({});
    const [newest, oldest, middle] = EVENTS.map(({ id, value: event }) => ({ id, event }));
    expect(all).toEqual([newest, middle, oldest]);
    const after = { atMs: newest?.event.happenedAt ?? 0, id: newest?.id ?? "" };
    expect(await found({ after, limit: 1 })).toEqual([middle]);
  });

  it("are figures of hours, by their name", async () => {
    const measured = await createPostgresReadModel(database.pool("api")).read((view) =>
      view.hourMetrics({
        ...{ metric: "provider.calls", limit: 10, after: null, asOfMs: null },
        ...{ fromMs: null, toMs: null },
      }),
    );
    const [newest, oldest] = HOURS.map(({ id, value: event }) => ({ id, event }));
    expect(measured).toEqual([newest, oldest]);
  });

  it("are alerts of a kind and a span", async () => {
    const unreadable = await found({ kind: "schedule.unreadable" });
    expect(unreadable.map(({ id }) => id)).toEqual([EVENTS[2]?.id]);
    const span = { fromMs: day(2).happenedAt, toMs: day(1).happenedAt };
    expect((await found(span)).map(({ id }) => id)).toEqual([EVENTS[1]?.id]);
  });
});
