import type { Log } from "@amc/platform/log/port";
import { StageRunner } from "@amc/platform/runtime/stage-runner";
import { createTopology, DEFAULT_TOPOLOGY } from "@amc/streams/topology/topology";
import { describe, expect, it } from "vitest";
import { DEFAULT_API_CONFIG } from "../config.ts";
import { guardedReadModel } from "../read-model/guarded-read-model.ts";
import type { ProviderStanding } from "../read-model/port.ts";
import { apiUnderTest, append, memoryLog, NOW_MS } from "../testing/api-under-test.ts";
import { memoryReadModel } from "../testing/memory-read-model.ts";
import { story } from "../testing/story.ts";
import { endsOf, writeStory } from "../testing/story-log.ts";

const TOPOLOGY = createTopology(DEFAULT_TOPOLOGY);
const MINUTE_MS = 60_000;

/** Takes all input of every stage but those of one work unit, named as `signals/1`. */
async function drainStages(log: Log, stalled?: string): Promise<void> {
  for (const subtopology of TOPOLOGY) {
    for (let partition = 0; partition < log.partitions("ops.clock.v1"); partition += 1) {
      if (`${subtopology.name}/${partition}` === stalled) continue;
      await (await StageRunner.open({ log, subtopology, partition })).runUntilIdle();
    }
  }
}

describe("/health", () => {
  it("names every component of R-API-19, version, effective strategy and session", async () => {
    const app = await apiUnderTest();
    const body = (await app.inject({ url: "/health" })).json();
    expect(Object.keys(body)).toEqual(["status", "timestamp", "components", "system"]);
    expect(body.timestamp).toBe("2021-01-13T15:31:00.000Z");
    expect(body.system).toEqual({
      version: "unified_v1.0.0",
      active_strategy: "unified_detectors",
      active_strategy_unknown_because: null,
      session: "regular",
    });
    expect(body.components).toMatchObject({
      database: { status: "healthy" },
      redis: { status: "healthy", detail: "in-process" },
      log: { status: "healthy" },
      projector: { status: "healthy" },
      finra_api: { status: "not_configured" },
      alpha_vantage: { status: "not_configured" },
      polygon: { status: "not_configured" },
      ab_testing: { status: "healthy", detail: "no experiment runs" },
    });
  });

  it("says how each provider did in the last hour, and what it still allows, which /metrics shows in figures (R-API-19, R-MET-05, R-ING-22)", async () => {
    const never = {
      ...{ simulated: false, calls: 0, successes: 0, rateLimited: 0, meanMs: null, p95Ms: null },
      ...{ lastCallAt: null, lastSuccessAt: null },
      ...{ breaker: null, breakerReason: null, autoRecoveryAt: null, spent: 0 },
    };
    const called = { ...never, lastCallAt: NOW_MS - 1_000, lastSuccessAt: NOW_MS - MINUTE_MS };
    const timed = { meanMs: 120, p95Ms: 300 };
    const finra = { ...called, ...timed, calls: 10, successes: 9, spent: 4 };
    const autoRecoveryAt = NOW_MS + MINUTE_MS;
    const opened = { breaker: "OPENED", breakerReason: "provider.timeout", autoRecoveryAt };
    const providers: ProviderStanding[] = [
      { ...finra, provider: "finra_short", simulated: true, breaker: "CLOSED" },
      { ...called, ...timed, provider: "yahoo", calls: 10, successes: 8, rateLimited: 1 },
      { ...called, ...timed, provider: "alpha_vantage", calls: 2, spent: 30, ...opened },
      { ...never, provider: "polygon" },
    ];
    const app = await apiUnderTest({ readModel: memoryReadModel({ story: story(), providers }) });
    const { components } = (await app.inject({ url: "/health" })).json();
    const success = "last success 2021-01-13T15:30:00.000Z";
    expect(components).toMatchObject({
      finra_api: {
        status: "healthy",
        detail: `a mock answers: 9 of 10 calls succeeded in the last hour, mean 120 ms, ${success}, 56 of 60 calls of a minute left`,
      },
      yahoo: { status: "degraded" },
      alpha_vantage: {
        status: "unhealthy",
        detail: `breaker open until 2021-01-13T15:32:00.000Z (provider.timeout), ${success}, 0 of 25 calls of a day left`,
      },
      polygon: { status: "not_configured", detail: "never called" },
    });
    const { body } = await app.inject({ url: "/metrics" });
    for (const line of [
      'amc_provider_calls_last_hour{provider="yahoo",outcome="success"} 8',
      'amc_provider_calls_last_hour{provider="yahoo",outcome="rate_limited"} 1',
      'amc_provider_calls_last_hour{provider="yahoo",outcome="error"} 1',
      'amc_provider_success_ratio{provider="finra_short"} 0.9',
      'amc_provider_response_seconds{provider="finra_short",statistic="mean"} 0.12',
      'amc_provider_response_seconds{provider="finra_short",statistic="p95"} 0.3',
      'amc_provider_circuit_breaker_state{provider="alpha_vantage"} 2',
      'amc_provider_circuit_breaker_state{provider="finra_short"} 0',
      'amc_provider_simulated{provider="finra_short"} 1',
    ]) {
      expect(body).toContain(line);
    }
    expect(body).not.toContain('provider="polygon"');
  });

  it("shows the strategy in force: of the newest run, then of an operator, then the configured", async () => {
    const log = memoryLog();
    const config = { ...DEFAULT_API_CONFIG, activeStrategy: "legacy_v0" };
    const app = await apiUnderTest({ log, config });
    const shown = async () => (await app.inject({ url: "/health" })).json().system.active_strategy;
    const decide = (value: string | null, publishedAt: number) => {
      const control = { happenedAt: publishedAt, publishedAt, actor: "ann", reason: "test" };
      const id = `00000000-0000-8000-8000-${String(publishedAt).slice(-12).padStart(12, "0")}`;
      const record = { ...control, setting: "strategy", value };
      return append(log, "ops.control.v1", id, record, { key: "strategy", partition: 0 });
    };
    expect(await shown()).toBe("unified_detectors");
    // Decided before the newest run, which shows already what is in force.
    await decide("legacy_v0", NOW_MS - 3_600_000);
    expect(await shown()).toBe("unified_detectors");
    await decide("hybrid_v1", NOW_MS);
    expect(await shown()).toBe("hybrid_v1");
    await decide("no such strategy", NOW_MS + 1);
    expect(await shown()).toBe("hybrid_v1");
    await decide(null, NOW_MS + 2);
    expect(await shown()).toBe("legacy_v0");
  });

  it("is degraded by a run slower than MAX_DISCOVERY_LATENCY_SECONDS, which /metrics flags", async () => {
    // The story's runs took 12 ms.
    for (const { maxRunMs, late } of [
      { maxRunMs: 11, late: 1 },
      { maxRunMs: 12, late: 0 },
    ]) {
      const app = await apiUnderTest({ config: { ...DEFAULT_API_CONFIG, maxRunMs } });
      const { components } = (await app.inject({ url: "/health" })).json();
      const detail = "run of 2021-01-13T15:30:00.000Z: took 12 ms, more than 11 ms; fewer than";
      expect(components.discovery_pipeline.status).toBe("degraded");
      expect(components.discovery_pipeline.detail.startsWith(detail)).toBe(late === 1);
      const { body } = await app.inject({ url: "/metrics" });
      expect(body).toContain(`amc_discovery_run_late{strategy="unified_detectors"} ${late}`);
    }
  });

  it("tells of a reduced universe, as /metrics and the run do (R-OPS-11)", async () => {
    const told = story();
    const flag = "universe reduced: 34 of 40 symbols left out below 5000000 USD a day";
    const runs = told.runs.map(({ id, event }) => {
      const stageCounts = [{ stage: "universe_floor", in: 40, out: 6 }, ...event.stageCounts];
      return { id, event: { ...event, stageCounts, healthMessages: [flag] } };
    });
    const app = await apiUnderTest({ readModel: memoryReadModel({ story: { ...told, runs } }) });
    const { components } = (await app.inject({ url: "/health" })).json();
    expect(components.discovery_pipeline).toMatchObject({ status: "degraded" });
    expect(components.discovery_pipeline.detail).toContain(flag);
    const gauge = 'amc_discovery_run_symbols{strategy="unified_detectors",stage="left_out"}';
    expect((await app.inject({ url: "/metrics" })).body).toContain(`${gauge} 34`);
    const whole = await apiUnderTest();
    expect((await whole.inject({ url: "/metrics" })).body).toContain(`${gauge} 0`);
  });

  it("is degraded when the cache fails or the newest run was unwell", async () => {
    const cache = {
      get: async () => null,
      ping: () => Promise.reject(Object.assign(new Error("x"), { code: "cache.unavailable" })),
    };
    const app = await apiUnderTest({ cache });
    const body = (await app.inject({ url: "/health" })).json();
    expect(body.status).toBe("degraded");
    expect(body.components.redis).toEqual({
      status: "unhealthy",
      detail: "fails with cache.unavailable",
    });
    expect(body.components.discovery_pipeline).toEqual({
      status: "degraded",
      detail: "run of 2021-01-13T15:30:00.000Z: fewer than 5 candidates",
    });
  });
});

describe("/readyz", () => {
  it("is ready only once the projector has applied what the log holds", async () => {
    const log = memoryLog();
    const told = story();
    const { positions } = await writeStory(log, told);
    const stalled = positions.map((at) =>
      at.topic === "signals.verdict.v1" ? { ...at, next: 0 } : at,
    );
    let nowMs = Date.UTC(2021, 0, 13, 15, 31) + 60_000;
    const asking = (current: typeof positions) =>
      apiUnderTest({
        log,
        nowMs: () => nowMs,
        readModel: memoryReadModel({ story: told, positions: current }),
      });
    const behind = await (await asking(stalled)).inject({ url: "/readyz" });
    expect(behind.statusCode).toBe(503);
    expect(behind.json().reasons).toEqual([
      "projector: 24 records behind, the oldest for 60000 ms",
    ]);
    const caughtUp = await (await asking(positions)).inject({ url: "/readyz" });
    expect(caughtUp.statusCode).toBe(200);
    expect(caughtUp.json()).toEqual({ ready: true, reasons: [] });
    nowMs -= 57_000;
    const fresh = await (await asking(stalled)).inject({ url: "/readyz" });
    expect(fresh.statusCode).toBe(200);
  });

  it("is not ready while a stage stands still, says which and how far, and is once it has drained", async () => {
    const log = memoryLog();
    const told = story();
    await writeStory(log, told);
    await drainStages(log, "signals/1");
    const ask = async (nowMs: number) => {
      const readModel = memoryReadModel({ story: told, positions: await endsOf(log) });
      const app = await apiUnderTest({ log, topology: TOPOLOGY, readModel, nowMs: () => nowMs });
      const ready = await app.inject({ url: "/readyz" });
      const { components } = (await app.inject({ url: "/health" })).json();
      return { ...ready.json(), status: ready.statusCode, stages: components.stages };
    };
    // Five ticks, the first of them an hour before the last.
    const detail = "signals/1 is 5 records (3600 s of event time) behind, the oldest for 60000 ms";
    expect(await ask(NOW_MS + MINUTE_MS)).toEqual({
      status: 503,
      ready: false,
      reasons: [`stages: ${detail}`],
      stages: { status: "unhealthy", detail },
    });
    // Input that has just come is no stall.
    expect(await ask(NOW_MS + 5_000)).toMatchObject({ status: 200, stages: { status: "healthy" } });

    await drainStages(log);
    expect(await ask(NOW_MS + MINUTE_MS)).toEqual({
      status: 200,
      ready: true,
      reasons: [],
      stages: { status: "healthy", detail: "caught up" },
    });
  });

  it("says why and since when the database is away, and forgets it with its first answer", async () => {
    const told = memoryReadModel({ story: story() });
    let nowMs = NOW_MS;
    let failure: string | null = "ECONNREFUSED";
    const asked = <Answer>(answer: () => Promise<Answer>) =>
      failure === null
        ? answer()
        : Promise.reject(Object.assign(new Error("x"), { code: failure }));
    const readModel = guardedReadModel(told, asked);
    const app = await apiUnderTest({ readModel, nowMs: () => nowMs });
    const databaseIs = async () => (await app.inject({ url: "/readyz" })).json().reasons[0];
    const since = "since 2021-01-13T15:31:00.000Z";
    expect(await databaseIs()).toBe(`database: fails with ECONNREFUSED ${since}`);
    nowMs += 3_600_000;
    failure = "57P03";
    expect(await databaseIs()).toBe(`database: fails with 57P03 ${since}`);
    failure = null;
    expect(await databaseIs()).toBeUndefined();
    failure = "ECONNREFUSED";
    expect(await databaseIs()).toContain("since 2021-01-13T16:31:00.000Z");
  });

  it("says that the projector waits for its database once that has lasted", async () => {
    let forMs = 5_000;
    const app = await apiUnderTest({ projectorOutage: () => ({ code: "53100", forMs }) });
    expect((await app.inject({ url: "/readyz" })).statusCode).toBe(200);
    forMs = 60_000;
    const { statusCode, ...answer } = await app.inject({ url: "/readyz" });
    expect(statusCode).toBe(503);
    expect(answer.json().reasons).toEqual([
      "projector: waits for the database since 2021-01-13T15:30:00.000Z (53100)",
    ]);
  });

  it("is not ready when nothing has been projected of a log that holds something", async () => {
    const log = memoryLog();
    await writeStory(log, story());
    const app = await apiUnderTest({ log, nowMs: () => Date.UTC(2021, 0, 13, 15, 32) });
    expect((await app.inject({ url: "/readyz" })).json().reasons).toEqual([
      "projector: 7 records behind, the oldest for 60000 ms",
    ]);
  });
});

describe("/metrics", () => {
  it("shows the newest run under the prefix amc_, in base units and without a symbol", async () => {
    const app = await apiUnderTest();
    await app.inject({ url: "/symbols/GME" });
    const { body, headers } = await app.inject({ url: "/metrics" });
    expect(headers["content-type"]).toContain("text/plain; version=0.0.4");
    for (const line of [
      'amc_discovery_run_duration_seconds{strategy="unified_detectors"} 0.012',
      'amc_discovery_run_symbols{strategy="unified_detectors",stage="candidates"} 2',
      'amc_discovery_run_gate_rejections{gate="min_relvol_30"} 2',
      'amc_discovery_run_confidence_candidates{from="0.6"} 1',
      'amc_discovery_data_age_seconds{strategy="unified_detectors"} 60',
    ]) {
      expect(body).toContain(line);
    }
    const names = [...body.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name);
    expect(names.filter((name) => !name?.startsWith("amc_"))).toEqual([]);
    expect(body).not.toContain("GME");
    expect(body).toContain('route="/symbols/:symbol"');
  });

  it("shows how many evaluations of the newest run each detector ended in error", async () => {
    const told = story();
    const newest = told.runs.at(-1)?.event.happenedAt;
    const evaluations = told.evaluations.map((one) => ({
      ...one,
      detections: one.detections.map((detection) => {
        const fails =
          detection.event.detector === "squeeze" && detection.event.happenedAt === newest;
        const error = fails ? "detector-failed:TypeError" : null;
        return { ...detection, event: { ...detection.event, error } };
      }),
    }));
    const failing = { ...told, evaluations };
    const app = await apiUnderTest({ readModel: memoryReadModel({ story: failing }) });
    const { body } = await app.inject({ url: "/metrics" });
    const ofNewest = told.evaluations.filter(
      ({ features }) => features.event.happenedAt === newest,
    ).length;
    expect(ofNewest).toBeGreaterThan(0);
    expect(body).toContain(`amc_detector_errors{detector="squeeze"} ${ofNewest}`);
    expect(body).toContain('amc_detector_errors{detector="technicals"} 0');
  });

  it("answers while the database is away: it says so, and leaves out what nobody can know", async () => {
    const told = memoryReadModel({ story: story() });
    let isAway = false;
    const asked = <Answer>(answer: () => Promise<Answer>) =>
      isAway ? Promise.reject(Object.assign(new Error("x"), { code: "ECONNREFUSED" })) : answer();
    const readModel = guardedReadModel(told, asked);
    const app = await apiUnderTest({ readModel, topology: TOPOLOGY });
    const scrape = async () => {
      const { statusCode, body } = await app.inject({ url: "/metrics" });
      expect(statusCode).toBe(200);
      return body;
    };
    const known = [
      'amc_projector_lag_records{projection="features",topic="signals.features.v1"} 0',
      'amc_discovery_run_duration_seconds{strategy="unified_detectors"} 0.012',
    ];
    const before = await scrape();
    for (const line of known) expect(before).toContain(line);
    expect(before).toContain('amc_up{component="database"} 1');
    isAway = true;
    const during = await scrape();
    expect(during).toContain('amc_up{component="database"} 0');
    expect(during).toContain('amc_up{component="log"} 1');
    expect(during).toContain('amc_stage_lag_records{subtopology="signals",partition="0"} 0');
    expect(during).not.toMatch(/^amc_projector_lag_records\{/m);
    expect(during).not.toMatch(/^amc_discovery_run_/m);
    isAway = false;
    for (const line of known) expect(await scrape()).toContain(line);
  });

  it("shows how far a projector and a stage that stand still are behind, and that it grows", async () => {
    const log = memoryLog();
    const told = story();
    const { positions } = await writeStory(log, told);
    const stalled = positions.map((at) =>
      at.topic === "signals.verdict.v1" ? { ...at, next: 0 } : at,
    );
    let nowMs = NOW_MS + 60_000;
    const app = await apiUnderTest({
      log,
      topology: TOPOLOGY,
      nowMs: () => nowMs,
      readModel: memoryReadModel({ story: told, positions: stalled }),
    });
    const series = async (name: string, labels: string) => {
      const { body } = await app.inject({ url: "/metrics" });
      const line = body.split("\n").find((text) => text.startsWith(`${name}{${labels}} `));
      return Number(line?.split(" ").at(-1));
    };
    const verdicts = 'projection="signals",topic="signals.verdict.v1"';
    const stage = 'subtopology="signals",partition="1"';
    expect(await series("amc_projector_lag_records", verdicts)).toBe(told.evaluations.length);
    // Up to the newest tick, which the newest evaluations answer.
    const instants = told.evaluations.map(({ verdict }) => verdict.event.happenedAt);
    const spanMs = Math.max(...instants) - Math.min(...instants);
    expect(spanMs).toBeGreaterThan(0);
    expect(await series("amc_projector_lag_seconds", verdicts)).toBe(spanMs / 1_000);
    expect(await series("amc_projector_waiting_seconds", verdicts)).toBe(60);
    expect(await series("amc_stage_lag_records", stage)).toBe(5);
    expect(await series("amc_stage_lag_seconds", stage)).toBe(3_600);
    nowMs += 60_000;
    expect(await series("amc_projector_waiting_seconds", verdicts)).toBe(120);
    expect(await series("amc_stage_waiting_seconds", stage)).toBe(120);
  });

  it("answers 404 when PROMETHEUS_METRICS_ENABLED is false", async () => {
    const app = await apiUnderTest({ config: { ...DEFAULT_API_CONFIG, metricsEnabled: false } });
    expect((await app.inject({ url: "/metrics" })).statusCode).toBe(404);
  });
});
