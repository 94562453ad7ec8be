import { VARIABLES } from "@amc/platform/config/variables";
import { describe, expect, it } from "vitest";
import { apiConfigOf } from "../config.ts";
import type { CacheReader } from "../context.ts";
import { apiUnderTest } from "../testing/api-under-test.ts";
import { memoryReadModel } from "../testing/memory-read-model.ts";
import { story } from "../testing/story.ts";

const KEY = "amc:discovery:unified:latest";

/** A cache with one entry, and a read model that counts how often it is asked. */
async function served(entry: string | null | Error) {
  const cache: CacheReader = {
    get: async (key) => {
      if (entry instanceof Error) throw entry;
      return key === KEY ? entry : null;
    },
    ping: async () => "in-process",
  };
  const told = memoryReadModel({ story: story() });
  let reads = 0;
  const readModel: typeof told = {
    ...told,
    read: (use) => {
      reads += 1;
      return told.read(use);
    },
  };
  const app = await apiUnderTest({ cache, readModel });
  return { app, readsOf: () => reads };
}

function newestRunId(): string {
  return story().runs.at(-1)?.event.runId ?? "";
}

describe("the latest candidates", () => {
  it("are read from the tables once per run while the cache names the run", async () => {
    const { app, readsOf } = await served(JSON.stringify({ run_id: newestRunId() }));
    const cold = await app.inject({ url: "/discovery/contenders" });
    expect(cold.headers["x-amc-source"]).toBe("postgres");
    const afterFirst = readsOf();
    const warm = await app.inject({ url: "/discovery/contenders" });
    const squeeze = await app.inject({ url: "/discovery/squeeze-candidates" });
    expect(warm.headers["x-amc-source"]).toBe("cache");
    expect(squeeze.headers["x-amc-source"]).toBe("cache");
    expect(readsOf()).toBe(afterFirst);
    expect(warm.json()).toEqual(cold.json());
  });

  it("are looked for under the configured prefix", async () => {
    const asked: string[] = [];
    const cache: CacheReader = {
      get: async (key) => {
        asked.push(key);
        return null;
      },
      ping: async () => "in-process",
    };
    const variables = VARIABLES.parse({ REDIS_DISCOVERY_KEY_PREFIX: "staging:runs" });
    const app = await apiUnderTest({ cache, config: apiConfigOf(variables, 0) });
    await app.inject({ url: "/discovery/contenders" });
    expect(asked).toEqual(["staging:runs:latest"]);
  });

  it.each([
    ["absent", null],
    ["no JSON", "{"],
    ["a list", "[1,2]"],
    ["a number", "1"],
    ["without a run", "{}"],
    ["a run of another kind", '{"run_id":{"toString":1}}'],
    ["SQL", `{"run_id":"' OR 1=1 --"}`],
    ["a run that never was", '{"run_id":"00000000-0000-8000-8000-000000000000"}'],
    ["too large", `{"run_id":"${"a".repeat(300_000)}"}`],
    ["unreachable", new Error("connection refused")],
  ])("come from the tables alone when the cache entry is %s", async (_, entry) => {
    const { app } = await served(entry);
    const answer = await app.inject({ url: "/discovery/contenders" });
    expect(answer.headers["x-amc-source"]).toBe("postgres");
    expect(answer.json().map((row: { symbol: string }) => row.symbol)).toEqual(["GME", "KOSS"]);
  });

  it("count hits, misses and lies of the cache", async () => {
    const { app } = await served('{"run_id":"00000000-0000-8000-8000-000000000000"}');
    await app.inject({ url: "/discovery/contenders" });
    const { body } = await app.inject({ url: "/metrics" });
    expect(body).toContain('amc_cache_reads_total{result="invalid"} 1');
    expect(body).toContain('amc_cache_hit_ratio{cache="discovery"} 0');
  });
});
