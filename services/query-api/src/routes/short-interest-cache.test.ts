import { createMemoryCache } from "@amc/platform/cache/memory";
import type { Cache } from "@amc/platform/cache/port";
import { DAY_MS } from "@amc/streams/market/calendar-date";
import { shortQuality } from "@amc/streams/testing/short-quality-events";
import fc from "fast-check";
import type { FastifyInstance } from "fastify";
import { describe, expect, it } from "vitest";
import type { TablesState } from "../read-model/port.ts";
import { apiUnderTest } from "../testing/api-under-test.ts";
import { memoryReadModel } from "../testing/memory-read-model.ts";
import { story } from "../testing/story.ts";

const URL = "/short-interest/GME";
const JUDGED = shortQuality().value.happenedAt;
const SETTINGS = { ttlSeconds: 86_400 };

/** Tables of one installation: each judgement moves a position, as the projector does. */
class Tables {
  readonly writers: string;
  judgements = 1;

  constructor(writers: string) {
    this.writers = writers;
  }

  /** An API that has just started, so that nothing is kept in its process. */
  api(cache: Cache | null, stateOf = () => this.state()): Promise<FastifyInstance> {
    const judged = Array.from({ length: this.judgements }, (_, at) =>
      shortQuality({
        ...{ happenedAt: JUDGED + at * DAY_MS, vintage: at + 1 },
        sharesShort: 1_000 + at + this.writers.length * 1_000_000,
      }),
    );
    const shortInterest = judged.map(({ id, value }) => ({ id, event: value }));
    const readModel = { ...memoryReadModel({ story: story(), shortInterest }), state: stateOf };
    return apiUnderTest(cache === null ? { readModel } : { readModel, shortInterestCache: cache });
  }

  async state(): Promise<TablesState> {
    const at = { projection: "calendar", topic: "short.quality.v1", partition: 0 };
    const unrelated = { projection: "prices", topic: "market.price-tick.v1", partition: 0 };
    return {
      writers: this.writers,
      positions: [
        { ...at, next: this.judgements },
        { ...unrelated, next: this.judgements * 7 },
      ],
    };
  }
}

interface Asked {
  readonly source: unknown;
  readonly shares: readonly number[];
}

async function ask(app: FastifyInstance, url = URL): Promise<Asked> {
  const answer = await app.inject({ url });
  const rows: readonly { sharesShort: number }[] = answer.json().data;
  const shares = rows.map(({ sharesShort }) => sharesShort);
  return { source: answer.headers["x-amc-source"], shares };
}

describe("the history of a symbol's short interest in the cache (R-SI-05, R-ENV-12)", () => {
  it("is read from the tables once and serves every other process for a day", async () => {
    const cache = createMemoryCache(() => 0);
    const tables = new Tables("one");
    const first = await ask(await tables.api(cache));
    expect(first).toMatchObject({ source: "postgres", shares: [3_001_000] });
    const second = await ask(await tables.api(cache));
    expect(second).toEqual({ ...first, source: "cache" });
    expect(await cache.keys("")).toEqual(["amc:short_interest:history:GME"]);
    expect(await cache.ttlSeconds("amc:short_interest:history:GME")).toBe(SETTINGS.ttlSeconds);
  });

  it("is no longer answered once a judgement came, whoever kept it", async () => {
    const cache = createMemoryCache(() => 0);
    const tables = new Tables("one");
    await ask(await tables.api(cache));
    tables.judgements += 1;
    expect(await ask(await tables.api(cache))).toMatchObject({
      ...{ source: "postgres", shares: [3_001_001, 3_001_000] },
    });
  });

  it("would be answered after that by a build that does not look at the tables: the control", async () => {
    const cache = createMemoryCache(() => 0);
    const tables = new Tables("one");
    const known = await tables.state();
    await ask(await tables.api(cache, async () => ({ ...known })));
    tables.judgements += 1;
    const app = await tables.api(cache, async () => ({ ...known }));
    expect(await ask(app)).toMatchObject({ source: "cache", shares: [3_001_000] });
  });

  it("is not that of other tables that stand at the same positions, such as of a new installation", async () => {
    const cache = createMemoryCache(() => 0);
    await ask(await new Tables("one").api(cache));
    const other = await ask(await new Tables("other").api(cache));
    expect(other).toMatchObject({ source: "postgres", shares: [5_001_000] });
  });

  it.each([
    ["another page", `${URL}?limit=7`],
    ["a range", `${URL}?from=2021-01-01T00:00:00Z`],
    ["an instant", `${URL}?asOf=2031-01-01T00:00:00Z`],
    ["a symbol that nobody reports", "/short-interest/NONE"],
  ])("is not kept of %s", async (_, url) => {
    const cache = createMemoryCache(() => 0);
    await ask(await new Tables("one").api(cache), url);
    expect(await cache.keys("")).toEqual([]);
  });

  it.each([
    ["no JSON", "{"],
    ["a list", "[]"],
    ["null", "null"],
    ["no reading", '{"version":"one calendar/0/1"}'],
    ["too large", JSON.stringify("x".repeat(70_000))],
  ])("is read from the tables where the key holds %s", async (_, entry) => {
    const cache = createMemoryCache(() => 0);
    await cache.set("amc:short_interest:history:GME", entry, 60);
    const tables = new Tables("one");
    expect(await ask(await tables.api(cache))).toMatchObject({ source: "postgres" });
    expect(await ask(await tables.api(cache))).toMatchObject({ source: "cache" });
  });

  it("is what it is without a cache, whatever comes between two questions", async () => {
    const step = fc.record({
      installation: fc.constantFrom(0, 1),
      happens: fc.constantFrom("judged", "flushed", "nothing"),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
        const cache = createMemoryCache(() => 0);
        const installations = [new Tables("one"), new Tables("other")];
        for (const { installation, happens } of steps) {
          const tables = installations[installation] ?? new Tables("one");
          if (happens === "judged") tables.judgements += 1;
          if (happens === "flushed") await cache.delete("amc:short_interest:history:GME");
          const { shares } = await ask(await tables.api(cache));
          expect(shares).toEqual((await ask(await tables.api(null))).shares);
        }
      }),
      { numRuns: 10 },
    );
  });
});
