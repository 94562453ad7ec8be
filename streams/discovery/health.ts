import type { UniverseReduction } from "@amc/schemas/generated/events";

/** Discovery health of one run (domain-facts §12). */
interface Health {
  /** 0 to 1; null when nothing was evaluated. */
  readonly score: number | null;
  readonly status: HealthStatus;
  readonly messages: readonly string[];
}

type HealthStatus = "healthy" | "warning" | "critical";

/** Symbols that should have been evaluated; null means the whole market. */
export type ConfiguredUniverse = number | null;

interface RunSize {
  /** Symbols evaluated. */
  readonly universe: number;
  /** What was left out besides; null while every symbol is evaluated. */
  readonly reduction?: UniverseReduction | null;
  /** Listed, before the cap. */
  readonly candidates: number;
}

interface Message {
  readonly text: string;
  readonly severity: HealthStatus;
}

const SEVERITIES: readonly HealthStatus[] = ["healthy", "warning", "critical"];
/** A universe of the whole market is full from here; shares of a configured one are read alike. */
const WHOLE_MARKET = 5000;

export function healthOf(run: RunSize, configured: ConfiguredUniverse): Health {
  if (run.universe === 0) {
    const reduced = reductionMessages(run).map(({ text }) => text);
    return { score: null, status: "critical", messages: ["no symbol was evaluated", ...reduced] };
  }
  return configured === null ? ofWholeMarket(run) : ofConfigured(run, configured);
}

function ofWholeMarket(run: RunSize): Health {
  const { candidates } = run;
  const universe = knownSymbols(run);
  const score = (sizeScore(universe) + candidateScore(candidates) + retentionScore(run)) / 3;
  const messages: Message[] = [];
  if (universe < 1000) messages.push({ text: `only ${universe} symbols`, severity: "critical" });
  if (candidates === 0) messages.push({ text: "no candidates", severity: "critical" });
  else if (candidates < 5) messages.push({ text: "fewer than 5 candidates", severity: "warning" });
  return judged(score, [...messages, ...tooMany(candidates), ...reductionMessages(run)]);
}

/**
 * Relative to a configured universe only coverage can be judged: how many of a few symbols ought
 * to be candidates nobody can say, so a calm day of a small list is healthy.
 */
function ofConfigured(run: RunSize, configured: number): Health {
  const universe = knownSymbols(run);
  const score = sizeScore((WHOLE_MARKET * universe) / configured);
  const messages: Message[] = [];
  if (universe < configured) {
    const severity = score < 0.8 ? "critical" : "warning";
    messages.push({ text: `${universe} of ${configured} configured symbols`, severity });
  }
  return judged(score, [...messages, ...tooMany(run.candidates), ...reductionMessages(run)]);
}

/** Coverage is judged by what the run had to choose from: what it left out says so itself. */
function knownSymbols({ universe, reduction }: RunSize): number {
  return universe + (reduction?.leftOut ?? 0);
}

/** R-OPS-11: a run of a reduced universe is flagged, even where it left nothing out. */
function reductionMessages(run: RunSize): Message[] {
  const reduction = run.reduction ?? null;
  if (reduction === null) return [];
  const { floorUsd, leftOut } = reduction;
  const text = `universe reduced: ${leftOut} of ${knownSymbols(run)} symbols left out below ${floorUsd} USD a day`;
  return [{ text, severity: "warning" }];
}

function tooMany(candidates: number): Message[] {
  return candidates > 100 ? [{ text: "more than 100 candidates", severity: "warning" }] : [];
}

/** The worse of score and messages: by the score alone no candidates at all is only a warning. */
function judged(score: number, messages: readonly Message[]): Health {
  const byScore: HealthStatus = score > 0.7 ? "healthy" : score > 0.3 ? "warning" : "critical";
  const worst = Math.max(
    SEVERITIES.indexOf(byScore),
    ...messages.map(({ severity }) => SEVERITIES.indexOf(severity)),
  );
  return {
    score,
    status: SEVERITIES[worst] ?? "critical",
    messages: messages.map(({ text }) => text),
  };
}

function sizeScore(universe: number): number {
  if (universe >= WHOLE_MARKET) return 1;
  if (universe >= 1000) return 0.8;
  return universe >= 100 ? 0.4 : 0;
}

function candidateScore(candidates: number): number {
  if (candidates >= 10 && candidates <= 50) return 1;
  if (candidates >= 5 && candidates <= 100) return 0.7;
  return candidates > 0 ? 0.3 : 0;
}

function retentionScore(run: RunSize): number {
  const retention = run.candidates / knownSymbols(run);
  if (retention >= 0.001 && retention <= 0.01) return 1;
  return retention >= 0.0001 && retention <= 0.05 ? 0.6 : 0.2;
}
