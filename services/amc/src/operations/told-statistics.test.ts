import { YAHOO_SOURCE } from "@amc/ingest-prices/providers/yahoo/yahoo";
import { appendFacts } from "@amc/platform/log/append-facts";
import { createMemoryLog } from "@amc/platform/log/memory";
import type { Log } from "@amc/platform/log/port";
import { logWithCommit } from "@amc/platform/log/testing/log-with-commit";
import { TOPIC_NAMES } from "@amc/schemas/topics";
import { referenceFact } from "@amc/streams/facts/security";
import { shortInterestFact } from "@amc/streams/facts/short-sale";
import type { Fact } from "@amc/streams/kernel/fact";
import { DAY_MS } from "@amc/streams/market/calendar-date";
import { beforeEach, describe, expect, it } from "vitest";
import { ToldStatistics } from "./told-statistics.ts";

const NOW_MS = Date.UTC(2025, 8, 8, 12);

function provenance(atMs: number, source = YAHOO_SOURCE) {
  return { source, confidence: 0.65, simulated: false, captured: { at: atMs, latencyMs: null } };
}

function report(settlementDate: string, sharesShort: number, publishedAt = NOW_MS): Fact {
  const figures = {
    ...{ symbol: "GME", settlementDate, publishedAt, sharesShort },
    ...{ previousSharesShort: null, averageDailyVolume: null, daysToCover: null },
    precision: "EXACT",
    revision: false,
  } as const;
  return shortInterestFact(figures, provenance(publishedAt));
}

/** What was said of the float so many days ago. */
function float(daysAgo: number, value: number, source = YAHOO_SOURCE): Fact {
  const publishedAt = NOW_MS - daysAgo * DAY_MS;
  const date = new Date(publishedAt).toISOString().slice(0, 10);
  const figures = { symbol: "GME", field: "FLOAT_SHARES", value, date, publishedAt } as const;
  return referenceFact(
    { ...figures, note: null, precision: "EXACT" },
    provenance(publishedAt, source),
  );
}

describe("statistics that the log has", () => {
  let log: Log;
  let nowMs: number;
  /** How often a topic was read from its beginning. */
  let readings: number;
  let told: ToldStatistics;
  beforeEach(() => {
    readings = 0;
    nowMs = NOW_MS;
    const layout = TOPIC_NAMES.map((topic) => ({ topic, partitions: 1 }));
    const inner = createMemoryLog(layout, () => nowMs);
    log = {
      ...logWithCommit(inner, (commit) => inner.commit(commit)),
      offsetAtTime: async (topic, partition, ms) => {
        readings += 1;
        return inner.offsetAtTime(topic, partition, ms);
      },
    };
    told = new ToldStatistics(log, ["GME"], NOW_MS);
  });
  const appended = async (fact: Fact) => {
    nowMs = fact.value.publishedAt;
    await appendFacts(log, [fact], "/amc/test");
    nowMs = NOW_MS;
  };
  const newOf = async (fact: Fact, from: "provider" | "cache" = "provider") =>
    (await told.newOf("GME", { from, failure: null, facts: [fact], refused: [] })).length;

  it("are told again when a figure differs, and not for another day of publishing", async () => {
    await appended(report("2025-08-15", 2_000_000, NOW_MS - 13 * DAY_MS));
    expect(await newOf(report("2025-08-15", 2_000_000))).toBe(0);
    expect(await newOf(report("2025-08-15", 2_100_000))).toBe(1);
    expect(readings).toBe(2);
  });

  it("are looked for once more where an answer is older than the look back, and then no more", async () => {
    const publishedAt = Date.UTC(2025, 2, 26);
    await appended(report("2025-03-14", 2_000_000, publishedAt));
    expect(await newOf(float(0, 15e6))).toBe(1);
    expect(readings).toBe(2);
    expect(await newOf(report("2025-03-14", 2_000_000))).toBe(0);
    expect(await newOf(report("2025-03-31", 2_000_000))).toBe(1);
    expect(readings).toBe(4);
  });

  it("are told again under a known id only when they are stated otherwise", async () => {
    const publishedAt = NOW_MS - 10 * DAY_MS;
    await appended(report("2025-08-15", 2_000_000, publishedAt));
    await appended(report("2025-08-15", 2_100_000, publishedAt));
    // It went back to what its id says already.
    expect(await newOf(report("2025-08-15", 2_000_000, publishedAt))).toBe(0);
  });

  it.each([
    ["say nothing new where Yahoo said the same three weeks ago", float(21, 15e6), 0],
    ["say nothing new where Yahoo has said another float since", float(0.5, 16e6), 0],
    ["are told where Yahoo said another float before", float(21, 16e6), 1],
    ["are told where Yahoo has not said the same for a month", float(32, 15e6), 1],
    ["are told where only another source said the same", float(21, 15e6, "another"), 1],
  ])("of the cache %s", async (_, before, expected) => {
    await appended(before);
    expect(await newOf(float(1, 15e6, "cache"), "cache")).toBe(expected);
  });
});
