import type { ShadowRun } from "@amc/schemas/generated/events";
import { COVERAGE_TARGET, OVERLAP_TARGET } from "@amc/streams/discovery/shadow-run";
import type { ShadowTotal, ShareTotal } from "@amc/streams/discovery/shadow-totals";
import { isoUtc } from "@amc/streams/market/event-time";
import { formatCount, formatEasternTime, formatScore } from "./format.ts";
import type { JsonLine } from "./lines.ts";

/** One comparison as it is in the log, with its instants as text. */
export function shadowRunJson(value: ShadowRun): JsonLine {
  const { happenedAt, publishedAt, capturedAt, slot, trigger, session, ...compared } = value;
  return {
    type: "shadow-run",
    ...compared,
    slot: isoUtc(slot),
    trigger: trigger.toLowerCase(),
    session: session.toLowerCase(),
    happenedAt: isoUtc(happenedAt),
    publishedAt: isoUtc(publishedAt),
    capturedAt: isoUtc(capturedAt),
  };
}

/** Both lists of a run in which they differ or hold anything; one that found nothing says little. */
export function shadowRunText(value: ShadowRun): string | null {
  const { slot, trigger, candidates, shadowCandidates } = value;
  if (candidates.length === 0 && shadowCandidates.length === 0) return null;
  const mark = value.simulated ? " [simulated]" : "";
  const daily = trigger === "DAILY" ? " daily" : "";
  return (
    `${formatEasternTime(slot)}${daily}  ${value.strategy}: ${symbolsOf(candidates)}; ` +
    `${value.shadowStrategy}: ${symbolsOf(shadowCandidates)}; ` +
    `overlap ${shareOf(value.overlap, value.overlapReason)}, ` +
    `coverage ${shareOf(value.coverage, value.coverageReason)}${mark}`
  );
}

function shareOf(share: number | null, reason: string | null): string {
  return share === null ? `unknown (${reason})` : formatScore(share);
}

function symbolsOf(candidates: ShadowRun["candidates"]): string {
  return candidates.length === 0 ? "none" : candidates.map(({ symbol }) => symbol).join(" ");
}

/** How the two strategies compare over all runs. */
export function shadowTotalText(total: ShadowTotal): string {
  const { strategy, shadowStrategy, profile, runs, shadowFailed, evaluated, simulated } = total;
  const failed =
    shadowFailed === 0
      ? ""
      : `; it failed for ${formatCount(shadowFailed)} of ${formatCount(evaluated)} evaluations`;
  return (
    `shadow ${shadowStrategy} beside ${strategy} (${profile}): ${formatCount(runs)} runs compared; ` +
    `${shareText("overlap", total.overlap, OVERLAP_TARGET)}; ` +
    `${shareText("coverage", total.coverage, COVERAGE_TARGET)}${failed}${simulated ? " [simulated]" : ""}`
  );
}

function shareText(name: string, { share, runs, reached, unknown }: ShareTotal, target: number) {
  const without = Object.entries(unknown).map(([reason, count]) => `${count} ${reason}`);
  const absent = without.length === 0 ? "" : `, unknown in ${without.join(", ")}`;
  if (share === null)
    return `${name} unknown${without.length === 0 ? "" : ` in ${without.join(", ")}`}`;
  return `${name} ${formatScore(share)}, at least ${target} in ${reached} of ${runs} runs${absent}`;
}
