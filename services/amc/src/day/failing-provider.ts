import type { FailureKind } from "@amc/mock-providers/failure-kinds";
import type { Outage } from "./day-plan.ts";

/**
 * Ways to fail that a client notices by itself: those that only a deadline of real time ends, and answers
 * that come whole and say what cannot be, are F28's.
 */
const KINDS: readonly FailureKind[] = [
  "503 with a page",
  "500",
  "429",
  "truncated",
  "a page in its place",
  "a page that says it is data",
  "nothing at all",
  "cut before its head",
  "shorter than its length",
];
const QUARTER_MS = 15 * 60_000;

/** How a provider fails at an instant, UTC ms: in another way each quarter of an hour; null for not. */
export function failingNow({ fromMs, untilMs }: Outage, atMs: number): FailureKind | null {
  if (atMs < fromMs || atMs >= untilMs) return null;
  return KINDS[Math.floor((atMs - fromMs) / QUARTER_MS) % KINDS.length] ?? null;
}
