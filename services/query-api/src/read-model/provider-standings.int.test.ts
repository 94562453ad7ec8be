import { SCHEDULE_ENDPOINT } from "@amc/platform/http/finra-endpoints";
import { startTestPostgres, type TestDatabase } from "@amc/platform/postgres/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ProviderStanding } from "./port.ts";
import { createPostgresReadModel } from "./postgres-read-model.ts";
import { providerStandings } from "./provider-standings.ts";

const NOW_MS = Date.UTC(2025, 8, 5, 14);
const HOUR_MS = 3_600_000;
const SPAN = { afterMs: NOW_MS - HOUR_MS, throughMs: NOW_MS };

describe("the standings of providers", () => {
  let database: TestDatabase;
  let standingsOf: (span: typeof SPAN) => Promise<readonly ProviderStanding[]>;
  let unanswered: (endpoint: string, throughMs?: number) => Promise<number | null>;
  let found: ReadonlyMap<string, ProviderStanding>;

  beforeAll(async () => {
    database = await startTestPostgres();
    const pool = database.pool("projector");
    const call = (provider: string, msAgo: number, ms: number, success = true, limited = false) =>
      pool.query(
        `INSERT INTO read_model.provider_api_calls (provider_name, endpoint, request_timestamp,
           response_time_ms, success, rate_limited, event_id)
         VALUES ($1, 'data', $2, $3, $4, $5, gen_random_uuid())`,
        [provider, new Date(NOW_MS - msAgo), ms, success, limited],
      );
    await call("finra_short", 0, 100);
    await call("finra_short", 60_000, 200);
    await call("finra_short", HOUR_MS - 1, 600, false, true);
    await call("finra_short", HOUR_MS, 9_000, false);
    await call("finra_short", -1, 9_000, false);
    await call("yahoo", 2 * HOUR_MS, 50);
    await call("alpha_vantage", 24 * HOUR_MS, 50);
    await call("alpha_vantage", 24 * HOUR_MS - 1, 50);
    await call("alpha_vantage", 2 * HOUR_MS, 50);
    // A mock answers since ten seconds ago, and answered a real provider's questions before.
    const mocked = (provider: string, msAgo: number) =>
      pool.query(
        `INSERT INTO read_model.provider_api_calls (provider_name, endpoint, request_timestamp,
           response_time_ms, success, event_id, simulated)
         VALUES ($1, 'data', $2, 1, true, gen_random_uuid(), true)`,
        [provider, new Date(NOW_MS - msAgo)],
      );
    await mocked("finra_short", 5_000);
    const about = (endpoint: string, msAgo: number, success: boolean, simulated = false) =>
      pool.query(
        `INSERT INTO read_model.provider_api_calls (provider_name, endpoint, request_timestamp,
           success, event_id, simulated)
         VALUES ('finra_short', $1, $2, $3, gen_random_uuid(), $4)`,
        [endpoint, new Date(NOW_MS - msAgo), success, simulated],
      );
    // A mock of the page of dates, beside real data.
    await about(SCHEDULE_ENDPOINT, -5_000, true, true);
    // Four days before, the first that was ever asked.
    await about(SCHEDULE_ENDPOINT, 100 * HOUR_MS, true, true);
    // Short interest was answered once, and not since; its mock was asked before, other data were after.
    await about("interest", 90 * HOUR_MS, false);
    await about("interest", 80 * HOUR_MS, true);
    await about("interest", 70 * HOUR_MS, false);
    await about("interest", 65 * HOUR_MS, true, true);
    await about("interest", 60 * HOUR_MS, false);
    await about("volume", 3 * HOUR_MS, true);
    await about("interest", -1, true);
    await call("rss", 60_000, 700, false);
    await mocked("rss", 10_000);
    await mocked("rss", 20_000);
    const change = (
      provider: string,
      type: string,
      msAgo: number,
      waitMs = 300_000,
      mock = false,
    ) =>
      pool.query(
        `INSERT INTO read_model.circuit_breaker_events (provider_name, event_type, trigger_reason,
           failure_count, event_timestamp, auto_recovery_at, event_id, simulated)
         VALUES ($1, $2, 'provider.timeout', 3, $3, $4, gen_random_uuid(), $5)`,
        [provider, type, new Date(NOW_MS - msAgo), new Date(NOW_MS - msAgo + waitMs), mock],
      );
    await change("finra_short", "OPENED", 400_000);
    await change("finra_short", "HALF_OPENED", 0);
    // The trial failed within the same millisecond.
    await change("finra_short", "OPENED", 0, 1);
    await change("finra_short", "CLOSED", -1);
    // Its process started anew and was answered.
    await change("alpha_vantage", "OPENED", 2 * HOUR_MS + 1, 24 * HOUR_MS);
    await call("alpaca", 400_000, 50, false);
    await change("alpaca", "OPENED", 300_000);
    await change("rss", "HALF_OPENED", HOUR_MS, 0, true);
    await change("rss", "OPENED", 30_000);
    const readModel = createPostgresReadModel(database.pool("api"));
    standingsOf = (span) => readModel.read((view) => view.providers(span));
    const standings = await standingsOf(SPAN);
    unanswered = (endpoint, throughMs = NOW_MS) =>
      readModel.read((view) =>
        view.unansweredSince({ provider: "finra_short", endpoint, throughMs }),
      );
    found = new Map(standings.map((standing) => [standing.provider, standing]));
  });
  afterAll(() => database.drop());

  it("count the calls of the span, its end included and its beginning not", () => {
    expect(found.get("finra_short")).toEqual({
      ...{ provider: "finra_short", simulated: false, calls: 3, successes: 2, rateLimited: 1 },
      ...{ meanMs: 300, p95Ms: 600, lastCallAt: NOW_MS, lastSuccessAt: NOW_MS },
      ...{ breaker: "OPENED", breakerReason: "provider.timeout", autoRecoveryAt: NOW_MS + 1 },
      // The call of a minute ago is none of this minute.
      spent: 1,
    });
  });

  it("are those of a mock where that answered last, and never of both", () => {
    expect(found.get("rss")).toMatchObject({
      ...{ simulated: true, calls: 2, successes: 2, meanMs: 1, lastCallAt: NOW_MS - 10_000 },
    });
  });

  it("are those of the mock of the page of dates where nothing else was ever asked", async () => {
    const throughMs = NOW_MS - 99 * HOUR_MS;
    const standings = await standingsOf({ afterMs: throughMs - 2 * HOUR_MS, throughMs });
    expect(standings.find(({ provider }) => provider === "finra_short")).toMatchObject({
      ...{ calls: 1, successes: 1, simulated: true },
      lastCallAt: NOW_MS - 100 * HOUR_MS,
    });
  });

  it("are those of the provider where a mock of its page of dates alone answered last", async () => {
    const later = await standingsOf({ ...SPAN, throughMs: NOW_MS + 10_000 });
    const finra = later.find(({ provider }) => provider === "finra_short");
    expect(finra).toMatchObject({ simulated: false, calls: 5, lastCallAt: NOW_MS + 1 });
  });

  it("have no breaker open that nobody holds open, because it has waited or its process ended", () => {
    expect(found.get("alpaca")).toMatchObject({ breaker: "HALF_OPENED", calls: 1, successes: 0 });
    expect(found.get("alpha_vantage")).toMatchObject({ breaker: "CLOSED" });
    expect(found.get("rss")).toMatchObject({ breaker: "CLOSED" });
  });

  it("count what is spent of a day's calls in the last 24 hours, whatever the span (R-ING-22)", () => {
    expect(found.get("alpha_vantage")).toMatchObject({ calls: 0, spent: 2 });
  });

  it("know the last success of one that was not called for hours, and one never called", () => {
    const unknown = {
      ...{ simulated: false, calls: 0, successes: 0, rateLimited: 0, meanMs: null, p95Ms: null },
      ...{ breaker: null, breakerReason: null, autoRecoveryAt: null, spent: 0 },
    };
    const before = NOW_MS - 2 * HOUR_MS;
    const yahoo = { ...unknown, provider: "yahoo", lastCallAt: before, lastSuccessAt: before };
    expect(found.get("yahoo")).toEqual(yahoo);
    const polygon = { ...unknown, provider: "polygon", lastCallAt: null, lastSuccessAt: null };
    expect(found.get("polygon")).toEqual(polygon);
    expect([...found.keys()]).toEqual([
      "finra_short",
      "yahoo",
      "alpha_vantage",
      "polygon",
      "rss",
      "alpaca",
    ]);
  });

  it("know since when one thing is asked for in vain, whatever else is answered (R-ING-18)", async () => {
    expect(await unanswered("interest")).toBe(NOW_MS - 70 * HOUR_MS);
    expect(await unanswered("interest", NOW_MS - 80 * HOUR_MS)).toBeNull();
    // Nothing had succeeded by then.
    expect(await unanswered("interest", NOW_MS - 85 * HOUR_MS)).toBe(NOW_MS - 90 * HOUR_MS);
    // The mock was asked last then, and answered.
    expect(await unanswered("interest", NOW_MS - 62 * HOUR_MS)).toBeNull();
    expect(await unanswered("volume")).toBeNull();
    expect(await unanswered("nothing")).toBeNull();
  });

  it("are read along the index of a provider's calls, however many there are", async () => {
    const superuser = database.pool("superuser");
    await superuser.query(
      `INSERT INTO read_model.provider_api_calls (provider_name, endpoint, request_timestamp, success, event_id)
       SELECT 'finra_short', 'data', $1::timestamptz - n * interval '1 minute', true, gen_random_uuid()
       FROM generate_series(1, 20000) AS n`,
      [new Date(NOW_MS)],
    );
    await superuser.query("VACUUM ANALYZE read_model.provider_api_calls");
    const plan: unknown[] = [];
    await providerStandings(async (text, values) => {
      const { rows } = await database.pool("api").query(`EXPLAIN ${text}`, [...values]);
      plan.push(...rows.map((row) => row["QUERY PLAN"]));
      return [];
    }, SPAN);
    expect(plan.join("\n")).toContain("idx_provider_timestamp");
    expect(plan.join("\n")).not.toContain("Seq Scan on provider_api_calls");
  });
});
