import { newYorkToUtc } from "@amc/streams/market/event-time";
import { shortQuality } from "@amc/streams/testing/short-quality-events";
import type { FastifyInstance } from "fastify";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { apiUnderTest } from "../testing/api-under-test.ts";
import { memoryReadModel } from "../testing/memory-read-model.ts";
import { story } from "../testing/story.ts";

const EARLIER = newYorkToUtc("2021-01-12", "18:00");
const stored = (known: Parameters<typeof shortQuality>[0]) => {
  const { id, value: event } = shortQuality(known);
  return { id, event };
};

const JUDGED = [
  stored({ settlementDate: "2020-12-31", happenedAt: EARLIER, overall: 0.82 }),
  stored({}),
  stored({ symbol: "KOSS" }),
];

describe("GET /short-interest", () => {
  let app: FastifyInstance;
  beforeAll(async () => {
    const coverage = {
      ...{ atMs: EARLIER, tracked: 20, reported: 12, usable: 10, fresh: 9, thinlyTraded: 2 },
      simulated: true,
    };
    const readModel = memoryReadModel({ story: story(), shortInterest: JUDGED, coverage });
    app = await apiUnderTest({ readModel });
  });
  afterAll(() => app.close());

  const data = async (path: string) => (await app.inject({ url: `/short-interest${path}` })).json();

  it("gives the history of a symbol, newest first, with the quality of each figure", async () => {
    const history = (await data("/GME")).data;
    expect(history).toMatchObject([
      { settlementDate: "2021-01-15", overall: 0.89, agreement: "low", usable: true },
      { settlementDate: "2020-12-31", overall: 0.82, happenedAt: "2021-01-12T23:00:00.000Z" },
    ]);
  });

  it("shows as of January 2021 the figure of 2020-12-31 until that of 01-15 is published on 01-27", async () => {
    const newest = async (asOf: string) => (await data(`/GME?asOf=${asOf}`)).data[0];
    expect(await newest("2021-01-12T22:59:59Z")).toBeUndefined();
    expect(await newest("2021-01-27T22:59:59Z")).toMatchObject({ settlementDate: "2020-12-31" });
    expect(await newest("2021-01-27T23:00:00Z")).toMatchObject({ settlementDate: "2021-01-15" });
  });

  it("comes in pages that leave nothing out", async () => {
    const first = await data("/GME?limit=1");
    expect(first.next).not.toBeNull();
    const second = await data(`/GME?limit=1&cursor=${first.next}`);
    expect([...first.data, ...second.data]).toEqual((await data("/GME")).data);
    expect(second.next).toBeNull();
  });

  it("R-SI-16: says how much of the universe is covered, and how much of that is fresh", async () => {
    const answer = await data("");
    expect(answer.freshness.simulated).toBe(true);
    expect(answer.data).toEqual({
      ...{ tracked: 20, reported: 12, usable: 10, fresh: 9, thinlyTraded: 2 },
      ...{ coverage: 0.5, freshness: 0.75 },
    });
  });

  it("R-SI-16: shows both as metrics", async () => {
    const { body } = await app.inject({ url: "/metrics" });
    expect(body).toMatch(/^amc_short_interest_coverage_ratio 0\.5$/m);
    expect(body).toMatch(/^amc_short_interest_fresh_ratio 0\.75$/m);
  });

  it("says unknown, not 0, of a universe without symbols", async () => {
    const empty = await apiUnderTest({ readModel: memoryReadModel({ story: story() }) });
    const answer = (await empty.inject({ url: "/short-interest" })).json();
    await empty.close();
    expect(answer.data).toMatchObject({ tracked: 0, coverage: null, freshness: null });
    expect(answer.freshness.simulated).toBe(false);
  });
});
