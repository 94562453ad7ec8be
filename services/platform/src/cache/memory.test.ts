import { expect, it } from "vitest";
import { describeCacheContract } from "./cache.contract.ts";
import { createMemoryCache } from "./memory.ts";

describeCacheContract("memory", async () => {
  let nowMs = 1_000;
  return {
    cache: createMemoryCache(() => nowMs),
    advance: async (ms) => {
      nowMs += ms;
    },
  };
});

it("gives up the entries written longest ago when it is full", async () => {
  const cache = createMemoryCache(() => 0, 2);
  await cache.set("a", "1", 60);
  await cache.set("b", "1", 60);
  await cache.set("a", "2", 60);
  await cache.set("c", "1", 60);
  expect(await cache.keys("")).toEqual(["a", "c"]);
});
