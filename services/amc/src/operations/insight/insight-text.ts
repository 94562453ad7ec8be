import type { ProviderError, ProviderErrorCode } from "@amc/platform/http/provider-error";
import type { Aggregates } from "@amc/streams/insight/tally";
import type { AnsweredInsight } from "./anthropic.ts";

/** What an insight is about. */
export interface InsightSubject {
  readonly from: string;
  readonly through: string;
  /** The figures rest on simulated data, or a mock answered. */
  readonly simulated: boolean;
  readonly mocked: boolean;
  readonly inputHash: string;
}

/** For people: what is suggested, each with the figures that it rests on. */
export function textOfInsight(
  { insight, model, inputTokens, outputTokens }: AnsweredInsight,
  { from, through, simulated, mocked, inputHash }: InsightSubject,
  { figures }: Aggregates,
): string {
  const { summary, suggestions } = insight;
  const mark = simulated ? " (simulated)" : "";
  const lines = suggestions.flatMap(({ title, rationale, area, confidence, evidence }, index) => [
    `${index + 1}. ${title} (${area}, confidence ${confidence.toFixed(2)})`,
    `   ${rationale}`,
    `   ${evidence.map((name) => `${name} ${figures[name]}`).join(", ")}`,
  ]);
  return [
    `${from} to ${through}${mark}, by ${mocked ? "a mock of " : ""}${model}: ${inputTokens} tokens read, ${outputTokens} written`,
    summary,
    ...(lines.length === 0 ? ["It suggests nothing."] : lines),
    `Words of a model; nothing was applied. Input ${inputHash}`,
  ].join("\n");
}

const ASK_LATER = ": ask later";

const ADVICE: Readonly<Partial<Record<ProviderErrorCode, string>>> = {
  "provider.refused": ": see whether ANTHROPIC_API_KEY is in force",
  "provider.not-found": ": see whether ANTHROPIC_MODEL is still offered, and ANTHROPIC_BASE_URL",
  "provider.bad-request":
    ": see whether ANTHROPIC_MODEL knows structured outputs, and the limit of spending of the account",
  "provider.budget-spent":
    ": ANTHROPIC_DAILY_LIMIT and ANTHROPIC_RATE_LIMIT say how many are allowed",
  "provider.rate-limited": ASK_LATER,
  "provider.unavailable": ASK_LATER,
  "provider.circuit-open": ASK_LATER,
  "provider.aborted": ": Anthropic may have answered, so it counts as a question of the day",
  "provider.timeout": ": ask later, or raise ANTHROPIC_TIMEOUT",
};

/** What a person can do about a failure; empty where there is nothing but asking again. */
export function adviceFor({ code, facts: { retryAfterMs } }: ProviderError): string {
  const advice = ADVICE[code] ?? "";
  const isKnown = advice === ASK_LATER && retryAfterMs !== undefined;
  return isKnown ? `: ask again in ${Math.ceil(retryAfterMs / 1000)} s` : advice;
}
