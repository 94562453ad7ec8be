import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { startTestPostgres, type TestDatabase } from "@amc/platform/postgres/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { countOf, digestsOf, projectAll } from "./testing/projector-fixture.ts";
import { recordedLog } from "./testing/recorded-log.ts";
import { sequence } from "./testing/simulated-market.ts";

const CHILD = fileURLToPath(new URL("./testing/projector-child.ts", import.meta.url));
/** Kills of one run: 20 with every change, more (`AMC_KILLS=200`) where there is time. */
const KILLS = Number(process.env.AMC_KILLS ?? "20");
const SEED = Number(process.env.AMC_SEED ?? "17");

const POINTS = [
  "positions-advanced",
  "before-begin",
  "begun",
  "rows-written:features_latest",
  "rows-written:detections",
  "rows-written:event_index",
  "joined",
  "before-commit",
  "commit-sent",
  "committed",
  "acknowledged",
  "cached",
  "exported",
] as const;

type Build = "sound" | "positions-first";

/** Runs one life of the projector. Returns the signal that ended it; null when it caught up. */
async function live(
  database: TestDatabase,
  point: string,
  nth: number,
  build: Build,
): Promise<string | null> {
  const args = [CHILD, database.url("projector"), String(SEED), point, String(nth), build];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "inherit"] });
  const [code, signal]: [number | null, string | null] = await exitOf(child);
  if (signal === null) expect(code).toBe(0);
  return signal;
}

async function exitOf(child: ReturnType<typeof spawn>): Promise<[number | null, string | null]> {
  await once(child, "exit");
  return [child.exitCode, child.signalCode];
}

/**
 * Kills life after life at points chosen by the seed. A life that has nothing left to do ends by
 * itself; then, and at the end, `check` looks at the tables and the next life begins with none.
 */
async function liveAndDie(
  kills: number,
  build: Build,
  check: (database: TestDatabase) => Promise<void>,
): Promise<void> {
  const random = sequence(SEED);
  let database = await startTestPostgres();
  let killed = 0;
  for (let life = 0; killed < kills; life += 1) {
    const point = POINTS[life % POINTS.length] ?? "begun";
    const nth = 1 + Math.floor(random() * 3);
    if ((await live(database, point, nth, build)) === "SIGKILL") {
      killed += 1;
      continue;
    }
    await check(database);
    await database.drop();
    database = await startTestPostgres();
  }
  expect(await live(database, "never", 1, build)).toBeNull();
  await check(database);
  await database.drop();
}

describe(`a projector killed between its steps (seed ${SEED})`, () => {
  let untouched: TestDatabase;
  let expected: Awaited<ReturnType<typeof digestsOf>>;

  beforeEach(async () => {
    untouched = await startTestPostgres();
    await projectAll(untouched, await recordedLog(SEED));
    expected = await digestsOf(untouched);
  });
  afterEach(async () => {
    await untouched.drop();
  });

  it("is tried on a log with records that nobody can apply", async () => {
    expect(await countOf(untouched, "dead_letters")).toBeGreaterThan(50);
  });

  it(`leaves the tables of one that was never killed, after ${KILLS} kills`, async () => {
    await liveAndDie(KILLS, "sound", async (database) => {
      expect(await digestsOf(database)).toEqual(expected);
    });
  }, 1_800_000);

  it("control: loses rows, and is found out, when positions are saved before the rows", async () => {
    let broken = 0;
    await liveAndDie(3, "positions-first", async (database) => {
      const found = await digestsOf(database);
      if (Object.entries(expected).some(([table, digest]) => found[table] !== digest)) broken += 1;
    });
    expect(broken).toBeGreaterThan(0);
  }, 600_000);
});
