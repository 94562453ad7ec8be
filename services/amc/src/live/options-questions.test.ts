import { ProviderError, type ProviderErrorCode } from "@amc/platform/http/provider-error";
import { createMemoryLog } from "@amc/platform/log/memory";
import { systemLayout } from "@amc/platform/runtime/layout";
import { newYorkToUtc } from "@amc/streams/market/event-time";
import { describe, expect, it } from "vitest";
import { KnownBars } from "./known-bars.ts";
import { optionsQuestions } from "./options-questions.ts";
import { SourceAsker } from "./source-asker.ts";

const MORNING = newYorkToUtc("2025-09-05", "08:00");
const EVENING = newYorkToUtc("2025-09-05", "20:30");

/** Chains that fail as told, and what was asked for since the last look. */
function chains(callsADay = 25) {
  const failing = new Map<string, ProviderErrorCode>();
  const asked: string[] = [];
  const log = createMemoryLog(systemLayout(1), () => MORNING);
  const provider = {
    optionsAtClose: async ({
      symbol,
      date,
    }: {
      readonly symbol: string;
      readonly date: string;
    }) => {
      asked.push(`${symbol} ${date}`);
      const code = failing.get(symbol);
      if (code !== undefined) throw new ProviderError(code, "no");
      return { facts: [], refused: [] };
    },
  };
  const universe = { symbols: ["A", "B", "C"], isWholeMarket: false };
  const questions = optionsQuestions({ provider, simulated: true, log, universe, callsADay });
  const teller = {
    ...{ unreachable: () => undefined, answersAgain: () => undefined, unknown: () => undefined },
  };
  const options = { log, known: new KnownBars(), teller };
  const asker = new SourceAsker(options, "alpha_vantage", "/amc/test");
  const sweep = async (nowMs: number) => {
    asked.length = 0;
    await asker.sweep(await questions(nowMs), new AbortController().signal);
    return [...asked];
  };
  return { failing, sweep };
}

describe("options of a live universe", () => {
  it("that were not reached are asked for again, and those that were answered are not", async () => {
    const { failing, sweep } = chains();
    failing.set("A", "provider.timeout").set("B", "provider.budget-spent");
    expect(await sweep(MORNING)).toEqual(["A 2025-09-04", "B 2025-09-04"]);
    failing.clear();
    expect((await sweep(MORNING)).sort()).toEqual(["A 2025-09-04", "B 2025-09-04", "C 2025-09-04"]);
    expect(await sweep(MORNING)).toEqual([]);
  });

  it("are those of the newest close: what an older one left is of no use any more", async () => {
    const { failing, sweep } = chains();
    failing.set("A", "provider.budget-spent");
    await sweep(MORNING);
    failing.clear();
    expect(await sweep(EVENING)).toEqual(["A 2025-09-05", "B 2025-09-05", "C 2025-09-05"]);
  });

  it("are no more than a day has calls, the next ones an hour later as far as the budget goes", async () => {
    const { sweep } = chains(2);
    expect(await sweep(MORNING)).toEqual(["A 2025-09-04", "B 2025-09-04"]);
    expect(await sweep(MORNING)).toEqual(["C 2025-09-04"]);
  });
});
