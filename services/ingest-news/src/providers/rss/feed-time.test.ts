import { describe, expect, it } from "vitest";
import { feedTime } from "./feed-time.ts";

describe("the date of an item", () => {
  // Node's own parser understands these forms; it is lenient, which ours is not.
  it.each([
    "Sat, 26 Jul 2025 11:15:00 +0000",
    "Fri, 25 Jul 2025 21:23:33 GMT",
    "25 Jul 2025 21:23 EST",
    "Thu, 29 Feb 2024 00:00:00 -0500",
    "2025-07-26T11:15:00Z",
    "2025-07-26T11:15:00.25+05:30",
  ])("%s is the instant that Node reads in it", (text) => {
    expect(feedTime(text)).toBe(Math.floor(Date.parse(text) / 1000) * 1000);
  });

  it.each([
    "",
    "yesterday",
    "2025-07-26",
    "2025-07-26T11:15:00",
    "Sat, 26 Jul 2025",
    "Sat, 26 Jul 2025 11:15:00",
    "Sat, 26 Jul 25 11:15:00 GMT",
    "Sat, 31 Jun 2025 11:15:00 GMT",
    "Sat, 26 Jul 2025 25:15:00 GMT",
    "Sat, 26 Abc 2025 11:15:00 GMT",
    "Sat, 26 Jul 2025 11:15:00 XST",
    "2025-13-01T00:00:00Z",
    "1753528500",
    "07/26/2025 11:15 AM",
  ])("%j names no instant, and none is made up", (text) => {
    expect(feedTime(text)).toBeNull();
  });
});
