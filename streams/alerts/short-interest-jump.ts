import type { Requested, ShortQuality } from "@amc/schemas/generated/events";
import type { StageEvent } from "../kernel/stage.ts";
import {
  atMost,
  closingLines,
  MESSAGE_CHARACTERS_MAX,
  markedSimulated,
  TITLE_CHARACTERS_MAX,
} from "./wording.ts";

/** The alert that shares short more than doubled against the report before (R-SI-12). */
export function requestForJump({ id, value }: StageEvent<"short.quality.v1">): Requested {
  const { symbol, happenedAt, publishedAt, capturedAt, simulated, settlementDate } = value;
  return {
    symbol,
    happenedAt,
    publishedAt,
    capturedAt,
    simulated,
    alertType: "short_interest_anomaly",
    episode: `${symbol}:short-interest:${settlementDate}`,
    // Figures are ten days old when they are published: worth knowing, nothing to act on in minutes.
    priority: "MEDIUM",
    audience: "owner",
    subjectId: id,
    title: atMost(titleOf(value), TITLE_CHARACTERS_MAX),
    message: atMost(messageOf(value), MESSAGE_CHARACTERS_MAX),
  };
}

function titleOf({ symbol, change, settlementDate, simulated }: ShortQuality): string {
  const more = change === null ? "" : ` by ${(change * 100).toFixed(0)} %`;
  return markedSimulated(`${symbol} short interest rose${more} to ${settlementDate}`, simulated);
}

function messageOf(quality: ShortQuality): string {
  const { previousSharesShort, sharesShort, source, overall, exclusions, simulated } = quality;
  return [
    titleOf(quality),
    `${previousSharesShort ?? "unknown"} shares before, ${sharesShort} now, as ${source} states.`,
    `Quality ${overall.toFixed(2)} of 1${exclusions.length === 0 ? "" : `: ${exclusions.join(", ")}`}.`,
    ...closingLines(simulated),
  ].join("\n");
}
