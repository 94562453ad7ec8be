import { describe, expect, it } from "vitest";
import type { TopicDrift } from "../operations/topic-drift.ts";
import { tellTopicDrift } from "./watch-topics.ts";

const AS_WANTED: TopicDrift = { absent: 0, differing: 0, shown: [], mends: [] };
const SHORTENED: TopicDrift = {
  absent: 0,
  differing: 2,
  shown: ["market.news.v1: retention.ms is 3600000, should be -1"],
  mends: ["npm run amc -- topics check --mend"],
};

function loggerOf(lines: unknown[][]) {
  return {
    warn: (...words: unknown[]) => lines.push(["warn", ...words]),
    error: (...words: unknown[]) => lines.push(["error", ...words]),
  };
}

describe("a service that starts", () => {
  it("logs an error with what differs and what mends it, and nothing when nothing does", async () => {
    const lines: unknown[][] = [];
    await tellTopicDrift(async () => AS_WANTED, loggerOf(lines));
    expect(lines).toEqual([]);
    await tellTopicDrift(async () => SHORTENED, loggerOf(lines));
    expect(lines).toEqual([["error", SHORTENED, "topics are not as the topic table says"]]);
  });

  it("starts without knowing when the brokers do not tell, and says so", async () => {
    const lines: unknown[][] = [];
    const refused = new Error("not authorized");
    await tellTopicDrift(() => Promise.reject(refused), loggerOf(lines));
    expect(lines).toEqual([["warn", { err: refused }, expect.stringContaining("not known")]]);
  });
});
