import { type Cache, isCacheError } from "../cache/port.ts";
import type { Clock } from "../clock.ts";
import type { Received } from "./provider-client.ts";
import { isProviderError, type ProviderError } from "./provider-error.ts";

/** Where answers of before are kept, and for how long they may stand in. */
export interface FallbackStore<Answer> {
  readonly cache: Cache;
  readonly key: string;
  /** Since the answer came, ms. */
  readonly windowMs: number;
  /** The answer out of its JSON; null for what is none (another version wrote it). */
  readonly parse: (json: unknown) => Answer | null;
}

/**
 * The best that is known: what the provider says now, else what it said within the window, else
 * nothing with the reason. Never a made-up value (R-ING-17).
 */
export type Answered<Answer> =
  | ({ readonly kind: "fresh" } & Received<Answer>)
  | {
      readonly kind: "cached";
      readonly answer: Answer;
      /** When it came, UTC ms. */
      readonly receivedAt: number;
      /** Why there is nothing fresh. */
      readonly failure: ProviderError;
    }
  | { readonly kind: "none"; readonly failure: ProviderError };

/**
 * Throws `provider.aborted` when the caller gives up and what is no ProviderError. A provider that
 * does not know the symbol has answered: nothing stands in for that.
 */
export async function freshOrCached<Answer>(
  ask: () => Promise<Received<Answer>>,
  store: FallbackStore<Answer>,
  clock: Clock,
): Promise<Answered<Answer>> {
  try {
    const received = await ask();
    await keep(store, received);
    return { kind: "fresh", ...received };
  } catch (error) {
    if (!isProviderError(error) || error.code === "provider.aborted") throw error;
    const failure = error;
    if (failure.code === "provider.not-found") return { kind: "none", failure };
    const kept = await recall(store, clock.nowMs());
    return kept === null ? { kind: "none", failure } : { kind: "cached", ...kept, failure };
  }
}

async function keep<Answer>(
  { cache, key, windowMs }: FallbackStore<Answer>,
  { answer, captured }: Received<Answer>,
): Promise<void> {
  try {
    await cache.set(
      key,
      JSON.stringify({ receivedAt: captured.at, answer }),
      Math.ceil(windowMs / 1000),
    );
  } catch (error) {
    // A cache that is away costs a later fallback, never the fresh answer.
    if (!isCacheError(error)) throw error;
  }
}

async function recall<Answer>(
  { cache, key, windowMs, parse }: FallbackStore<Answer>,
  nowMs: number,
): Promise<{ readonly answer: Answer; readonly receivedAt: number } | null> {
  const text = await cache.get(key);
  const kept = text === null ? null : keptIn(text);
  // The cache counts time by itself; what is answered counts by ours.
  if (kept === null || nowMs - kept.receivedAt > windowMs) return null;
  const answer = parse(kept.answer);
  return answer === null ? null : { answer, receivedAt: kept.receivedAt };
}

function keptIn(text: string): { readonly receivedAt: number; readonly answer: unknown } | null {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof json !== "object" || json === null) return null;
  if (!("receivedAt" in json) || !("answer" in json)) return null;
  const { receivedAt, answer } = json;
  return typeof receivedAt === "number" ? { receivedAt, answer } : null;
}
