import { createMemoryLog } from "@amc/platform/log/memory";
import type { Log } from "@amc/platform/log/port";
import { startTestPostgres, type TestDatabase } from "@amc/platform/postgres/testing";
import { systemLayout } from "@amc/platform/runtime/layout";
import { Processor } from "@amc/processor/processor";
import { append } from "@amc/projector/testing/log-of-events";
import { projectorOn } from "@amc/projector/testing/projector-fixture";
import { UniverseGuard } from "@amc/query-api/control/universe-guard";
import type { StoredRun } from "@amc/query-api/read-model/port";
import { createPostgresReadModel } from "@amc/query-api/read-model/postgres-read-model";
import { digestsOf } from "@amc/replay/log-digests";
import { replayTopology } from "@amc/replay/replay-topologies";
import { runInMemory } from "@amc/replay/run-topology";
import { simulatedMarket } from "@amc/replay/simulated-market";
import { writeSlices } from "@amc/replay/slice-writer";
import type { FactSlice } from "@amc/replay/slices";
import { slicesFromLog } from "@amc/replay/slices-from-log";
import type { Control } from "@amc/schemas/generated/events";
import { leftOutOf } from "@amc/streams/discovery/run";
import { DEFAULT_SCORING } from "@amc/streams/scoring/config";
import { position } from "@amc/streams/testing/portfolio-events";
import { dailyDollarVolume, isLeftOut } from "@amc/streams/universe/universe";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { decisionsInTurn } from "./settings/operator-settings.ts";

const SYMBOLS = 48;
const SLOT_MINUTES = 5;
/** One at the first tick, then every five minutes. */
const SLOTS = 15;
const LEAST_SYMBOLS = 10;
const TOPOLOGY = replayTopology({
  ...DEFAULT_SCORING,
  slots: { ...DEFAULT_SCORING.slots, everyMinutes: SLOT_MINUTES },
});
const SLOW_STEP_MS = 1;
const QUICK_STEP_MS = 0.25;
/** On the slow machine the steps of a run over all symbols take longer, over half of them not. */
const MAX_RUN_MS = 300;
/** The slot from which on the machine is quick. */
const RELIEVED_AT = 6;

/** Fifteen slots with their tables on a machine that does other things too. */
const TEST_MS = 180_000;

async function sha256ByTopic(log: Log) {
  const digests = await digestsOf(log);
  return [...digests].map(([topic, { sha256, records }]) => ({ topic, sha256, records }));
}

/** The facts of each slot, those of the days before with the first. */
function slicesBySlot(): FactSlice[][] {
  const size = { symbols: SYMBOLS, warmupSessions: 105, sessions: 1 };
  const slots: FactSlice[][] = [[]];
  const minutes = (SLOTS - 1) * SLOT_MINUTES;
  for (const slice of simulatedMarket({ ...size, minutes, seed: 11 })) {
    slots.at(-1)?.push(slice);
    const isFirst = slice.discovery && slots.length === 1;
    const isSlot = isFirst || (slice.discovery && slice.atMs % (SLOT_MINUTES * 60_000) === 0);
    if (isSlot && slots.length < SLOTS) slots.push([]);
  }
  return slots;
}

describe("discovery on a slow machine", () => {
  let database: TestDatabase;
  let log: Log;
  let stepMs: number;

  beforeEach(async () => {
    database = await startTestPostgres();
    log = createMemoryLog(systemLayout(2), () => 0);
    stepMs = SLOW_STEP_MS;
  });
  afterEach(() => database.drop());

  /** Plays slot by slot; `afterSlot` comes when everything is projected. */
  async function play(afterSlot: (index: number) => Promise<void>): Promise<readonly StoredRun[]> {
    let nowMs = 0;
    // Each look at the clock costs a step, so that a run takes as long as what it has to do.
    const now = (): number => {
      nowMs += stepMs;
      return nowMs;
    };
    const processor = await Processor.open({ log, topology: TOPOLOGY, now });
    const projector = projectorOn(database, log);
    for (const [index, slices] of slicesBySlot().entries()) {
      await writeSlices(log, slices);
      await processor.runUntilIdle();
      await projector.runUntilCaughtUp();
      await afterSlot(index);
    }
    const query = { limit: 2 * SLOTS, after: null, asOfMs: null };
    const runs = await readModel().read((view) => view.runs(query));
    return runs.filter(({ event }) => event.trigger === "SLOT").toReversed();
  }

  const readModel = () => createPostgresReadModel(database.pool("api"));

  async function quietestSymbol(): Promise<string> {
    const features = await readModel().read((view) => view.latestFeatures());
    const traded = features.map(({ event }) => event);
    const [least] = traded.sort(
      (a, b) => (dailyDollarVolume(a) ?? 0) - (dailyDollarVolume(b) ?? 0),
    );
    return least?.symbol ?? "";
  }

  it(
    "evaluates half of the symbols, flagged, until it is quick again, and replays alike (R-OPS-11)",
    async () => {
      const split = [{ strategy: "hybrid_v1", weight: 100 }] as const;
      const guard = new UniverseGuard({
        ...{ log, readModel: readModel(), maxRunMs: MAX_RUN_MS, leastSymbols: LEAST_SYMBOLS },
        publish: decisionsInTurn(log, { split, days: 14 }),
      });
      const decisions: (Control & { readonly slot: number })[] = [];
      let held = "";
      const runs = await play(async (slot) => {
        if (slot === 0) {
          held = await quietestSymbol();
          await append(log, [position({ symbol: held })]);
          await projectorOn(database, log).runUntilCaughtUp();
        }
        if (slot === RELIEVED_AT) stepMs = QUICK_STEP_MS;
        const control = await guard.look();
        if (control !== null) decisions.push({ ...control, slot });
      });

      expect(decisions.map(({ slot, actor, reason }) => [slot, actor, reason])).toEqual([
        [
          1,
          "automatic",
          expect.stringContaining("2 runs in a row took more than 0.3 s: the 24 of 48"),
        ],
        [
          RELIEVED_AT + 4,
          "automatic",
          expect.stringContaining("4 runs in a row took at most half"),
        ],
      ]);
      expect(decisions.map(({ value }) => value)).toEqual([
        expect.stringMatching(new RegExp(`^\\d+ keep (.*,)?${held}$`)),
        "all",
      ]);
      const reduced = runs.map(({ event }) => leftOutOf(event) > 0);
      expect(reduced).toEqual(runs.map((_, slot) => slot > 1 && slot <= RELIEVED_AT + 4));
      for (const [slot, { event: run, executionMs }] of runs.entries()) {
        expect(run.universe + leftOutOf(run)).toBe(SYMBOLS);
        expect((executionMs ?? 0) > MAX_RUN_MS).toBe(slot < 2);
        const flags = run.healthMessages.filter((text) => text.startsWith("universe reduced:"));
        expect(flags).toHaveLength(reduced[slot] === true ? 1 : 0);
      }
      const moments = await readModel().read((view) =>
        view.symbolMoments(
          { symbol: held, limit: SLOTS, after: null, asOfMs: null, fromMs: null, toMs: null },
          0,
        ),
      );
      expect(moments.filter(({ features }) => isLeftOut(features.event))).toEqual([]);

      // The log has the decisions, so neither the clock nor the tables are needed, nor two partitions.
      const replayed = await runInMemory(await slicesFromLog(log), TOPOLOGY);
      expect(await sha256ByTopic(replayed)).toEqual(await sha256ByTopic(log));
    },
    TEST_MS,
  );

  it("control: stays slow to the end, unflagged, where nobody looks", async () => {
    const runs = await play(async () => undefined);
    expect(runs).toHaveLength(SLOTS);
    for (const { event, executionMs } of runs) {
      expect(executionMs).toBeGreaterThan(MAX_RUN_MS);
      expect([event.universe, leftOutOf(event)]).toEqual([SYMBOLS, 0]);
    }
  });
});
