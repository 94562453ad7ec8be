/**
 * Tests of one subject that CI reports under a name of their own (R-TST-11): folders and files, by what
 * their paths begin with. All of them are part of `npm test` as well.
 */
export const SUITES = {
  /** Those who sell or publish data, or take messages: what they answer, and every call to them. */
  providers: [
    "services/alert-sender/src/sms/",
    "services/amc/src/commands/insight.int.test.ts",
    "services/amc/src/operations/insight/",
    "services/ingest-news/src/providers/",
    "services/ingest-options/src/providers/",
    "services/ingest-portfolio/src/providers/",
    "services/ingest-prices/src/providers/",
    "services/ingest-short-interest/src/providers/",
    "services/mock-providers/",
    "services/platform/src/http/",
    "services/platform/src/keys/",
    "services/query-api/src/health/provider-components.test.ts",
    "services/query-api/src/read-model/provider-standings.int.test.ts",
    "streams/insight/",
    "streams/market/provider-weights.test.ts",
  ],
  /** When a provider is not asked any more, who is told, and when it is asked again. */
  breakers: [
    "services/alert-sender/src/sms/sms-sender.int.test.ts",
    "services/amc/src/operations/insight/anthropic.int.test.ts",
    "services/platform/src/http/circuit-breaker.test.ts",
    "services/platform/src/http/provider-client.test.ts",
    "services/ingest-options/src/providers/alpha-vantage/scenarios.int.test.ts",
    "services/ingest-short-interest/src/collection/breaker-trial.int.test.ts",
    "services/ingest-prices/src/providers/polygon/scenarios.int.test.ts",
    "services/ingest-prices/src/providers/yahoo/scenarios.int.test.ts",
    "services/ingest-short-interest/src/providers/finra/scenarios.int.test.ts",
    "services/query-api/src/read-model/provider-standings.int.test.ts",
  ],
  /** Comparing two strategies: split, runs, results and the statistics, held to SciPy's, and shadow runs. */
  experiments: [
    "streams/experiments/",
    "streams/discovery/experiment-result.test.ts",
    "streams/discovery/shadow-run.test.ts",
    "streams/discovery/shadow-stage.test.ts",
    "streams/discovery/shadow-totals.test.ts",
    "streams/gates/shadow-slots.test.ts",
    "streams/gates/slot-rules.test.ts",
    "streams/projections/experiments/",
    "services/amc/src/commands/control-experiments.int.test.ts",
    "services/projector/src/experiments.int.test.ts",
    "services/query-api/src/read-model/experiments.int.test.ts",
    "services/query-api/src/routes/experiments.test.ts",
    "services/amc/src/commands/shadow.int.test.ts",
    "services/replay/src/experiments.int.test.ts",
    "services/replay/src/shadow.int.test.ts",
  ],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type SuiteName = keyof typeof SUITES;

export function isSuiteName(name: string): name is SuiteName {
  return Object.hasOwn(SUITES, name);
}
