import { once } from "node:events";
import { loadConfig } from "@amc/platform/config/load-config";
import { virtualClock } from "@amc/platform/http/testing/virtual-clock";
import { createMemoryLog } from "@amc/platform/log/memory";
import type { Log } from "@amc/platform/log/port";
import { createLogger } from "@amc/platform/logger";
import { systemLayout } from "@amc/platform/runtime/layout";
import { openTelemetry } from "@amc/platform/telemetry";
import { recordsOf } from "@amc/replay/log-digests";
import { FACT_TOPICS } from "@amc/schemas/topics";
import { newYorkToUtc } from "@amc/streams/market/event-time";
import { describe, expect, it } from "vitest";
import { configuredUniverse } from "../live/universe.ts";
import { LIVE_UNITS, liveWork } from "./live-service.ts";
import { UnitTries } from "./unit-tries.ts";

/** In the regular session. */
const AT = newYorkToUtc("2025-09-05", "10:30");
const MINUTE_MS = 60_000;
const MOCKS = { YAHOO_FINANCE_MOCK: "true", MOCK_NEWS_DATA_ENABLED: "true" };

/** Number of records of each topic of facts, and of the ids among them. */
async function factsIn(log: Log): Promise<ReadonlyMap<string, readonly [number, number]>> {
  const counts = new Map<string, readonly [number, number]>();
  for (const topic of FACT_TOPICS) {
    const ids = [];
    for await (const { headers } of recordsOf(log, topic)) ids.push(headers.ce_id);
    if (ids.length > 0) counts.set(topic, [ids.length, new Set(ids).size]);
  }
  return counts;
}

interface Asking {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly environment?: Readonly<Record<string, string>>;
  /** Before each wait. */
  readonly onSleep?: () => Promise<unknown>;
}

/** Longer than the wait for headlines, shorter than that for statistics. */
const LONG_MS = 10 * MINUTE_MS;

async function until(signal: AbortSignal | undefined): Promise<void> {
  if (signal?.aborted === false) await once(signal, "abort");
}

/** Asks over the log, from an instant until another, and says how that ended. */
async function ask(log: Log, { fromMs, untilMs, environment = MOCKS, onSleep }: Asking) {
  const stop = new AbortController();
  const time = virtualClock(fromMs);
  const clock = {
    ...time,
    sleep: async (ms: number, signal?: AbortSignal): Promise<void> => {
      await onSleep?.();
      // Whoever waits for half a day would take all others there.
      if (ms > LONG_MS) await until(signal);
      else await time.sleep(ms);
      if (time.nowMs() >= untilMs) stop.abort();
    },
  };
  const variables = loadConfig(environment);
  const logger = createLogger("fatal");
  const { metrics } = openTelemetry({ variables, logger, clock, log });
  const work = liveWork(
    { variables, log, logger, clock, metrics },
    configuredUniverse("GME=GameStop,SIMD"),
    new UnitTries(),
  );
  const [unit] = LIVE_UNITS;
  if (unit === undefined) throw new TypeError("there is no unit");
  return await work(unit, stop.signal);
}

describe("the live collection of a cluster", () => {
  it("takes history and then what is new, and of what the log has appends nothing again", async () => {
    const log = createMemoryLog(systemLayout(2), () => AT);
    expect(await ask(log, { fromMs: AT, untilMs: AT + 3 * MINUTE_MS })).toBe("released");
    const first = await factsIn(log);
    expect([...first.keys()].toSorted()).toEqual([
      ...["market.news.v1", "market.price-tick.v1", "market.reference.v1", "short.interest.v1"],
    ]);
    for (const [records, ids] of first.values()) expect(records).toBe(ids);
    const next = { fromMs: AT + 4 * MINUTE_MS, untilMs: AT + 7 * MINUTE_MS };
    expect(await ask(log, next)).toBe("released");
    const second = await factsIn(log);
    for (const [records, ids] of second.values()) expect(records).toBe(ids);
    const prices = (facts: typeof first) => facts.get("market.price-tick.v1")?.[0] ?? 0;
    // Minutes of two symbols, and not their history again.
    expect(prices(second) - prices(first)).toBeGreaterThan(2);
    expect(prices(second) - prices(first)).toBeLessThan(30);
  });

  it("ends when somebody else has taken over, and appends nothing from then on", async () => {
    const log = createMemoryLog(systemLayout(1), () => AT);
    let seen: ReadonlyMap<string, readonly [number, number]> | null = null;
    const takeOver = async (): Promise<void> => {
      // The first wait after the history is that of a source that is asked again.
      const facts = await factsIn(log);
      if (seen !== null || !facts.has("market.news.v1")) return;
      await log.acquire("live", 0);
      seen = facts;
    };
    const asking = { fromMs: AT, untilMs: AT + 30 * MINUTE_MS, onSleep: takeOver };
    expect(await ask(log, asking)).toBe("lost");
    expect(seen).not.toBeNull();
    expect(await factsIn(log)).toEqual(seen);
  });

  it("refuses the whole market without a key of Polygon, before anybody is asked", async () => {
    const log = createMemoryLog(systemLayout(1), () => AT);
    const variables = loadConfig({});
    const logger = createLogger("fatal");
    const clock = virtualClock(AT);
    const { metrics } = openTelemetry({ variables, logger, clock, log });
    const work = liveWork(
      { variables, log, logger, clock, metrics },
      configuredUniverse("market"),
      new UnitTries(),
    );
    const [unit] = LIVE_UNITS;
    if (unit === undefined) throw new TypeError("there is no unit");
    await expect(work(unit, new AbortController().signal)).rejects.toThrow("POLYGON_API_KEY");
  });
});
