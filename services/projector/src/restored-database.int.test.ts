import type { Log } from "@amc/platform/log/port";
import { startTestPostgres, type TestDatabase } from "@amc/platform/postgres/testing";
import { afterEach, describe, expect, it } from "vitest";
import { append } from "./testing/log-of-events.ts";
import { digestsOf, poolOf, projectAll } from "./testing/projector-fixture.ts";
import { recordedLog } from "./testing/recorded-log.ts";
import { simulatedMarket } from "./testing/simulated-market.ts";

/** Fault F35: the tables are lost and yesterday's backup is all there is. */

const NEXT_DAY = { symbols: 40, slots: 8, slices: 5 };

const MOVE_TO_END =
  "UPDATE projection_positions SET next_offset = $3 WHERE topic = $1 AND partition = $2";

const databases: TestDatabase[] = [];
afterEach(async () => {
  for (const database of databases.splice(0)) await database.drop();
});

async function remembered(database: Promise<TestDatabase>): Promise<TestDatabase> {
  const one = await database;
  databases.push(one);
  return one;
}

/** Yesterday's tables, and a log that goes on for a day behind them. */
async function dayOld(
  seed: number,
): Promise<{ restored: TestDatabase; log: Log; missing: number }> {
  const log = await recordedLog(seed);
  const lost = await remembered(startTestPostgres());
  await projectAll(lost, log);
  const restored = await remembered(lost.copy());
  await append(log, simulatedMarket(seed + 1_000, NEXT_DAY));
  const { records } = (await projectAll(lost, log)).counts();
  return { restored, log, missing: records };
}

async function neverLost(log: Log): Promise<Readonly<Record<string, string>>> {
  const untouched = await remembered(startTestPostgres());
  await projectAll(untouched, log);
  return await digestsOf(untouched);
}

describe("a database restored from yesterday's backup", () => {
  it.each([51, 52, 53])(
    "heals itself: the projector replays the missing day from its own positions (F35, seed %i)",
    async (seed) => {
      const { restored, log, missing } = await dayOld(seed);
      const expected = await neverLost(log);
      expect(await digestsOf(restored)).not.toEqual(expected);
      const projector = await projectAll(restored, log);
      expect(await digestsOf(restored)).toEqual(expected);
      // The missing day and nothing before it.
      expect(projector.counts().records).toBe(missing);
      expect(missing).toBeGreaterThan(1_000);
    },
  );

  it("would stay a day old, went positions by anything outside the tables: the control", async () => {
    const { restored, log } = await dayOld(54);
    const expected = await neverLost(log);
    // What a consumer group's offsets say: they were not lost with the tables, and stand at the end.
    const pool = poolOf(restored, "projector");
    for (const { topic, partitions } of log.topics()) {
      for (let partition = 0; partition < partitions; partition += 1) {
        const end = await log.endOffset(topic, partition);
        await pool.query(MOVE_TO_END, [topic, partition, end]);
      }
    }
    await projectAll(restored, log);
    expect(await digestsOf(restored)).not.toEqual(expected);
  });
});
