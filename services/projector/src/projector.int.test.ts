import { createMemoryCache } from "@amc/platform/cache/memory";
import { CacheError } from "@amc/platform/cache/port";
import type { Log } from "@amc/platform/log/port";
import { startTestPostgres, type TestDatabase } from "@amc/platform/postgres/testing";
import { newYorkToUtc } from "@amc/streams/market/event-time";
import { DEFAULT_CACHE } from "@amc/streams/projections/cache-settings";
import { TEN_O_CLOCK } from "@amc/streams/testing/features-builder";
import { position } from "@amc/streams/testing/portfolio-events";
import {
  breakerChange,
  clockTick,
  oneSlot,
  providerCall,
  run,
  runIdAt,
} from "@amc/streams/testing/projected-events";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { append, emptyLog, recordOf } from "./testing/log-of-events.ts";
import {
  countOf,
  digestsOf,
  poolOf,
  projectAll,
  projectorOn,
} from "./testing/projector-fixture.ts";
import { QUARTER_MS, simulatedMarket } from "./testing/simulated-market.ts";

const SMALL = { symbols: 8, slots: 3, slices: 2 };

describe("projector", () => {
  let database: TestDatabase;
  let log: Log;

  beforeEach(async () => {
    database = await startTestPostgres();
    log = emptyLog();
  });
  afterEach(async () => {
    await database.drop();
  });

  it("stores what an event says, rounded as its columns are and with times from the event", async () => {
    await append(log, oneSlot());
    await projectAll(database, log);
    const { rows } = await poolOf(database, "api").query("SELECT * FROM recommendations");
    expect(rows).toEqual([
      expect.objectContaining({
        symbol: "GME",
        run_id: runIdAt(TEN_O_CLOCK),
        label: "watchlist",
        score: 0.7376,
        price: 20.5,
        short_interest_shares: 71_196_206,
        short_percent_float: 1.5184,
        days_to_cover: 5.24,
        short_interest_quality: 0.89,
        short_interest_updated_at: new Date(Date.UTC(2021, 0, 12, 23)),
        happened_at: new Date(TEN_O_CLOCK),
        created_at: new Date(TEN_O_CLOCK),
      }),
    ]);
  });

  it("joins detections, verdicts and timings into detector_performance (R-DET-10)", async () => {
    await append(log, oneSlot());
    await projectAll(database, log);
    const { rows } = await poolOf(database, "api").query("SELECT * FROM detector_performance");
    expect(rows).toEqual([
      expect.objectContaining({
        discovery_run_id: runIdAt(TEN_O_CLOCK),
        detector_name: "volume_momentum",
        symbol: "GME",
        raw_score: 0.93,
        confidence_score: 0.98,
        execution_time_ms: 2,
        data_sources_used: ["vendor"],
        hard_gate_passed: true,
        soft_gate_penalties: [{ name: "session", penalty: 0.1, detail: "premarket" }],
        created_at: new Date(TEN_O_CLOCK),
      }),
    ]);
  });

  it("leaves one audit row per run with the time its slowest partition took (R-DB-17, R-DIS-05)", async () => {
    await append(log, oneSlot());
    await projectAll(database, log);
    const audit = await poolOf(database, "api").query("SELECT * FROM discovery_audit_log");
    expect(audit.rows).toEqual([
      expect.objectContaining({
        discovery_run_id: runIdAt(TEN_O_CLOCK),
        total_execution_time_ms: 2,
        execution_time_measured: true,
        provider_success_rates: {
          rates: null,
          reason: "no provider was called in the hour before the run",
        },
      }),
    ]);
    const runs = await poolOf(database, "api").query("SELECT execution_ms FROM discovery_runs");
    expect(runs.rows).toEqual([{ execution_ms: 2 }]);
  });

  it("keeps every call to a provider and every change of a breaker as a row (R-DB-12, R-DB-16)", async () => {
    const failed = {
      ...{ happenedAt: TEN_O_CLOCK + 1, success: false, statusCode: 429, rateLimited: true },
      ...{ errorCode: "provider.rate-limited", errorMessage: "the provider answers 429" },
      circuitBreakerOpen: true,
      simulated: true,
    };
    await append(log, [providerCall(), providerCall(failed), breakerChange()]);
    await projectAll(database, log);
    const api = poolOf(database, "api");
    const calls = await api.query("SELECT * FROM provider_api_calls ORDER BY request_timestamp");
    expect(calls.rows).toEqual([
      expect.objectContaining({
        ...{ provider_name: "finra_short", endpoint: "otcMarket/regShoDaily" },
        ...{ request_timestamp: new Date(TEN_O_CLOCK), response_time_ms: 120, status_code: 200 },
        ...{ success: true, error_message: null, rate_limited: false, circuit_breaker_open: false },
        simulated: false,
      }),
      expect.objectContaining({
        ...{ status_code: 429, success: false, rate_limited: true, circuit_breaker_open: true },
        simulated: true,
        error_message: "provider.rate-limited: the provider answers 429",
      }),
    ]);
    const changes = await api.query("SELECT * FROM circuit_breaker_events");
    expect(changes.rows).toEqual([
      expect.objectContaining({
        ...{ provider_name: "finra_short", event_type: "OPENED", failure_count: 3 },
        ...{ trigger_reason: "provider.unavailable", event_timestamp: new Date(TEN_O_CLOCK) },
        auto_recovery_at: new Date(TEN_O_CLOCK + 300_000),
      }),
    ]);
  });

  it("keeps of each account and symbol what the newest record says, a closed position as 0 (R-ING-11)", async () => {
    const at = (ms: number) => ({ happenedAt: TEN_O_CLOCK + ms });
    await append(log, [
      position({ ...at(0), quantity: 100, averageEntryPrice: 18.5 }),
      position({ ...at(0), symbol: "AMC", quantity: 3 }),
      position({ ...at(0), account: "ira", quantity: 0.123456789, averageEntryPrice: null }),
    ]);
    await projectAll(database, log);
    // In a batch of its own, so that rows in the table give way.
    await append(log, [
      position({ ...at(1), quantity: -40, averageEntryPrice: 21, statedMarketValue: -820 }),
      position({ ...at(1), symbol: "AMC", quantity: 0, averageEntryPrice: null, basis: "ABSENT" }),
    ]);
    await projectAll(database, log);
    const { rows } = await poolOf(database, "api").query(
      "SELECT * FROM portfolio_positions ORDER BY account, symbol",
    );
    const open = { simulated: false, source: "import/csv", basis: "stated", stated_price: null };
    expect(rows).toEqual([
      expect.objectContaining({
        ...{ account: "ira", symbol: "GME", quantity: 0.123456789, average_entry_price: null },
        ...{ ...open, happened_at: new Date(TEN_O_CLOCK) },
      }),
      expect.objectContaining({
        ...{ account: "main", symbol: "AMC", quantity: 0, average_entry_price: null },
        ...{ ...open, basis: "absent", happened_at: new Date(TEN_O_CLOCK + 1) },
      }),
      expect.objectContaining({
        ...{ account: "main", symbol: "GME", quantity: -40, average_entry_price: 21 },
        ...{ ...open, stated_market_value: -820, happened_at: new Date(TEN_O_CLOCK + 1) },
      }),
    ]);
  });

  it.each(["before", "after"])(
    "gives a run the success rates of the hour before it, when the calls come %s it (R-DIS-05)",
    async (order) => {
      const call = (provider: string, msBefore: number, success = true) =>
        providerCall({ provider, happenedAt: TEN_O_CLOCK - msBefore, success });
      const calls = [
        // At the run's own instant counts, an hour earlier and a moment later do not.
        ...[call("finra_short", 0), call("finra_short", 60_000), call("finra_short", 120_000)],
        ...[call("finra_short", 3_599_999, false), call("finra_short", 3_600_000, false)],
        ...[call("finra_short", -1, false), call("yahoo", 5_000, false)],
      ];
      for (const step of order === "before" ? [calls, [run()]] : [[run()], calls]) {
        await append(log, step);
        await projectAll(database, log);
      }
      const audit = await poolOf(database, "api").query(
        "SELECT provider_success_rates AS found FROM discovery_audit_log",
      );
      expect(audit.rows).toEqual([
        {
          found: {
            rates: {
              finra_short: { calls: 4, success_rate: 0.75 },
              yahoo: { calls: 1, success_rate: 0 },
            },
            reason: null,
          },
        },
      ]);
    },
  );

  it("fills joined columns whichever side comes first", async () => {
    const inOrder = simulatedMarket(1, SMALL);
    await append(log, inOrder);
    await projectAll(database, log);

    const other = await startTestPostgres();
    const backwards = emptyLog();
    for (const event of inOrder.toReversed()) {
      await append(backwards, [event]);
    }
    for (const step of [1, 2]) {
      await projectAll(other, step === 1 ? emptyLog() : backwards);
    }
    const measured =
      "SELECT discovery_run_id, detector_name, symbol, execution_time_ms FROM detector_performance ORDER BY 1, 2, 3";
    const expected = await poolOf(database, "api").query(measured);
    expect(expected.rows).toHaveLength(SMALL.symbols * SMALL.slots * 2);
    expect((await poolOf(other, "api").query(measured)).rows).toEqual(expected.rows);
    const indexIsByOffset = { event_index: "" };
    expect({ ...(await digestsOf(other)), ...indexIsByOffset }).toEqual({
      ...(await digestsOf(database)),
      ...indexIsByOffset,
    });
    await other.drop();
  });

  it("gives equal tables however the log is cut into batches", async () => {
    const events = simulatedMarket(2, SMALL);
    await append(log, events);
    await projectAll(database, log);

    const other = await startTestPostgres();
    const growing = emptyLog();
    const projector = projectorOn(other, growing);
    await projector.start();
    for (const event of events) await append(growing, [event]);
    while (!(await projector.caughtUp())) await new Promise(setImmediate);
    await projector.stop();
    expect(await digestsOf(other)).toEqual(await digestsOf(database));
    await other.drop();
  });

  it("changes nothing when every record is written again, and counts it as applied", async () => {
    const events = simulatedMarket(3, SMALL);
    await append(log, events);
    await projectAll(database, log);
    const before = await digestsOf(database);
    await append(log, events);
    const again = await projectAll(database, log);
    expect(await digestsOf(database)).toEqual(before);
    expect(again.counts().records).toBeGreaterThanOrEqual(events.length);
  });

  it("writes what is new in a batch that holds copies as well", async () => {
    await append(log, [run()]);
    await projectAll(database, log);
    await append(log, [run(), run({ slot: TEN_O_CLOCK + QUARTER_MS })]);
    const written: string[] = [];
    const observer = {
      committed: () => undefined,
      retried: (_projection: string, code: string) => written.push(code),
    };
    const again = await projectAll(database, log, { observer });
    expect(again.counts()).toMatchObject({ deadLettered: 0, retries: 0 });
    expect(await countOf(database, "discovery_runs")).toBe(2);
    // Written twice, and whoever looks at the metrics sees it.
    expect(new Set(written)).toEqual(new Set(["23505"]));
  });

  it("reads nothing again after a restart", async () => {
    await append(log, simulatedMarket(4, SMALL));
    await projectAll(database, log);
    expect(await countOf(database, "dead_letters")).toBe(0);
    const restarted = await projectAll(database, log);
    expect(restarted.counts()).toMatchObject({ records: 0, batches: 0 });
    expect(await restarted.caughtUp()).toBe(true);
  });

  it("accounts for every record as applied, skipped or dead-lettered", async () => {
    const events = simulatedMarket(5, SMALL);
    await append(log, events);
    await projectAll(database, log);
    const { rows } = await poolOf(database, "api").query(
      "SELECT sum(next_offset)::integer AS read, sum(applied + skipped + dead_lettered)::integer AS accounted FROM projection_positions",
    );
    expect(rows[0].read).toBeGreaterThanOrEqual(events.length);
    expect(rows[0].accounted).toBe(rows[0].read);
  });

  it("writes cached answers after the rows, and again from the tables after the cache was lost", async () => {
    const cache = createMemoryCache(() => 0);
    await append(log, [run({ slot: TEN_O_CLOCK + QUARTER_MS }), run()]);
    await projectAll(database, log, { cache });
    const key = "amc:discovery:unified:unified_detectors:latest";
    const answer = await cache.get(key);
    expect(JSON.parse(answer ?? "null")).toMatchObject({
      run_id: runIdAt(TEN_O_CLOCK + QUARTER_MS),
    });
    expect(await cache.ttlSeconds(key)).toBe(900);
    expect(await cache.keys("amc:discovery:")).toEqual([
      "amc:discovery:contenders.latest",
      "amc:discovery:explain.latest",
      "amc:discovery:status",
      "amc:discovery:unified:latest",
      key,
    ]);

    const flushed = createMemoryCache(() => 0);
    await projectAll(database, log, { cache: flushed });
    expect(await flushed.get(key)).toBe(answer);
  });

  it("writes cached answers under the configured prefix for the configured time", async () => {
    const cache = createMemoryCache(() => 0);
    const discovery = { keyPrefix: "staging:runs", ttlSeconds: 60 };
    const cacheSettings = { ...DEFAULT_CACHE, discovery };
    await append(log, [run()]);
    const keys = ["staging:runs:latest", "staging:runs:unified_detectors:latest"];
    // Once as they are projected, once from the tables.
    for (const _ of ["projected", "warmed"]) {
      await projectAll(database, log, { cache, cacheSettings });
      expect(await cache.keys("staging:")).toEqual(keys);
      expect(await cache.keys("amc:discovery:unified")).toEqual([]);
      for (const key of keys) {
        expect(await cache.ttlSeconds(key)).toBe(60);
        await cache.delete(key);
      }
    }
  });

  it("removes the answers of yesterday at 05:00 ET and keeps those of this morning (R-DIS-10)", async () => {
    const cache = createMemoryCache(() => 0);
    const at = (time: string) => newYorkToUtc("2021-01-14", time);
    const tick = (time: string) => ({
      ...recordOf(clockTick({ happenedAt: at(time) })),
      partition: 0,
    });
    const yesterday = "amc:discovery:unified:legacy_v0:latest";
    const today = "amc:discovery:unified:unified_detectors:latest";
    await append(log, [run({ strategy: "legacy_v0" })]);
    await log.commit({ appends: [tick("04:59")] });
    await projectAll(database, log, { cache });
    expect(await cache.get(yesterday)).not.toBeNull();

    const morning = { slot: at("04:15"), happenedAt: at("04:15") };
    await append(log, [run({ ...morning, tradingDay: "2021-01-14" })]);
    await log.commit({ appends: [tick("05:00")] });
    await projectAll(database, log, { cache });
    expect(await cache.get(yesterday)).toBeNull();
    expect(await cache.get(today)).not.toBeNull();
    expect(await cache.get("amc:discovery:contenders.latest")).toBe(await cache.get(today));

    // A restart after that hour fills the cache without yesterday.
    const flushed = createMemoryCache(() => 0);
    await projectAll(database, log, { cache: flushed });
    expect(await flushed.get(yesterday)).toBeNull();
    expect(await flushed.get(today)).toBe(await cache.get(today));
  });

  it("projects on while the cache refuses everything", async () => {
    const broken = createMemoryCache(() => 0);
    broken.set = async (key) => {
      throw new CacheError("cache.unavailable", "away", { key });
    };
    await append(log, simulatedMarket(6, SMALL));
    const projector = await projectAll(database, log, { cache: broken });
    expect(await projector.caughtUp()).toBe(true);
    expect(await countOf(database, "discovery_runs")).toBe(SMALL.slots);
  });

  it("stops between two commits and says where it stands", async () => {
    await append(log, oneSlot());
    const projector = projectorOn(database, log);
    await projector.start();
    while (!(await projector.caughtUp())) await new Promise(setImmediate);
    await projector.stop();
    await expect(projector.ended).resolves.toBeUndefined();
    expect(projector.positions().filter(({ next }) => next > 0)).toHaveLength(11);
  });
});
