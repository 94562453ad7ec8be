import type { Log } from "@amc/platform/log/port";
import type { Control } from "@amc/schemas/generated/events";
import { uuidOf } from "@amc/streams/kernel/ids";
import { describe, expect, it } from "vitest";
import type { ReadModel } from "../read-model/port.ts";
import { append, memoryLog } from "../testing/api-under-test.ts";
import { memoryReadModel } from "../testing/memory-read-model.ts";
import { type Story, story } from "../testing/story.ts";
import { FIRST_SLOT } from "../testing/story-signals.ts";
import type { Decision } from "./decision.ts";
import { UniverseGuard } from "./universe-guard.ts";

/** Runs of the story took 12 ms. */
const TOO_SLOW_MS = 11;
const QUICK_MS = 24;

/** Six symbols that trade 10, 20 … 60 dollars a day, the first of them the one recommended. */
function tradedStory(): Story {
  const told = story();
  const symbols = [...new Set(told.evaluations.map(({ features }) => features.event.symbol))];
  const evaluations = told.evaluations.map((each) => {
    const dollarVolume = 10 * (symbols.indexOf(each.features.event.symbol) + 1);
    return {
      ...each,
      features: { ...each.features, event: { ...each.features.event, dollarVolume } },
    };
  });
  return { ...told, evaluations };
}

const decidedBeforeRuns = (value: string, actor: string): Control => ({
  ...{ setting: "universe", value, actor, reason: "a test" },
  ...{ happenedAt: FIRST_SLOT - 2, publishedAt: FIRST_SLOT - 2 },
});

async function logOf(...controls: readonly Control[]): Promise<Log> {
  const log = memoryLog();
  for (const [index, control] of controls.entries()) {
    const later = { ...control, publishedAt: control.publishedAt + index };
    const place = { key: "universe", partition: 0 };
    await append(log, "ops.control.v1", uuidOf(`${index}`), later, place);
  }
  return log;
}

function guardOf(
  log: Log,
  maxRunMs: number,
  readModel: ReadModel = memoryReadModel({ story: tradedStory() }),
) {
  const published: Decision[] = [];
  const guard = new UniverseGuard({
    ...{ log, readModel, maxRunMs, leastSymbols: 2 },
    publish: async (decision) => {
      published.push(decision);
      return { ...decision, happenedAt: FIRST_SLOT, publishedAt: FIRST_SLOT };
    },
  });
  return { guard, published };
}

describe("the guard of the universe", () => {
  it("halves it after slow runs and keeps what was found and recommended, with the reason (R-OPS-11)", async () => {
    const { guard, published } = guardOf(await logOf(), TOO_SLOW_MS);
    await guard.look();
    expect(published).toEqual([
      {
        setting: "universe",
        value: "40 keep GME",
        actor: "automatic",
        reason:
          "2 runs in a row took more than 0.011 s: the 3 of 6 symbols that trade most and 1 to keep are evaluated",
      },
    ]);
  });

  it("judges a run once, however often it looks", async () => {
    const { guard, published } = guardOf(await logOf(), TOO_SLOW_MS);
    await guard.look();
    expect(await guard.look()).toBeNull();
    expect(published).toHaveLength(1);
  });

  it("waits for runs that a decision was in force for, whoever made it", async () => {
    const [last] = story().runs.toReversed();
    const publishedAt = last?.event.happenedAt ?? 0;
    const log = await logOf({ ...decidedBeforeRuns("all", "ann"), publishedAt });
    const { guard, published } = guardOf(log, TOO_SLOW_MS);
    expect(await guard.look()).toBeNull();
    expect(published).toEqual([]);
  });

  it("takes its own decisions back after quick runs, and no other", async () => {
    const decide = async (...controls: readonly Control[]) => {
      const { guard, published } = guardOf(await logOf(...controls), QUICK_MS);
      await guard.look();
      return published.map(({ value, reason }) => [value, reason]);
    };
    const automatic = decidedBeforeRuns("40 keep GME", "automatic");
    const reason = "4 runs in a row took at most half of 0.024 s:";
    expect(await decide(automatic)).toEqual([
      ["all", `${reason} the 6 of 6 symbols that trade most are evaluated`],
    ]);
    expect(await decide(decidedBeforeRuns("40", "ann"))).toEqual([]);
    expect(await decide()).toEqual([]);
    expect(await decide(decidedBeforeRuns("30 keep SPY", "ann"), automatic)).toEqual([
      ["30 keep SPY", `${reason} the 4 of 6 symbols that trade most and 1 to keep are evaluated`],
    ]);
  });

  it("tells of a look that failed, looks again, and ends when it is told to", async () => {
    const readModel = memoryReadModel({ story: tradedStory() });
    const outage = new Error("the database is away");
    const log = await logOf();
    let looks = 0;
    const flaky: ReadModel = {
      ...readModel,
      read: (reads) => (looks === 0 ? Promise.reject(outage) : readModel.read(reads)),
    };
    const { guard } = guardOf(log, TOO_SLOW_MS, flaky);
    const failures: unknown[] = [];
    const decisions: Control[] = [];
    const ending = new AbortController();
    const clock = {
      nowMs: () => 0,
      elapsedMs: () => 0,
      sleep: async () => {
        looks += 1;
        if (looks === 2) ending.abort();
      },
    };
    const observer = {
      decided: (control: Control) => decisions.push(control),
      failed: (error: unknown) => failures.push(error),
    };
    await guard.run(clock, observer, ending.signal);
    expect(failures).toEqual([outage]);
    expect(decisions.map(({ value }) => value)).toEqual(["40 keep GME"]);
  });
});
