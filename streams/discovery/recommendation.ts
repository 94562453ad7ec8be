import type { Candidate, Label, Recommendation, Run } from "@amc/schemas/generated/events";

export interface Issued {
  readonly run: Run;
  readonly candidate: Candidate;
  /** 1 is best. */
  readonly rank: number;
  readonly previousLabel: Label;
}

const LABEL_WORDS: Readonly<Record<Label, string>> = {
  NONE: "is listed",
  WATCHLIST: "joins the watchlist",
  TRADE_READY: "is ready to trade",
};

export function recommendationOf({ run, candidate, rank, previousLabel }: Issued): Recommendation {
  const { listed: _, trigger: __, ...shared } = candidate;
  return { ...shared, runId: run.runId, rank, previousLabel, thesis: thesisOf(candidate) };
}

/** One sentence out of what the detectors saw; no model writes it. */
function thesisOf({ symbol, label, price, reasons }: Candidate): string {
  const at = price === null ? "" : ` at ${price.toFixed(2)} USD`;
  const because = listed(reasons.slice(0, 3));
  return `${symbol} ${LABEL_WORDS[label]}${at}${because === "" ? "" : `: ${because}`}.`;
}

function listed(parts: readonly string[]): string {
  if (parts.length < 2) return parts.join("");
  return `${parts.slice(0, -1).join(", ")} and ${parts.at(-1) ?? ""}`;
}
