import type { FactTopic } from "@amc/schemas/topics";

/**
 * How far a provider is believed, 0 to 1, before freshness (domain-facts §0 and §6). The one table:
 * facts carry it as their confidence, and manifests of recordings are held to it.
 */
interface ProviderWeights {
  readonly usual: number;
  /** Where it is believed more or less than usually. */
  readonly byTopic?: Readonly<Partial<Record<FactTopic, number>>>;
  /** For prices and volumes of one venue instead of all of them. */
  readonly singleVenue?: number;
}

const PROVIDER_WEIGHTS = {
  finra: { usual: 0.95, byTopic: { "short.volume.v1": 0.9 } },
  // Short interest at second hand (domain-facts §9).
  polygon: { usual: 0.98, byTopic: { "short.interest.v1": 0.9 } },
  "alpha-vantage": { usual: 0.75 },
  alpaca: { usual: 0.98, singleVenue: 0.6 },
  // Short interest and float are what others published, repeated without saying when.
  yahoo: { usual: 0.65, byTopic: { "market.price-tick.v1": 0.85 } },
  // LEAN's samples: consolidated tape, as Polygon's and Alpaca's.
  algoseek: { usual: 0.98 },
  // A regulator's own publication, as FINRA's.
  sec: { usual: 0.95 },
  // What a provider said before, where it says nothing now (R-ING-17).
  cache: { usual: 0.7 },
  "borrow-proxy": { usual: 0.6 },
} as const satisfies Readonly<Record<string, ProviderWeights>>;

/** Of a provider that the table does not name. */
const UNKNOWN_PROVIDER_WEIGHT = 0.5;

/**
 * Weight of the borrow proxy where it stands in for a provider of fees. Inside the squeeze detector
 * it is no input of its own: the figures it is made of are weighed there already, and knowing more
 * must not lower confidence.
 */
export const BORROW_PROXY_WEIGHT = PROVIDER_WEIGHTS["borrow-proxy"].usual;

/** Confidence in what `provider` states on `topic`; `isSingleVenue` as the fact's volume scope says. */
export function providerWeight(provider: string, topic: FactTopic, isSingleVenue = false): number {
  if (!isWeighed(provider)) return UNKNOWN_PROVIDER_WEIGHT;
  const weights: ProviderWeights = PROVIDER_WEIGHTS[provider];
  const { usual, byTopic = {}, singleVenue = usual } = weights;
  if (isSingleVenue && topic === "market.price-tick.v1") return singleVenue;
  return byTopic[topic] ?? usual;
}

/** Whether the table names the provider. */
export function isWeighed(provider: string): provider is keyof typeof PROVIDER_WEIGHTS {
  return Object.hasOwn(PROVIDER_WEIGHTS, provider);
}
