import { TEN_O_CLOCK } from "@amc/streams/testing/features-builder";
import { alertRaised, hourMetric } from "@amc/streams/testing/job-events";
import type { FastifyInstance } from "fastify";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { apiUnderTest } from "../testing/api-under-test.ts";
import { memoryReadModel } from "../testing/memory-read-model.ts";
import { story } from "../testing/story.ts";

const DAY_MS = 86_400_000;
const ALERTS = [0, 1, 2, 3, 4].map((days) => {
  const kind = days === 3 ? "schedule.unreadable" : "schedule.differs";
  const happenedAt = TEN_O_CLOCK - days * DAY_MS;
  const { id, value: event } = alertRaised({ kind, happenedAt, simulated: days === 4 });
  return { id, event };
});

const HOURS = [
  hourMetric({ value: 400, usual: 41, score: 52.3, verdict: "ANOMALOUS" }),
  hourMetric({ happenedAt: TEN_O_CLOCK - DAY_MS }),
  hourMetric({ metric: "jobs.given-up", subject: "all", happenedAt: TEN_O_CLOCK - DAY_MS }),
].map(({ id, value: event }) => ({ id, event }));

describe("GET /operations/hours", () => {
  it("R-JOB-15: says what was measured of each hour and what such hours have", async () => {
    const readModel = memoryReadModel({ story: story(), hours: HOURS });
    const app = await apiUnderTest({ readModel, nowMs: () => TEN_O_CLOCK });
    const answer = async (path: string) =>
      (await app.inject({ url: `/operations/hours${path}` })).json();
    const first = await answer("?metric=provider.calls&limit=1");
    expect(first.data).toMatchObject([
      {
        ...{ metric: "provider.calls", subject: "yahoo", value: 400, usual: 41, score: 52.3 },
        ...{ verdict: "anomalous", happenedAt: "2021-01-13T15:00:00.000Z", simulated: false },
      },
    ]);
    const second = await answer(`?metric=provider.calls&limit=1&cursor=${first.next}`);
    expect(second.data.map(({ id }: { id: string }) => id)).toEqual([HOURS[1]?.id]);
    expect(second.next).toBeNull();
    expect((await answer("")).data).toHaveLength(HOURS.length);
    expect((await app.inject({ url: "/operations/hours?metric=nothing" })).statusCode).toBe(400);
    const { body } = await app.inject({ url: "/metrics" });
    const labels = 'metric="provider.calls",subject="yahoo",simulated="false"';
    // Of the newest hour alone.
    expect(body.match(/^amc_hour_metric.*$/gm)).toEqual([`amc_hour_metric{${labels}} 400`]);
    await app.close();
  });
});

describe("GET /operations/alerts", () => {
  let app: FastifyInstance;
  beforeAll(async () => {
    const readModel = memoryReadModel({ story: story(), operationalAlerts: ALERTS });
    app = await apiUnderTest({ readModel, nowMs: () => TEN_O_CLOCK });
  });
  afterAll(() => app.close());

  const answer = async (path: string) =>
    (await app.inject({ url: `/operations/alerts${path}` })).json();

  it("R-ING-04: says what was found and what to do next, newest first", async () => {
    const { data, freshness } = await answer("");
    expect(data.map(({ id }: { id: string }) => id)).toEqual(ALERTS.map(({ id }) => id));
    expect(data[0]).toMatchObject({
      ...{ kind: "schedule.differs", severity: "warning", subject: "check-finra-schedule" },
      ...{ happenedAt: "2021-01-13T15:00:00.000Z", raisedAt: "2021-01-13T15:30:00.000Z" },
      ...{ finding: ALERTS[0]?.event.finding, advice: ALERTS[0]?.event.advice },
      causeId: ALERTS[0]?.event.causeId,
    });
    expect(freshness.simulated).toBe(true);
  });

  it("takes them by kind and by the instants that they are about", async () => {
    const [, second, third, fourth] = ALERTS.map(({ id }) => id);
    const ids = async (path: string) =>
      (await answer(path)).data.map(({ id }: { id: string }) => id);
    expect(await ids("?kind=schedule.unreadable")).toEqual([fourth]);
    const from = new Date(TEN_O_CLOCK - 2 * DAY_MS).toISOString();
    const to = new Date(TEN_O_CLOCK).toISOString();
    expect(await ids(`?from=${from}&to=${to}`)).toEqual([second, third]);
  });

  it("comes in pages that leave nothing out", async () => {
    const pages: unknown[] = [];
    for (let cursor = ""; ; ) {
      const page = await answer(`?limit=2${cursor}`);
      pages.push(...page.data);
      if (page.next === null) break;
      cursor = `&cursor=${page.next}`;
    }
    expect(pages).toEqual((await answer("")).data);
    expect(pages).toHaveLength(ALERTS.length);
  });

  it("refuses a kind that there is none of", async () => {
    expect((await app.inject({ url: "/operations/alerts?kind=nothing" })).statusCode).toBe(400);
  });
});
