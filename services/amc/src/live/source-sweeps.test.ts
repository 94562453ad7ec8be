import { loadConfig } from "@amc/platform/config/load-config";
import { CallBudget } from "@amc/platform/http/call-budget";
import { ProviderError } from "@amc/platform/http/provider-error";
import { providerLimits } from "@amc/platform/http/provider-limits";
import { createMemoryLog } from "@amc/platform/log/memory";
import { systemLayout } from "@amc/platform/runtime/layout";
import { MINUTE_MS } from "@amc/streams/market/calendar-date";
import { describe, expect, it } from "vitest";
import { Activity } from "../day/activity.ts";
import { DayClock } from "../day/day-clock.ts";
import { KnownBars } from "./known-bars.ts";
import type { LiveTask } from "./live-task.ts";
import { askedTasks, repeatTask, tickWaitMs } from "./source-sweeps.ts";
import { SWEEP_SECONDS, sweepBudgets } from "./sweep-budget.ts";

/** Half a minute before the minute that ends with a slot of a quarter of an hour. */
const START = Date.UTC(2025, 8, 5, 14, 13, 30);
const SLOT = Date.UTC(2025, 8, 5, 14, 15);
/** From New York to Yahoo and back. */
const ROUND_TRIP_MS = 120;
const SILENT = {
  ...{ unreachable: () => undefined, answersAgain: () => undefined, unknown: () => undefined },
};

/** Yahoo, asked for prices and for headlines by as many symbols as told, until an instant. */
async function asked(symbols: number, untilMs: number) {
  const clock = new DayClock(START, new Activity());
  const variables = loadConfig({});
  const budget = new CallBudget(providerLimits("yahoo", variables).windows, clock, MINUTE_MS);
  const answers = new Map<string, number[]>();
  const ask = (what: string) => async () => {
    const end = await budget.take();
    await clock.sleep(ROUND_TRIP_MS);
    end();
    answers.set(what, [...(answers.get(what) ?? []), clock.nowMs()]);
    return { facts: [], refused: [] };
  };
  const task = (what: string, everySeconds: number): LiveTask => {
    const one = (_: unknown, at: number) => ({ about: `S${at}`, ask: ask(what) });
    const all = Array.from({ length: symbols }, one);
    const asking = { provider: "yahoo", producer: "/amc/test", what, everySeconds } as const;
    return { ...asking, isHistory: true, questions: async () => all };
  };
  const tasks: LiveTask[] = [
    { ...task("prices", SWEEP_SECONDS.prices), isFirst: true },
    task("headlines", SWEEP_SECONDS.news),
    task("options", SWEEP_SECONDS.news),
  ];
  const log = createMemoryLog(systemLayout(1), clock.nowMs);
  const ended = new AbortController();
  const known = new KnownBars();
  const going = askedTasks({ log, known, teller: SILENT }, tasks).map((each) =>
    repeatTask(clock, each, ended.signal),
  );
  await clock.passTo(untilMs);
  ended.abort();
  await clock.passUntil(Promise.all(going));
  const budgets = sweepBudgets({ variables, symbols, prices: "yahoo" });
  const waitMs = tickWaitMs(variables, budgets);
  return { waitMs, answers: (what: string) => answers.get(what) ?? [] };
}

describe("sweeps over one budget", () => {
  it.each([3, 25, 50, 100, 200])(
    "of %i symbols have every newest minute before the slot is cut, whatever else is asked at that minute",
    async (symbols) => {
      const { waitMs, answers } = await asked(symbols, SLOT + 3 * MINUTE_MS);
      // A sweep after each of 14:14 to 14:17.
      for (const [minute, endMs] of [-1, 0, 1, 2].map((n) => [n, SLOT + n * MINUTE_MS] as const)) {
        const sweep = answers("prices").filter(
          (at) => at > endMs && at <= endMs + MINUTE_MS + 11_000,
        );
        const inTime = sweep.filter((at) => at <= endMs + waitMs);
        expect(inTime.length, `minute ${minute}`).toBe(symbols);
      }
    },
  );

  it("ask for the rest in what prices leave of it, and for all of it", async () => {
    const { answers } = await asked(100, SLOT + 5 * MINUTE_MS);
    expect(answers("headlines")).toHaveLength(100);
    expect(answers("options")).toHaveLength(100);
    // 100 of the 300 calls of a minute are for prices: the others take a minute, and not the whole five.
    expect(Math.max(...answers("headlines"))).toBeLessThan(SLOT + 3 * MINUTE_MS);
  });
});

describe("a sweep that is broken off", () => {
  /** What one task of three symbols sends in 20 minutes, in minutes after its start; B fails until minute 6, each time for five. */
  async function sent(told: Partial<LiveTask>): Promise<readonly string[]> {
    const clock = new DayClock(START, new Activity());
    const log = createMemoryLog(systemLayout(1), clock.nowMs);
    const minutesSince = () => (clock.nowMs() - START) / MINUTE_MS;
    const asked: string[] = [];
    const questions = ["A", "B", "C"].map((about) => ({
      about,
      ask: async () => {
        asked.push(`${about} at ${minutesSince()}`);
        if (about === "A" || minutesSince() >= 6) return { facts: [], refused: [] };
        throw new ProviderError("provider.circuit-open", "no", { retryAfterMs: 5 * MINUTE_MS });
      },
    }));
    const task: LiveTask = {
      ...{ provider: "yahoo", producer: "/amc/test", what: "float", isHistory: false },
      ...{ everySeconds: SWEEP_SECONDS.statistics, questions: async () => questions },
      ...told,
    };
    const ended = new AbortController();
    const going = askedTasks({ log, known: new KnownBars(), teller: SILENT }, [task]).map((each) =>
      repeatTask(clock, each, ended.signal),
    );
    await clock.passTo(START + 20 * MINUTE_MS);
    ended.abort();
    await clock.passUntil(Promise.all(going));
    return asked;
  }

  it("goes on when the provider may be asked again, long before its next one is due", async () => {
    const asked = await sent({});
    expect(asked).toEqual(["A at 0", "B at 0", "B at 5", "B at 10", "C at 10"]);
  });

  it("goes on with what there is to ask by then: options not once their session has begun", async () => {
    let asked = 0;
    const ask = async () => {
      asked += 1;
      throw new ProviderError("provider.circuit-open", "no", { retryAfterMs: 5 * MINUTE_MS });
    };
    const beforeMs = START + 2 * MINUTE_MS;
    await sent({ questions: async (nowMs) => (nowMs < beforeMs ? [{ about: "A", ask }] : []) });
    expect(asked).toBe(1);
  });

  it("leaves prices to their next minute", async () => {
    const asked = await sent({ isFirst: true, everySeconds: 600 });
    const next = ["B", "C", "A"].map((about) =>
      expect.stringMatching(new RegExp(`^${about} at 6\\.`)),
    );
    expect(asked.slice(0, 5)).toEqual(["A at 0", "B at 0", ...next]);
  });
});
