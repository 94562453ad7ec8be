import {
  type InterruptibleDatabase,
  startInterruptiblePostgres,
  startTestPostgres,
  type TestDatabase,
} from "@amc/platform/postgres/testing";
import { digestsOf, projectAll } from "@amc/projector/testing/projector-fixture";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { System } from "./system.ts";
import { TestDirectory } from "./testing/simulated-system.ts";
import { playBuiltIn, systemOnDatabase } from "./testing/system-on-database.ts";

/** In the first hour of the built-in case, after its first runs. */
const HALF_WAY = Date.parse("2021-01-13T15:00:00Z");
const RUNS = "discovery.run.v1";

let directory: TestDirectory;
let database: InterruptibleDatabase;
let untouched: TestDatabase;
let system: System;

beforeEach(async () => {
  directory = new TestDirectory();
  database = await startInterruptiblePostgres();
  untouched = await startTestPostgres();
  system = await systemOnDatabase(directory.path, database);
});
afterEach(async () => {
  await system.stop();
  await database.drop();
  await untouched.drop();
  directory.dispose();
});

/** Waits for something that is on its way, and fails as the system fails. */
async function until(isReached: () => Promise<boolean>): Promise<void> {
  while (!(await isReached())) {
    await Promise.race([new Promise(setImmediate), system.ended]);
  }
}

const get = (path: string) => fetch(`${system.address}${path}`);
const processed = async () => (await system.processor.lag()) === 0;
const projected = () => system.projector.caughtUp();

async function runsInLog(): Promise<number> {
  let runs = 0;
  for (let partition = 0; partition < system.log.partitions(RUNS); partition += 1) {
    runs += await system.log.endOffset(RUNS, partition);
  }
  return runs;
}

describe("a system whose PostgreSQL goes away and comes back", () => {
  it("goes on with log and stages, says what it waits for, and has every row once afterwards", async () => {
    await playBuiltIn(system, HALF_WAY);
    await until(processed);
    await until(projected);
    expect((await get("/readyz")).status).toBe(200);
    const runsBefore = await runsInLog();

    await database.stopServer();
    await playBuiltIn(system);
    await until(processed);
    expect(await runsInLog()).toBeGreaterThan(runsBefore);
    expect((await get("/livez")).status).toBe(200);
    const refused = await get("/recommendations");
    expect(refused.status).toBe(503);
    expect(refused.headers.get("content-type")).toContain("application/problem+json");
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(await refused.json()).toMatchObject({ type: "urn:amc:problem:unavailable" });
    const unready = await get("/readyz");
    expect(unready.status).toBe(503);
    expect(await unready.text()).toMatch(
      /database: fails with (ENOENT|ECONNREFUSED|57P01|connection-lost) since \d{4}-/,
    );
    await until(async () => system.projector.outage() !== null);
    const scrape = await get("/metrics");
    expect(scrape.status).toBe(200);
    const told = await scrape.text();
    expect(told).toContain('amc_up{component="database"} 0');
    expect(told).toContain('amc_up{component="log"} 1');
    expect(told).toContain('amc_stage_lag_records{subtopology="signals",partition="0"} 0');
    expect(told).not.toMatch(/^amc_projector_lag_records\{/m);

    await database.startServer();
    await until(projected);
    expect((await get("/readyz")).status).toBe(200);
    expect((await get("/recommendations")).status).toBe(200);
    await projectAll(untouched, system.log);
    expect(await digestsOf(database)).toEqual(await digestsOf(untouched));
  });
});
