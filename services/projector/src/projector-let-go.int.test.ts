import { createMemoryCache } from "@amc/platform/cache/memory";
import { createPool } from "@amc/platform/postgres/pool";
import { describe, expect, it } from "vitest";
import { createProjector } from "./projector.ts";
import { hurriedClock } from "./testing/hurried-clock.ts";
import { emptyLog } from "./testing/log-of-events.ts";
import { quietLogger } from "./testing/quiet-logger.ts";

describe("a projector that is stopped while it takes its projections over", () => {
  it("from a database that is away has not failed, and tells what it waited for", async () => {
    const connection = { host: "127.0.0.1", port: 9 };
    let stopped = Promise.resolve();
    const projector = createProjector({
      log: emptyLog(),
      pool: createPool({ connection, applicationName: "test", max: 1 }),
      cache: createMemoryCache(() => 0),
      logger: quietLogger,
      clock: {
        ...hurriedClock,
        sleep: async () => {
          stopped = projector.stop();
        },
      },
    });
    await expect(projector.start()).rejects.toMatchObject({ code: "ECONNREFUSED" });
    await stopped;
    await expect(projector.ended).resolves.toBeUndefined();
  });
});
