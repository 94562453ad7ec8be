import { setImmediate as turn } from "node:timers/promises";
import { LogError } from "@amc/platform/log/errors";
import type { Log } from "@amc/platform/log/port";
import { logWithCommit } from "@amc/platform/log/testing/log-with-commit";
import { RegistryError } from "@amc/platform/registry/errors";
import type { FastifyInstance } from "fastify";
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { apiUnderTest, memoryLog, NOW_MS } from "../testing/api-under-test.ts";
import { LOG_ANSWER_MS_MAX } from "./projection-lag.ts";

/** A log whose ends are what `ask` says. */
function logThatSays(ask: (end: Promise<number>) => Promise<number>): Log {
  const log = memoryLog();
  return {
    ...logWithCommit(log, (commit) => log.commit(commit)),
    endOffset: (topic, partition) => ask(log.endOffset(topic, partition)),
  };
}

const STALE = { lagRecords: null, lagMs: null, stale: true };
const CURRENT = { lagRecords: 0, lagMs: 0, stale: false };

describe("an answer while the log is away", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  const apiOn = async (log: Log, nowMs: () => number = () => NOW_MS): Promise<FastifyInstance> => {
    const app = await apiUnderTest({ log, nowMs });
    onTestFinished(() => app.close());
    return app;
  };
  const ask = async (app: FastifyInstance, url = "/recommendations") => {
    const answer = await app.inject({ url });
    return { status: answer.statusCode, ...answer.json() };
  };

  it("comes from the tables and says that it is stale when no broker can be reached", async () => {
    const app = await apiOn(
      logThatSays(() => Promise.reject(new LogError("log.unavailable", "no leader"))),
    );
    for (const url of ["/recommendations", "/discovery/runs", "/near-misses", "/symbols/GME"]) {
      const { status, data, freshness } = await ask(app, url);
      expect(status).toBe(200);
      expect(data.length).toBeGreaterThan(0);
      expect(freshness).toMatchObject(STALE);
    }
  });

  it.each(["registry.newer-schema", "registry.unavailable"] as const)(
    "comes from the tables and says that it is stale when what waits in the log cannot be read: %s",
    async (code) => {
      const failure = new RegistryError(code, "not by this build", {});
      const app = await apiOn(logThatSays(() => Promise.reject(failure)));
      expect(await ask(app)).toMatchObject({ status: 200, freshness: STALE });
    },
  );

  it("waits a second for a log that is silent, the next ones not at all, and is current when it speaks", async () => {
    const { promise: speaks, resolve: speak } = Promise.withResolvers<void>();
    let nowMs = NOW_MS;
    const log = logThatSays((end) => speaks.then(() => end));
    const app = await apiOn(log, () => nowMs);
    const first = ask(app);
    while (vi.getTimerCount() === 0) await turn();
    await vi.advanceTimersByTimeAsync(LOG_ANSWER_MS_MAX);
    expect((await first).freshness).toMatchObject(STALE);
    nowMs += LOG_ANSWER_MS_MAX;
    // Nobody lets time pass for this one.
    expect((await ask(app)).freshness).toMatchObject(STALE);
    speak();
    await turn();
    nowMs += LOG_ANSWER_MS_MAX;
    expect((await ask(app)).freshness).toMatchObject(CURRENT);
  });

  it("is a failure where the log fails for good: a replaced topic is no outage", async () => {
    const app = await apiOn(
      logThatSays(() => Promise.reject(new LogError("log.topic-replaced", "another id"))),
    );
    expect((await ask(app)).status).toBe(500);
  });
});
