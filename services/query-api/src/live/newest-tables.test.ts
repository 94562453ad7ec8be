import { describe, expect, it } from "vitest";
import type { ReadModel, TablesState } from "../read-model/port.ts";
import { memoryReadModel } from "../testing/memory-read-model.ts";
import { story } from "../testing/story.ts";
import { NewestTables } from "./newest-tables.ts";

/** Tables whose state is answered by hand. */
function byHand() {
  const asked: PromiseWithResolvers<TablesState>[] = [];
  const readModel: ReadModel = {
    ...memoryReadModel({ story: story() }),
    state: () => {
      const question = Promise.withResolvers<TablesState>();
      asked.push(question);
      return question.promise;
    },
  };
  return { tables: new NewestTables(readModel), asked };
}

const FIRST = { positions: [] };
const SECOND = { positions: [] };

describe("the newest tables", () => {
  it("are asked for once by all requests that came since they were asked for last", async () => {
    const { tables, asked } = byHand();
    const first = tables.read();
    const later = Array.from({ length: 50 }, () => tables.read());
    expect(asked).toHaveLength(1);
    asked[0]?.resolve(FIRST);
    expect(await first).toBe(FIRST);
    await Promise.resolve();
    expect(asked).toHaveLength(2);
    asked[1]?.resolve(SECOND);
    // None of them got what was asked before it came.
    expect((await Promise.all(later)).every((state) => state === SECOND)).toBe(true);
  });

  it("are asked for again after a question that failed, by who waits and by who comes", async () => {
    const { tables, asked } = byHand();
    const first = tables.read();
    const waiting = tables.read();
    asked[0]?.reject(new Error("away"));
    await expect(first).rejects.toThrow("away");
    await Promise.resolve();
    asked[1]?.resolve(SECOND);
    expect(await waiting).toBe(SECOND);
    const next = tables.read();
    asked[2]?.resolve(FIRST);
    expect(await next).toBe(FIRST);
  });
});
