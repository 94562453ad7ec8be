import { setImmediate } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { AssignedWork, type WorkEnd } from "./assigned-work.ts";
import { type Unit, unitName, unitsOf } from "./unit.ts";

const UNITS = unitsOf("signals", 3);
const [FIRST] = unitsOf("signals", 1);

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve()));
}

/** Resolves when a condition holds, looking again after every turn of the event loop. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await setImmediate();
}

describe("work on assigned units", () => {
  it("runs for what is assigned and nothing else, and a unit is let go before that is said", async () => {
    const log: string[] = [];
    const work = async (unit: Unit, signal: AbortSignal): Promise<WorkEnd> => {
      log.push(`take ${unitName(unit)}`);
      await aborted(signal);
      await setImmediate();
      log.push(`let go ${unitName(unit)}`);
      return "released";
    };
    const assigned = new AssignedWork({ work });
    await assigned.take(UNITS.slice(0, 2));
    expect(assigned.held()).toEqual(UNITS.slice(0, 2));
    const letGo = assigned.take(UNITS.slice(1)).then(() => log.push("said"));
    expect(assigned.held()).toEqual(UNITS);
    await letGo;
    expect(log).toEqual([
      "take signals/0",
      "take signals/1",
      "take signals/2",
      "let go signals/0",
      "said",
    ]);
    await assigned.take([]);
    expect(assigned.held()).toEqual([]);
  });

  it("takes a unit up again that comes back while it is being let go", async () => {
    const finish = Promise.withResolvers<void>();
    let taken = 0;
    const work = async (_unit: Unit, signal: AbortSignal): Promise<WorkEnd> => {
      taken += 1;
      await aborted(signal);
      await finish.promise;
      return "released";
    };
    const assigned = new AssignedWork({ work });
    await assigned.take(UNITS.slice(0, 1));
    const letGo = assigned.take([]);
    await assigned.take(UNITS.slice(0, 1));
    expect(taken).toBe(1);
    finish.resolve();
    await letGo;
    await until(() => taken === 2);
    await assigned.take([]);
  });

  it("lets a unit with a newer owner go and tries again later, without failing", async () => {
    const lost: number[] = [];
    const ends: WorkEnd[] = ["lost", "lost"];
    let isWorking = false;
    const assigned = new AssignedWork({
      onLost: (_unit, retryInMs) => lost.push(retryInMs),
      // The longest jitter shortens the wait to a half.
      random: () => 1,
      work: async (_unit, signal) => {
        const end = ends.shift();
        if (end !== undefined) return end;
        isWorking = true;
        await aborted(signal);
        return "released";
      },
    });
    await assigned.take(UNITS.slice(0, 1));
    await until(() => isWorking);
    expect(lost).toEqual([250, 500]);
    await assigned.take([]);
  });

  it("tells the first failure, and of a unit that is done", async () => {
    const finished: Unit[] = [];
    const failing = new AssignedWork({
      work: async () => {
        throw new Error("damaged");
      },
    });
    await failing.take(UNITS);
    await expect(failing.failed).rejects.toThrow("damaged");
    const done = new AssignedWork({
      work: async () => "finished",
      onFinished: (unit) => finished.push(unit),
    });
    await done.take(UNITS.slice(0, 1));
    await until(() => done.held().length === 0);
    expect(finished).toEqual([FIRST]);
  });
});
