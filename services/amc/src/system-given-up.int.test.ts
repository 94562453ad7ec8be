import { once } from "node:events";
import { createServer } from "node:net";
import { loadConfig } from "@amc/platform/config/load-config";
import type { Log } from "@amc/platform/log/port";
import { startTestPostgres } from "@amc/platform/postgres/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { configuredScoring } from "./scoring-options.ts";
import { openSystem, type System } from "./system.ts";
import { TestDirectory } from "./testing/simulated-system.ts";

const STOPPED = new Error("Ctrl-C");
const DAMAGED = new Error("the log is damaged");
const STAYS = new Error("does not close");
/** Not reached before the log was looked at. */
const NO_DATABASE = "postgres://127.0.0.1:9/amc";

let directory: TestDirectory;
let stop: AbortController;
beforeEach(() => {
  directory = new TestDirectory();
  stop = new AbortController();
});
afterEach(() => {
  directory.dispose();
});

function opened(checkLog: (log: Log) => Promise<void>, url = NO_DATABASE): Promise<System> {
  const variables = { ...loadConfig({ DATABASE_URL: url, LOG_LEVEL: "fatal" }), PORT: 0 };
  return openSystem({
    ...{ variables, checkLog, signal: stop.signal },
    scoring: configuredScoring(variables),
    configuredUniverse: null,
    dataDirectory: directory.path,
    showAlert: () => undefined,
  });
}

/** Has `also` happen while the log is closed. */
function whileClosed(log: Log, also: () => void): void {
  const close = log.close.bind(log);
  log.close = async () => {
    await close();
    also();
  };
}

describe("an opening of the system that is asked to end", () => {
  it("while it looks at the log has not failed", async () => {
    const opening = opened(async () => stop.abort(STOPPED));
    await expect(opening).rejects.toBe(STOPPED);
  });

  it("while a given server takes connections and is silent has not failed", async () => {
    const silent = createServer((socket) => {
      socket.once("data", () => stop.abort(STOPPED));
    });
    // The name that PostgreSQL gives the socket of its port 5432.
    silent.listen(directory.at(".s.PGSQL.5432"));
    await once(silent, "listening");
    const url = `postgres://amc@/amc?host=${encodeURIComponent(directory.path)}`;
    const opening = opened(async () => undefined, url);
    await expect(opening).rejects.toBe(STOPPED);
    silent.close();
  });

  it("while it takes the projections over has not failed", async () => {
    const database = await startTestPostgres();
    const checkLog = async (log: Log): Promise<void> => {
      const acquire = log.acquire.bind(log);
      log.acquire = (...of) => {
        stop.abort(STOPPED);
        return acquire(...of);
      };
    };
    await expect(opened(checkLog, database.url("migrator"))).rejects.toBe(STOPPED);
    await database.drop();
  });

  it("before it fails of something else tells the failure", async () => {
    const opening = opened(async () => {
      stop.abort(STOPPED);
      throw DAMAGED;
    });
    await expect(opening).rejects.toBe(DAMAGED);
  });

  it("while it closes what it had opened before it failed tells the failure", async () => {
    const opening = opened(async (log) => {
      whileClosed(log, () => stop.abort(STOPPED));
      throw DAMAGED;
    });
    await expect(opening).rejects.toBe(DAMAGED);
    expect(stop.signal.aborted).toBe(true);
  });

  it("tells what does not close then", async () => {
    const opening = opened(async (log) => {
      whileClosed(log, () => {
        throw STAYS;
      });
      stop.abort(STOPPED);
    });
    await expect(opening).rejects.toMatchObject({
      message: expect.stringContaining("does not close"),
      errors: [STAYS],
    });
  });

  it("tells both what failed and what does not close then", async () => {
    const opening = opened(async (log) => {
      whileClosed(log, () => {
        throw STAYS;
      });
      throw DAMAGED;
    });
    await expect(opening).rejects.toMatchObject({
      message: expect.stringMatching(/the log is damaged.*does not close/),
      errors: [DAMAGED, STAYS],
    });
  });
});
