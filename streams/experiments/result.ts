import type { Candidate, ExperimentResult, Exposure, Run } from "@amc/schemas/generated/events";
import { derivedId } from "../kernel/ids.ts";
import { metricsOf } from "./metrics.ts";

const VERSION = 1;

/** What a run under an experiment gave (R-ABT-05); a function of the run and its ranked candidates. */
export function experimentResultOf(
  run: Run,
  ranked: readonly Candidate[],
  { name, bucket, subjectHash }: Exposure,
): ExperimentResult {
  const { strategy, runId, happenedAt, publishedAt, capturedAt, simulated } = run;
  const { tradingDay, slot, trigger, session, candidatesBeforeCap } = run;
  return {
    experiment: name,
    strategy,
    bucket,
    subjectHash,
    runId,
    happenedAt,
    publishedAt,
    capturedAt,
    simulated,
    tradingDay,
    slot,
    trigger,
    session,
    candidates: candidatesBeforeCap,
    fallbackCandidates: ranked.filter((candidate) => candidate.strategy !== strategy).length,
    metrics: metricsOf(run),
  };
}

export function experimentResultId({ runId, experiment }: ExperimentResult): string {
  return derivedId("experiment-result", VERSION, [runId, experiment]);
}
