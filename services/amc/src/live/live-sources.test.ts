import { loadConfig } from "@amc/platform/config/load-config";
import { virtualClock } from "@amc/platform/http/testing/virtual-clock";
import { createMemoryLog } from "@amc/platform/log/memory";
import { systemLayout } from "@amc/platform/runtime/layout";
import { describe, expect, it } from "vitest";
import { Closers } from "../closers.ts";
import { KnownBars } from "./known-bars.ts";
import { openLiveSources } from "./live-sources.ts";

describe("what is asked for live", () => {
  it("is prices first, which nothing else of their provider holds up", async () => {
    const clock = virtualClock();
    const closers = new Closers();
    const companies = [{ symbol: "GME", name: null }];
    try {
      const { tasks } = await openLiveSources({
        universe: { companies, symbols: ["GME"], isWholeMarket: false },
        ...{ variables: loadConfig({}), mocked: new Map(), clock, closers },
        ...{ log: createMemoryLog(systemLayout(1), clock.nowMs), known: new KnownBars() },
        metrics: { called: () => undefined },
      });
      const yahoo = tasks.filter(({ provider }) => provider === "yahoo");
      expect(yahoo.map(({ what, isFirst = false }) => [what, isFirst])).toEqual([
        ["prices", true],
        ["float and short interest", false],
        ["headlines by search", false],
        ["options at the close", false],
      ]);
    } finally {
      await closers.close();
    }
  });
});
