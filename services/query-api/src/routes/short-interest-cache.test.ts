import { createMemoryCache } from "@amc/platform/cache/memory";
import type { Cache } from "@amc/platform/cache/port";
import { SWAP_OWNER } from "@amc/platform/postgres/positions";
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
const KEY = "amc:short_interest:history:GME";
const JUDGED = shortQuality().value.happenedAt;
const SETTINGS = { ttlSeconds: 86_400 };
/** Members of a judgement, by kind. */
const FORMAT_1 = {
  string: `id symbol happenedAt publishedAt capturedAt settlementDate source factId firstPublishedAt
    usableUntil agreement`,
  boolean: "simulated revision leading usable jump jumpIsNew",
  number: `vintage sharesShort previousSharesShort averageDailyVolume daysToCover floatShares percentFloat
    change completeness accuracy freshness consistency overall agreementConfidence deviation consensus`,
  object: "exclusions sources outliers notes",
};

/** Tables of one installation: each judgement moves a position, as the projector does. */
class Tables {
  readonly owner: string;
  judgements = 1;
  /** Raised by a rebuild that is swapped in, which finds other figures in the same records. */
  epoch = 1;

  constructor(owner: string) {
    this.owner = owner;
  }

  /** An API that has just started, so that nothing is kept in its process. */
  api(cache: Cache | null, stateOf = () => this.state()): Promise<FastifyInstance> {
    const judged = Array.from({ length: this.judgements }, (_, at) =>
      shortQuality({
        ...{ happenedAt: JUDGED + at * DAY_MS, vintage: at + 1 },
        sharesShort: 991 + at + this.epoch * 9 + this.owner.length * 1_000_000,
      }),
    );
    const shortInterest = judged.map(({ id, value }) => ({ id, event: value }));
    const readModel = { ...memoryReadModel({ story: story(), shortInterest }), state: stateOf };
    return apiUnderTest(cache === null ? { readModel } : { readModel, shortInterestCache: cache });
  }

  async state(): Promise<TablesState> {
    const { epoch, owner } = this;
    const of = { partition: 0, epoch, owner };
    const at = { projection: "calendar", topic: "short.quality.v1", ...of };
    const unrelated = { projection: "prices", topic: "market.price-tick.v1", ...of };
    return {
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
    expect(await cache.keys("")).toEqual([KEY]);
    expect(await cache.ttlSeconds(KEY)).toBe(SETTINGS.ttlSeconds);
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

  it("is not that of the tables before a rebuild was swapped in, which the same projector goes on writing", async () => {
    const cache = createMemoryCache(() => 0);
    const tables = new Tables("one");
    expect((await ask(await tables.api(cache))).shares).toEqual([3_001_000]);
    tables.epoch += 1;
    expect(await ask(await tables.api(cache))).toMatchObject({
      ...{ source: "postgres", shares: [3_001_009] },
    });
    expect(await ask(await tables.api(cache))).toMatchObject({ source: "cache" });
  });

  it("is not kept of swapped tables that nobody has claimed: at any installation they are nobody's", async () => {
    const cache = createMemoryCache(() => 0);
    const swapped = new Tables(SWAP_OWNER);
    for (const _ of [1, 2]) {
      expect((await ask(await swapped.api(cache))).shares).toEqual([4_001_000]);
    }
    expect(await cache.keys("")).toEqual([]);
  });

  it.each([
    ["an earlier build without formats", "one calendar/0/1"],
    ["a build of another format", "history/0 calendar/0/1/1/one"],
  ])("is not what %s kept of these tables", async (_, version) => {
    const cache = createMemoryCache(() => 0);
    const tables = new Tables("one");
    await ask(await tables.api(cache));
    const kept = JSON.parse((await cache.get(KEY)) ?? "null");
    expect(kept).toMatchObject({ version: "history/1 calendar/0/1/1/one", next: null });
    await cache.set(KEY, JSON.stringify({ ...kept, version, data: [{ shares: 1 }] }), 60);
    expect(await ask(await tables.api(cache))).toMatchObject({
      ...{ source: "postgres", shares: [3_001_000] },
    });
  });

  it("has in format 1 these members: for others count HISTORY_FORMAT up", async () => {
    const cache = createMemoryCache(() => 0);
    await ask(await new Tables("one").api(cache));
    const kept = JSON.parse((await cache.get(KEY)) ?? "null");
    expect(kept.version).toMatch(/^history\/1 /);
    const members: readonly [string, unknown][] = Object.entries(kept.data[0]);
    const byKind = Map.groupBy(members, ([, value]) => typeof value);
    for (const [kind, names] of Object.entries(FORMAT_1)) {
      const found = [...byKind].find(([each]) => each === kind)?.[1] ?? [];
      expect(found.map(([name]) => name)).toEqual(names.split(/\s+/));
    }
    expect([...byKind.keys()].sort()).toEqual(Object.keys(FORMAT_1).sort());
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
    await cache.set(KEY, entry, 60);
    const tables = new Tables("one");
    expect(await ask(await tables.api(cache))).toMatchObject({ source: "postgres" });
    expect(await ask(await tables.api(cache))).toMatchObject({ source: "cache" });
  });

  it("is what it is without a cache, whatever comes between two questions", async () => {
    const step = fc.record({
      installation: fc.constantFrom(0, 1),
      happens: fc.constantFrom("judged", "swapped", "flushed", "nothing"),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
        const cache = createMemoryCache(() => 0);
        const installations = [new Tables("one"), new Tables("other")];
        for (const { installation, happens } of steps) {
          const tables = installations[installation] ?? new Tables("one");
          if (happens === "judged") tables.judgements += 1;
          if (happens === "swapped") tables.epoch += 1;
          if (happens === "flushed") await cache.delete(KEY);
          const { shares } = await ask(await tables.api(cache));
          expect(shares).toEqual((await ask(await tables.api(null))).shares);
        }
      }),
      { numRuns: 10 },
    );
  });
});
