import { describe, expect, it } from "vitest";
import { pageOfEvents } from "./event-page.ts";

const stored = (id: string, happenedAt: number, simulated = false) => ({
  id,
  event: { happenedAt, simulated },
});
const encode = (key: { atMs: number; id: string }) => `${key.atMs}/${key.id}`;

describe("a page of events", () => {
  const rows = [stored("c", 30), stored("b", 20), stored("a", 10, true)];

  it("is as new as its first, and its cursor names the last that is shown", () => {
    expect(pageOfEvents(rows, 2, encode, ({ id }) => id)).toEqual({
      data: ["c", "b"],
      newestMs: 30,
      simulated: false,
      next: "20/b",
    });
  });

  it("is simulated where one that is shown is", () => {
    const { simulated, next } = pageOfEvents(rows, 3, encode, ({ id }) => id);
    expect({ simulated, next }).toEqual({ simulated: true, next: null });
  });

  it("without events is as of nothing", () => {
    expect(pageOfEvents([], 2, encode, () => null)).toEqual({
      ...{ data: [], newestMs: null, simulated: false, next: null },
    });
  });
});
