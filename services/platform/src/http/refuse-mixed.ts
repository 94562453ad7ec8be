import { ConfigError } from "../config/config-error.ts";
import type { VariableName } from "../config/variables.ts";
import { type StatedTopic, topicOfOtherKind } from "../log/other-kind.ts";
import type { Log } from "../log/port.ts";
import type { Provider } from "./provider-limits.ts";

interface Stating {
  /** What becomes of its answers. */
  readonly topics: readonly StatedTopic[];
  /** Puts its mock in its place; null where nobody has one. */
  readonly mock: VariableName | null;
}

const STATING: Readonly<Record<Provider, Stating>> = {
  yahoo: {
    topics: [
      "market.price-tick.v1",
      "market.corporate-action.v1",
      "market.reference.v1",
      "short.interest.v1",
      "market.options.v1",
      "market.news.v1",
    ],
    mock: "YAHOO_FINANCE_MOCK",
  },
  finra_short: {
    topics: ["short.interest.v1", "short.volume.v1"],
    mock: "MOCK_FINRA_DATA_ENABLED",
  },
  alpha_vantage: { topics: ["market.options.v1"], mock: "MOCK_ALPHA_VANTAGE_DATA_ENABLED" },
  polygon: { topics: ["market.price-tick.v1"], mock: "MOCK_POLYGON_DATA_ENABLED" },
  rss: { topics: ["market.news.v1"], mock: "MOCK_NEWS_DATA_ENABLED" },
  alpaca: { topics: ["portfolio.position.v1"], mock: null },
  twilio: { topics: [], mock: null },
  // What it suggests is printed and no fact.
  anthropic: { topics: [], mock: "MOCK_ANTHROPIC_DATA_ENABLED" },
};

/**
 * Throws ConfigError where the newest facts that a log has of what a provider states are made up and
 * those to come are not, or the other way round. Marked or not, a figure that is computed from both is
 * nobody's; so they are kept in two logs, whoever asks: a command, a service or a live start. `topics` are
 * fewer than all where a role asks for some of it and may read no others.
 */
export async function refuseMixed(
  log: Log,
  provider: Provider,
  simulated: boolean,
  topics = STATING[provider].topics,
): Promise<void> {
  const { mock } = STATING[provider];
  const topic = await topicOfOtherKind(log, topics, simulated);
  if (topic === null) return;
  const [has, comes] = simulated ? ["real", "made-up"] : ["made-up", "real"];
  const message =
    `the log has ${has} facts in ${topic}, and ${comes} ones of ${provider} must not come among them: ` +
    "give another data directory, or on Kafka another KAFKA_TOPIC_PREFIX";
  throw new ConfigError([{ variable: mock ?? provider, message }]);
}

/**
 * The same of providers that one process asks side by side, true for those whose mock answers: an empty
 * log would take both.
 */
export function refuseMixedProviders(simulated: ReadonlyMap<Provider, boolean>): void {
  for (const [provider, isMocked] of simulated) {
    const { topics, mock } = STATING[provider];
    if (!isMocked || mock === null) continue;
    for (const [other, isOtherMocked] of simulated) {
      const topic = topics.find((stated) => STATING[other].topics.includes(stated));
      if (isOtherMocked || topic === undefined) continue;
      const message = `a mock of ${provider} and the real ${other} both state ${topic}: mock both, or none`;
      throw new ConfigError([{ variable: mock, message }]);
    }
  }
}
