import type { Session } from "@amc/schemas/generated/events";

/**
 * No source gives session factors: these carry the 10 % of a session mismatch, which the soft
 * gates therefore leave out (domain-facts §6).
 */
export function sessionFactor(session: Session): number {
  return session === "REGULAR" ? 1 : 0.9;
}

interface ConfidenceParts {
  /** Data confidence x provider weight x freshness, as the composite gives it. */
  readonly data: number;
  readonly sessionFactor: number;
  readonly softFactor: number;
}

/** The least of the three, as written in domain-facts §6. */
export function compositeConfidence(parts: ConfidenceParts): number {
  return Math.min(parts.data, parts.sessionFactor, parts.softFactor);
}
