import type { Log } from "@amc/platform/log/port";
import { digestsOf, type LogDigests } from "@amc/replay/log-digests";
import { replayTopology } from "@amc/replay/replay-topologies";
import { runInMemory } from "@amc/replay/run-topology";
import { simulatedMarket } from "@amc/replay/simulated-market";
import type { FactSlice } from "@amc/replay/slices";

/** What one undisturbed process makes of facts, in memory; nobody may write to it. */
export interface Undisturbed {
  readonly log: Log;
  /** Of the derived topics. */
  readonly digests: LogDigests;
}

interface MarketShape {
  readonly seed: number;
  readonly symbols: number;
  readonly minutes: number;
}

/**
 * Markets that are kept: the broken build of a fault gets the facts of the sound one, and so do other
 * faults with the same seed. Each takes some ten megabytes.
 */
const KEPT = 6;
/** Daily bars that detectors need before the session that is looked at. */
const WARMUP_SESSIONS = 105;

const facts = new Map<string, readonly FactSlice[]>();
const undisturbed = new WeakMap<readonly FactSlice[], Promise<Undisturbed>>();

/** Facts of one session of a simulated market. The same shape gives the same ones; do not change them. */
export function factsOf({ seed, symbols, minutes }: MarketShape): readonly FactSlice[] {
  const shape = `${seed} ${symbols} ${minutes}`;
  const known = facts.get(shape);
  if (known !== undefined) return known;
  const warmupSessions = WARMUP_SESSIONS;
  const made = [...simulatedMarket({ symbols, warmupSessions, sessions: 1, minutes, seed })];
  facts.set(shape, made);
  for (const oldest of facts.keys()) {
    if (facts.size <= KEPT) break;
    facts.delete(oldest);
  }
  return made;
}

/** What an undisturbed process makes of such facts, made once for as long as they are kept. */
export function undisturbedBy(slices: readonly FactSlice[]): Promise<Undisturbed> {
  const known = undisturbed.get(slices);
  if (known !== undefined) return known;
  const made = runUndisturbed(slices);
  undisturbed.set(slices, made);
  return made;
}

async function runUndisturbed(slices: readonly FactSlice[]): Promise<Undisturbed> {
  const log = await runInMemory(slices, replayTopology());
  return { log, digests: await digestsOf(log) };
}
