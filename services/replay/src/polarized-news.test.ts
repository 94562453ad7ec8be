import { decodeEvent, encodeEvent } from "@amc/schemas/codec";
import type { News } from "@amc/schemas/generated/events";
import { newsFact } from "@amc/streams/facts/news";
import { describe, expect, it } from "vitest";
import { withPolarity } from "./polarized-news.ts";
import type { FactSlice } from "./slices.ts";

const AT_MS = Date.UTC(2021, 0, 27, 15);

function newsOf(headline: string, isDateOnly: boolean, polarity: number | null) {
  const times = { happenedAt: AT_MS, publishedAt: AT_MS };
  const item = { symbol: "GME", ...times, headline, itemId: headline, url: null, isDateOnly };
  const said = { polarity, credibility: null, eventAt: null };
  const provenance = {
    ...{ source: "gmetimeline", confidence: 0.5, capturedAt: AT_MS },
    ...{ stale: false, providerLatencyMs: null, simulated: false },
  };
  return newsFact({ ...item, ...said }, provenance);
}

function sliceOf(facts: readonly ReturnType<typeof newsOf>[]): FactSlice {
  const topic = "market.news.v1" as const;
  return {
    ...{ atMs: AT_MS, discovery: false },
    facts: facts.flatMap((fact) =>
      fact.topic === topic
        ? [
            {
              ...{ topic, publishedAt: AT_MS },
              append: {
                ...{ topic, partition: 0, key: "GME", headers: { ce_id: fact.id } },
                value: encodeEvent(topic, fact.value),
              },
            },
          ]
        : [],
    ),
  };
}

function readNews(slices: readonly FactSlice[]): News[] {
  return slices.flatMap(({ facts }) =>
    facts.map(({ append }) => {
      const decoded = decodeEvent("market.news.v1", append.value ?? new Uint8Array());
      if (!decoded.ok) throw new TypeError("unreadable");
      return decoded.value;
    }),
  );
}

const TIMED = newsOf("GameStop profit rises to a record", false, null);
const DATED = newsOf("GameStop sales fall as losses widen", true, null);
const STATED = newsOf("GameStop profit rises again", false, -0.25);

describe("a market with polarity", () => {
  it("reads items without one that have a time, marks them as simulated and gives them other ids", () => {
    const slices = [sliceOf([TIMED, DATED, STATED])];
    const read = withPolarity(slices, "timed");
    expect(read.polarized).toBe(1);
    const [timed, dated, stated] = readNews(read.slices);
    expect(timed?.polarity).toBeGreaterThan(0.3);
    expect(timed?.simulated).toBe(true);
    expect(read.slices[0]?.facts[0]?.append.headers.ce_id).not.toBe(TIMED.id);
    // Nobody's statement is replaced, and what only has a date stays as it is.
    expect([dated, stated]).toEqual(readNews(slices).slice(1));
    expect(stated?.polarity).toBe(-0.25);
  });

  it("reads those with a date alone as well when it is told to", () => {
    const read = withPolarity([sliceOf([TIMED, DATED, STATED])], "all");
    expect(read.polarized).toBe(2);
    expect(readNews(read.slices)[1]?.polarity).toBeLessThan(-0.3);
  });
});
