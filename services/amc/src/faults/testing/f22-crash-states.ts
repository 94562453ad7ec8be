import { BROKEN_BUILDS, enumerateCrashStates } from "../crash-states/enumerate-states.ts";
import { canRecord } from "../crash-states/record-life.ts";
import type { Fault, FaultOutcome, FaultScope } from "./fault.ts";

/** Three at each point between two operations: many lives tell more than many states of one. */
const STATES_PER_POINT = 3;

export const CRASH_STATES: Fault = {
  id: "F22",
  title: "power loss under the file log: unsynced writes, truncations and names kept, lost, torn",
  invariant: "each state opens, holds every acknowledged commit, each whole, and goes on",
  control: `each of ${BROKEN_BUILDS.join(", ")}`,
  strikes: { full: 100_000, reduced: 1_500, control: 1_500 },
  run,
};

async function run({ build, seed, strikes, onStrike }: FaultScope): Promise<FaultOutcome> {
  if (!canRecord()) throw new Error("strace is missing here, or may not trace");
  const plan = { seed, states: strikes, statesPerPoint: STATES_PER_POINT };
  if (build === "sound") {
    const { states, points, traces, outcomes, problems } = await enumerateCrashStates({
      ...{ ...plan, build },
      onTrace: (counts) => onStrike(counts.states),
    });
    const bad = outcomes.refused + outcomes.wrong;
    const violations = bad === 0 ? [] : [`${bad} states are refused or wrong`, ...problems];
    return { strikes: states, counts: { points, traces }, violations };
  }
  const caught: string[] = [];
  let examined = 0;
  for (const broken of BROKEN_BUILDS) {
    const { states, outcomes } = await enumerateCrashStates({
      ...{ ...plan, build: broken, untilCaught: true },
    });
    examined += states;
    const bad = outcomes.refused + outcomes.wrong;
    if (bad > 0) caught.push(`${broken}: ${bad} of ${states} states`);
    onStrike(examined);
  }
  // One that is missed is a control that was not caught.
  const violations = caught.length === BROKEN_BUILDS.length ? [caught.join("; ")] : [];
  return { strikes: examined, counts: { caught: caught.length }, violations };
}
