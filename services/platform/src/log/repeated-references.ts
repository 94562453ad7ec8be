import { decodeEvent } from "@amc/schemas/codec";
import type { Reference } from "@amc/schemas/generated/events";
import type { Fact } from "@amc/streams/kernel/fact";
import type { Log } from "./port.ts";
import { recordsSince } from "./records-since.ts";

const TOPIC = "market.reference.v1";
/** A figure that still holds is told again after so long, so that it does not look forgotten (135 days). */
export const TOLD_AGAIN_MS = 30 * 86_400_000;

/**
 * Facts without the reference figures that the log has already: a vendor that does not say since when a
 * figure holds states it anew at each call, and only a figure that changed is news. Whoever said it
 * counts: the same figure of another source is another statement.
 */
export async function withoutRepeatedReferences(
  log: Log,
  facts: readonly Fact[],
): Promise<readonly Fact[]> {
  const stated = facts.flatMap((fact) => (fact.topic === TOPIC ? [fact.value] : []));
  if (stated.length === 0) return facts;
  const wanted = new Set(stated.map(keyOf));
  const oldestMs = Math.min(...stated.map(({ publishedAt }) => publishedAt)) - TOLD_AGAIN_MS;
  const told: Reference[] = [];
  for await (const { value } of recordsSince(log, TOPIC, oldestMs)) {
    const decoded = value === null ? null : decodeEvent(TOPIC, value);
    if (decoded?.ok === true && wanted.has(keyOf(decoded.value))) told.push(decoded.value);
  }
  return withoutToldReferences(facts, told);
}

/** The same where `told` is what the log has, in its order. */
export function withoutToldReferences(
  facts: readonly Fact[],
  told: readonly Reference[],
): readonly Fact[] {
  const newest = new Map<string, Reference>();
  for (const reference of told) {
    const before = newest.get(keyOf(reference));
    if (before !== undefined && before.publishedAt > reference.publishedAt) continue;
    newest.set(keyOf(reference), reference);
  }
  return facts.filter((fact) => {
    if (fact.topic !== TOPIC) return true;
    const before = newest.get(keyOf(fact.value));
    return before === undefined || !isRepeated(fact.value, before);
  });
}

/** Whether a figure is told already by the one of `before`. */
export function isRepeated(stated: Reference, before: Reference): boolean {
  if (stated.publishedAt - before.publishedAt > TOLD_AGAIN_MS) return false;
  return before.value === stated.value && before.note === stated.note;
}

function keyOf({ symbol, field, source, simulated }: Reference): string {
  return `${source} ${symbol} ${field} ${simulated}`;
}
