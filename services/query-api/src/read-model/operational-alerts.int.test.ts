import { startTestPostgres, type TestDatabase } from "@amc/platform/postgres/testing";
import { DAY_MS } from "@amc/streams/market/calendar-date";
import { TEN_O_CLOCK } from "@amc/streams/testing/features-builder";
import { alertRaised } from "@amc/streams/testing/job-events";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { insertEvent } from "../testing/insert-story.ts";
import type { OperationalAlertsQuery } from "./port.ts";
import { createPostgresReadModel } from "./postgres-read-model.ts";

const day = (days: number) => ({ happenedAt: TEN_O_CLOCK - days * DAY_MS });
const EVENTS = [
  ...[alertRaised(day(0)), alertRaised(day(2))],
  alertRaised({ ...day(1), kind: "schedule.unreadable" }),
];

describe("alerts of operators in PostgreSQL", () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await startTestPostgres();
    for (const event of EVENTS) await insertEvent(database.pool("projector"), event, new Map());
  });
  afterAll(() => database.drop());

  const found = (known: Partial<OperationalAlertsQuery>) =>
    createPostgresReadModel(database.pool("api")).read((view) =>
      view.operationalAlerts({
        ...{ kind: null, limit: 10, after: null, asOfMs: null, fromMs: null, toMs: null, ...known },
      }),
    );

  it("are read newest first, page by page, as they were raised", async () => {
    const all = await found({});
    const [newest, oldest, middle] = EVENTS.map(({ id, value: event }) => ({ id, event }));
    expect(all).toEqual([newest, middle, oldest]);
    const after = { atMs: newest?.event.happenedAt ?? 0, id: newest?.id ?? "" };
    expect(await found({ after, limit: 1 })).toEqual([middle]);
  });

  it("are found by kind and span", async () => {
    const unreadable = await found({ kind: "schedule.unreadable" });
    expect(unreadable.map(({ id }) => id)).toEqual([EVENTS[2]?.id]);
    const span = { fromMs: day(2).happenedAt, toMs: day(1).happenedAt };
    expect((await found(span)).map(({ id }) => id)).toEqual([EVENTS[1]?.id]);
  });
});
