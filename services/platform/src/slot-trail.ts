import type {
  Candidate,
  Detection,
  Features,
  SlotClosed,
  StageTiming,
  Verdict,
} from "@amc/schemas/generated/events";

/** Symbols that one line names; a whole market falls in some slots. */
const SYMBOLS_NAMED_MAX = 20;
/** Features that one line names: what most symbols lack says why a detector is silent. */
const FEATURES_NAMED_MAX = 10;

/** What one stage of one partition took for a slot, what it gave, and why symbols fell there. */
interface StageLine {
  readonly stage: string;
  readonly partition: number;
  readonly in: number;
  readonly out: number;
  /** Why they differ, and what the line is about. */
  readonly [detail: string]: unknown;
}

/** A symbol that a hard gate rejected, by the first one that did. */
interface Fallen {
  readonly symbol: string;
  readonly gate: string | null;
  readonly reason: string | null;
  readonly value: number | null;
  readonly threshold: number | null;
  /** Hard gates that rejected it, this one among them. */
  readonly gates: number;
}

interface DetectorTrail {
  detections: number;
  silent: number;
  readonly errors: Map<string, number>;
  readonly missing: Map<string, number>;
}

/** What one partition did for one slot, as its events tell it; memory is bounded by what it names. */
export class SlotTrail {
  #features = 0;
  readonly #nulls = new Map<string, number>();
  readonly #detectors = new Map<string, DetectorTrail>();
  #fallen = 0;
  readonly #nearest: Fallen[] = [];
  #unlisted = 0;
  readonly #unsure: Pick<Candidate, "symbol" | "confidence">[] = [];
  readonly #timings = new Map<string, Pick<StageTiming, "events" | "totalMs">>();

  sawFeatures(features: Features): void {
    this.#features += 1;
    for (const { reason } of features.missing) count(this.#nulls, reason);
  }

  sawDetection({ detector, score, error, missing }: Detection): void {
    const trail = this.#detectors.get(detector) ?? newDetectorTrail();
    this.#detectors.set(detector, trail);
    trail.detections += 1;
    if (error !== null) count(trail.errors, error);
    if (score !== null) return;
    trail.silent += 1;
    for (const feature of missing) count(trail.missing, feature);
  }

  sawVerdict({ symbol, passed, firstFailure, gates }: Verdict): void {
    if (passed) return;
    this.#fallen += 1;
    const first = gates.find(({ gate }) => gate === firstFailure);
    const failed = gates.filter(({ hard, outcome }) => hard && outcome === "FAILED");
    keep(this.#nearest, byNearness, {
      symbol,
      gate: firstFailure,
      reason: first?.reason ?? null,
      value: first?.value ?? null,
      threshold: first?.threshold ?? null,
      gates: failed.length,
    });
  }

  sawCandidate({ symbol, confidence, listed }: Candidate): void {
    if (listed) return;
    this.#unlisted += 1;
    keep(this.#unsure, bySureness, { symbol, confidence });
  }

  sawTiming({ stage, events, totalMs }: StageTiming): void {
    this.#timings.set(stage, { events, totalMs });
  }

  /** One line per stage, in the way of one tick. */
  lines(closed: SlotClosed): readonly StageLine[] {
    const { partition } = closed;
    const leftOut = closed.reduction?.leftOut ?? 0;
    const known = this.#features;
    const evaluated = known - leftOut;
    return [
      {
        ...{ stage: "features", partition, in: known, out: evaluated },
        ...{ leftOut, nulls: Object.fromEntries(this.#nulls) },
        ...this.#timingOf("features"),
      },
      ...[...this.#detectors].map(([stage, trail]) => ({
        ...{ stage, partition, in: evaluated, out: trail.detections - trail.silent },
        ...{ silent: trail.silent, errors: Object.fromEntries(trail.errors) },
        missing: Object.fromEntries(mostFrequent(trail.missing)),
        ...this.#timingOf(stage),
      })),
      { ...this.#verdictLine(closed), ...this.#timingOf("verdict") },
    ];
  }

  #verdictLine(closed: SlotClosed): StageLine {
    const { partition, universe, evaluable, priceVolumePassed, passed, listed } = closed;
    const { strategy, profile, preset, configVersion } = closed;
    return {
      ...{ stage: "verdict", partition, in: universe, out: passed },
      ...{ evaluable, priceVolumePassed, listed, strategy, profile, preset, configVersion },
      fell: fallsOf(closed.eliminations),
      ...{ nearest: this.#nearest, unnamed: this.#fallen - this.#nearest.length },
      ...{ unlisted: this.#unsure, unlistedUnnamed: this.#unlisted - this.#unsure.length },
    };
  }

  /** Of the whole slice; a slice that closes two slots was worked through once. */
  #timingOf(stage: string): { readonly handled?: number; readonly ms?: number } {
    const timing = this.#timings.get(stage);
    return timing === undefined
      ? {}
      : { handled: timing.events, ms: Math.round(timing.totalMs * 100) / 100 };
  }
}

/** Symbols by the first gate that rejected them, without the gates that rejected none. */
export function fallsOf(eliminations: SlotClosed["eliminations"]): Record<string, number> {
  const falls = eliminations.filter(({ first }) => first > 0);
  return Object.fromEntries(falls.map(({ gate, first }) => [gate, first]));
}

/** As many symbols as a line names. */
export function namedOf(symbols: readonly string[]): readonly string[] {
  return symbols.slice(0, SYMBOLS_NAMED_MAX);
}

function newDetectorTrail(): DetectorTrail {
  return { detections: 0, silent: 0, errors: new Map(), missing: new Map() };
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

function mostFrequent(counts: ReadonlyMap<string, number>): readonly (readonly [string, number])[] {
  const order = [...counts].sort(([a, many], [b, more]) => more - many || (a < b ? -1 : 1));
  return order.slice(0, FEATURES_NAMED_MAX);
}

/** Keeps the first so many in order. */
function keep<T>(kept: T[], order: (a: T, b: T) => number, next: T): void {
  kept.push(next);
  kept.sort(order);
  if (kept.length > SYMBOLS_NAMED_MAX) kept.pop();
}

function byNearness(a: Fallen, b: Fallen): number {
  return a.gates - b.gates || (a.symbol < b.symbol ? -1 : 1);
}

function bySureness(a: Pick<Candidate, "symbol" | "confidence">, b: typeof a): number {
  return b.confidence - a.confidence || (a.symbol < b.symbol ? -1 : 1);
}
