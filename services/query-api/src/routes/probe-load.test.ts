import { describe, expect, it } from "vitest";
import { guardedReadModel } from "../read-model/guarded-read-model.ts";
import { apiUnderTest } from "../testing/api-under-test.ts";
import { memoryReadModel } from "../testing/memory-read-model.ts";
import { story } from "../testing/story.ts";

const PROBES = ["/readyz", "/health", "/metrics"] as const;

/** Questions to the tables that so many probes at a time cost. */
async function asked(url: (typeof PROBES)[number], requests: number): Promise<number> {
  let questions = 0;
  const readModel = guardedReadModel(memoryReadModel({ story: story() }), (ask) => {
    questions += 1;
    return ask();
  });
  const app = await apiUnderTest({ readModel });
  questions = 0;
  const answers = await Promise.all(Array.from({ length: requests }, () => app.inject({ url })));
  expect(new Set(answers.map(({ statusCode }) => statusCode))).toEqual(new Set([200]));
  return questions;
}

describe("probes, which have no rate limit,", () => {
  it.each(PROBES)("ask for %s once more for all that come while they ask", async (url) => {
    const once = await asked(url, 1);
    expect(once).toBeGreaterThan(0);
    expect(await asked(url, 700)).toBeLessThanOrEqual(2 * once);
  });

  it("ask for readiness only what it is made of", async () => {
    expect(await asked("/readyz", 1)).toBeLessThan(await asked("/health", 1));
  });
});
