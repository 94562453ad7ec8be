import type { WaitingClock } from "@amc/platform/http/waiting-clock";
import type { Log } from "@amc/platform/log/port";
import type { Control } from "@amc/schemas/generated/events";
import {
  dailyDollarVolume,
  parseUniverse,
  type Universe,
  universeText,
  WHOLE_UNIVERSE,
} from "@amc/streams/universe/universe";
import {
  isBeyond,
  QUICK_RUNS,
  SLOW_RUNS,
  stepAfter,
  type TimedRun,
  type UniverseChange,
  type UniverseStep,
  universeAfter,
} from "@amc/streams/universe/universe-steps";
import { controlsOf } from "../health/experiments-standing.ts";
import type { ReadModel, ReadView, StoredRun } from "../read-model/port.ts";
import type { ControlPort, Decision } from "./decision.ts";

const SETTING = "universe";
/** Who decides when nobody does: so it knows its own decisions again. */
const AUTOMATIC = "automatic";

/** Runs of official closes and those not measured yet lie among the ones that count. */
const NEWEST_RUNS = { limit: 4 * QUICK_RUNS, after: null, asOfMs: null };
const NEWEST_RECOMMENDATIONS = {
  ...{ limit: 100, after: null, asOfMs: null },
  ...{ symbol: null, label: null, fromMs: null, toMs: null },
};
/** A slot comes every minute at most, so no run passes between two looks. */
const LOOK_MS = 15_000;

export interface UniverseGuardOptions {
  readonly readModel: ReadModel;
  readonly log: Log;
  readonly publish: ControlPort["publish"];
  /** A run that took longer, ms, is slow. */
  readonly maxRunMs: number;
  /** Symbols at which reducing ends. */
  readonly leastSymbols: number;
}

/** Told of every look that came to something. */
export interface GuardObserver {
  readonly decided: (control: Control) => void;
  readonly failed: (error: unknown) => void;
}

/**
 * Reduces the universe while runs are slow and restores it when they are quick again (R-OPS-11), by
 * decisions like those of operators. What it decides follows from the log and the tables alone: of
 * several processes that look, the second finds the decision of the first.
 */
export class UniverseGuard {
  readonly #options: UniverseGuardOptions;
  /** The newest run that was judged, UTC ms: whoever judges reads every symbol. */
  #judgedAt = Number.NEGATIVE_INFINITY;

  constructor(options: UniverseGuardOptions) {
    this.#options = options;
  }

  /**
   * Looks until `signal` aborts. What it needs may be away, as the database may: then it looks again
   * later, and the universe stays as it is.
   */
  async run(clock: WaitingClock, observer: GuardObserver, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        const control = await this.look();
        if (control !== null) observer.decided(control);
      } catch (error) {
        observer.failed(error);
      }
      await clock.sleep(LOOK_MS, signal);
    }
  }

  /** What was decided after the newest runs; null when they ask for nothing. */
  async look(): Promise<Control | null> {
    const { readModel, log, maxRunMs, publish } = this.#options;
    const standing = await universeStanding(log);
    const runs = await readModel.read((view) => view.runs(NEWEST_RUNS));
    const timed = timedSince(runs, standing.decidedAt);
    const [run] = runs;
    const [newest] = timed;
    const step = stepAfter(timed, maxRunMs);
    if (run === undefined || newest === undefined || step === null) return null;
    if (step === "restore" && !isBeyond(standing.inForce, standing.ordered)) return null;
    if (newest.happenedAt <= this.#judgedAt) return null;
    const change = await this.#change(step, standing, run);
    const control = change === null ? null : await publish(decisionOf(step, change, maxRunMs));
    this.#judgedAt = newest.happenedAt;
    return control;
  }

  async #change(
    step: UniverseStep,
    standing: UniverseStanding,
    newest: StoredRun,
  ): Promise<UniverseChange | null> {
    const { readModel, leastSymbols } = this.#options;
    const { symbols, keep } = await readModel.read(async (view) => ({
      symbols: await tradedSymbols(view),
      keep: await symbolsToKeep(view, newest),
    }));
    return universeAfter(step, { ...standing, symbols, keep, leastSymbols });
  }
}

interface UniverseStanding {
  /** What the newest decision says, whoever made it. */
  readonly inForce: Universe;
  /** What people have decided last. */
  readonly ordered: Universe;
  /** UTC ms of event time; -Infinity when nobody has decided. */
  readonly decidedAt: number;
}

async function universeStanding(log: Log): Promise<UniverseStanding> {
  let standing: UniverseStanding = {
    inForce: WHOLE_UNIVERSE,
    ordered: WHOLE_UNIVERSE,
    decidedAt: Number.NEGATIVE_INFINITY,
  };
  for await (const { value: control } of controlsOf(log)) {
    const { setting, value, actor, publishedAt } = control;
    const universe = value === null ? WHOLE_UNIVERSE : parseUniverse(value);
    if (setting !== SETTING || universe === null || publishedAt < standing.decidedAt) continue;
    const ordered = actor === AUTOMATIC ? standing.ordered : universe;
    standing = { inForce: universe, ordered, decidedAt: publishedAt };
  }
  return standing;
}

/** Measured runs of slots that a decision was in force for, newest first. */
function timedSince(runs: readonly StoredRun[], decidedAt: number): TimedRun[] {
  return runs.flatMap(({ event: { trigger, happenedAt }, executionMs }) => {
    // The daily instant shares its tick, and its measurement, with the slot of the close.
    const counts = trigger === "SLOT" && executionMs !== null && happenedAt > decidedAt;
    return counts ? [{ happenedAt, executionMs }] : [];
  });
}

async function tradedSymbols(view: ReadView) {
  const features = await view.latestFeatures();
  return features.map(({ event }) => ({ symbol: event.symbol, usd: dailyDollarVolume(event) }));
}

/** Candidates of the newest run, what was recommended on its day, and what accounts hold. */
async function symbolsToKeep(view: ReadView, { event: run }: StoredRun): Promise<string[]> {
  const recommended = await view.recommendations(NEWEST_RECOMMENDATIONS);
  const today = recommended.filter(({ event }) => event.tradingDay === run.tradingDay);
  const held = await view.holdings(null);
  return [
    ...run.candidates.map(({ symbol }) => symbol),
    ...today.map(({ event }) => event.symbol),
    ...held.map(({ symbol }) => symbol),
  ];
}

function decisionOf(
  step: UniverseStep,
  { universe, above, known }: UniverseChange,
  maxRunMs: number,
): Decision {
  const seconds = maxRunMs / 1000;
  const why =
    step === "reduce"
      ? `${SLOW_RUNS} runs in a row took more than ${seconds} s`
      : `${QUICK_RUNS} runs in a row took at most half of ${seconds} s`;
  const { length: kept } = universe.keep;
  const others = kept === 0 ? "" : ` and ${kept} to keep`;
  const reason = `${why}: the ${above} of ${known} symbols that trade most${others} are evaluated`;
  return { setting: SETTING, value: universeText(universe), actor: AUTOMATIC, reason };
}
