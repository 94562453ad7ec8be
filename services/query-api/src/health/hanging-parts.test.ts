import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ApiOptions } from "../app.ts";
import { guardedReadModel } from "../read-model/guarded-read-model.ts";
import { apiUnderTest, memoryLog } from "../testing/api-under-test.ts";
import { memoryReadModel } from "../testing/memory-read-model.ts";
import { story } from "../testing/story.ts";

const HANGS = { status: "unhealthy", detail: "does not answer in time" };

/** What a connection that is open and silent answers. */
const never = () => new Promise<never>(() => undefined);

describe("/health while a part of the system hangs", () => {
  beforeEach(() => vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
  afterEach(() => vi.useRealTimers());

  /** What is answered within three seconds. */
  async function told(overrides: Partial<ApiOptions>) {
    const app = await apiUnderTest(overrides);
    const asking = app.inject({ url: "/health" });
    await vi.advanceTimersByTimeAsync(3_000);
    return (await asking).json();
  }

  it("says that it is the log, and of no strategy that it is in force", async () => {
    const log = Object.assign(memoryLog(), { startOffset: never, endOffset: never, read: never });
    const { status, components, system } = await told({ log });
    expect(status).toBe("unhealthy");
    expect(components).toMatchObject({ log: HANGS, database: { status: "healthy" } });
    expect(system).toMatchObject({
      active_strategy: null,
      active_strategy_unknown_because: "log does not answer in time",
    });
  });

  it("says that it is the database, and of no strategy that it is in force", async () => {
    const readModel = guardedReadModel(memoryReadModel({ story: story() }), never);
    const { status, components, system } = await told({ readModel });
    expect(status).toBe("unhealthy");
    expect(components).toMatchObject({ database: HANGS, log: { status: "healthy" } });
    expect(system).toMatchObject({
      active_strategy: null,
      active_strategy_unknown_because: "database does not answer in time",
    });
  });
});

describe("/health while a part of the system fails", () => {
  it("says with which code, for the strategy too", async () => {
    const failure = Object.assign(new Error("x"), { code: "ECONNREFUSED" });
    const readModel = guardedReadModel(memoryReadModel({ story: story() }), () =>
      Promise.reject(failure),
    );
    const { system } = (await (await apiUnderTest({ readModel })).inject("/health")).json();
    expect(system.active_strategy_unknown_because).toBe("database fails with ECONNREFUSED");
  });
});
