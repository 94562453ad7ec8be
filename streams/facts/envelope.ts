import {
  DEFAULT_STALENESS,
  isStale,
  type Shelf,
  type StalenessLimits,
} from "../market/shelf-life.ts";

/** Who states a fact, as every fact carries it. */
export interface Provenance {
  readonly source: string;
  readonly confidence: number;
  readonly simulated: boolean;
  /** Ages from which it is stale as it is captured; left out for those of the planning documents. */
  readonly staleness?: StalenessLimits | undefined;
  /**
   * When and after which round trip a provider's answer came. Left out for a recording, which is
   * captured as it is published: nothing in it took a call.
   */
  readonly captured?: {
    /** UTC ms. */
    readonly at: number;
    /** Null when it came out of a cache. */
    readonly latencyMs: number | null;
  };
}

/** Provenance of an answer that was captured from a provider. */
export type CapturedProvenance = Provenance & Required<Pick<Provenance, "captured">>;

/** The nine fields every fact begins with, in schema order. */
interface Envelope {
  readonly symbol: string;
  readonly happenedAt: number;
  readonly publishedAt: number;
  readonly capturedAt: number;
  readonly source: string;
  readonly confidence: number;
  readonly stale: boolean;
  readonly providerLatencyMs: number | null;
  readonly simulated: boolean;
}

/**
 * What is older than its limit as it is captured is stale: of a recording only what a vendor publishes
 * with delay. `shelf` says how it ages, null that it does not.
 */
export function envelope(
  symbol: string,
  happenedAt: number,
  publishedAt: number,
  provenance: Provenance,
  shelf: Shelf | null,
): Envelope {
  const times = { happenedAt, publishedAt };
  const { captured = { at: publishedAt, latencyMs: null }, staleness = DEFAULT_STALENESS } =
    provenance;
  return {
    symbol,
    happenedAt,
    publishedAt,
    capturedAt: captured.at,
    source: provenance.source,
    confidence: provenance.confidence,
    stale: shelf !== null && isStale(shelf, times, captured.at, staleness),
    providerLatencyMs: captured.latencyMs,
    simulated: provenance.simulated,
  };
}
