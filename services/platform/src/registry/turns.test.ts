import { describe, expect, it } from "vitest";
import { Turns } from "./turns.ts";

/** Calls that end when they are told to, counted while they run. */
function calls() {
  const running: PromiseWithResolvers<number>[] = [];
  const begin = (): Promise<number> => {
    const call = Promise.withResolvers<number>();
    running.push(call);
    return call.promise;
  };
  return { running, begin };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe("calls that take turns", () => {
  it("run so many at once, and the next one when one has ended", async () => {
    const { running, begin } = calls();
    const turns = new Turns(2);
    const results = [0, 1, 2, 3].map(() => turns.take(begin));
    await turn();
    expect(running).toHaveLength(2);
    running[0]?.resolve(10);
    await turn();
    expect(running).toHaveLength(3);
    for (const [index, call] of running.entries()) call.resolve(10 + index);
    await turn();
    running[3]?.resolve(13);
    expect(await Promise.all(results)).toEqual([10, 11, 12, 13]);
  });

  it("end with one that failed when they were waiting for it, and only those", async () => {
    const { running, begin } = calls();
    const turns = new Turns(2);
    const results = [0, 1, 2, 3].map(() => turns.take(begin));
    await turn();
    running[0]?.reject(new Error("away"));
    await expect(results[0]).rejects.toThrow("away");
    await expect(Promise.all(results.slice(2))).rejects.toThrow("away");
    running[1]?.resolve(1);
    expect(await results[1]).toBe(1);
    // Both turns are free again.
    const later = [turns.take(begin), turns.take(begin)];
    await turn();
    expect(running).toHaveLength(4);
    for (const call of running) call.resolve(7);
    expect(await Promise.all(later)).toEqual([7, 7]);
  });
});
