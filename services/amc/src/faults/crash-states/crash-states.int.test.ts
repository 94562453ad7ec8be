import { describe, expect, it } from "vitest";
import { BROKEN_BUILDS, enumerateCrashStates } from "./enumerate-states.ts";
import { canRecord } from "./record-life.ts";

/** The full matrix asks for 100,000 (F22): `npm run amc -- faults --crash-states 100000`. */
const STATES = 1_500;
const SEED = 22;

describe.skipIf(!canRecord())("the file log after a power loss (needs strace)", () => {
  it(`opens in each of ${STATES} states that a crash may leave, with all that was acknowledged`, async () => {
    const counts = await enumerateCrashStates({
      ...{ build: "sound", seed: SEED, states: STATES, statesPerPoint: 3 },
    });
    expect(counts.problems).toEqual([]);
    expect(counts.outcomes).toEqual({ whole: counts.states, refused: 0, wrong: 0 });
    expect(counts.states).toBeGreaterThanOrEqual(STATES);
    // The power went in lives that began with a crash, too.
    expect(counts.traces).toBeGreaterThan(1);
  }, 300_000);

  it.each(BROKEN_BUILDS)(
    "is held to it by a check that finds states of a build that is broken: %s",
    async (build) => {
      const { outcomes, states } = await enumerateCrashStates({
        ...{ build, seed: SEED, states: STATES, statesPerPoint: 3, untilCaught: true },
      });
      expect(outcomes.refused + outcomes.wrong, `of ${states} states`).toBeGreaterThan(0);
      // Most states are whole all the same, so it is not the lives that are broken.
      expect(outcomes.whole).toBeGreaterThan(100);
    },
    120_000,
  );
});
