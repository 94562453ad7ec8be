import { z } from "zod";

/** A boolean as people write it in environments. */
const flag = (fallback: boolean) =>
  z
    .enum(["true", "false", "1", "0", "yes", "no"], "use true or false")
    .transform((text) => text === "true" || text === "1" || text === "yes")
    .default(fallback);

const wholeNumber = (fallback: number, min: number, max: number) =>
  z
    .string()
    .regex(/^\d+$/, "use a whole number")
    .transform(Number)
    .pipe(z.number().min(min, `must be at least ${min}`).max(max, `must be at most ${max}`))
    .default(fallback);

const trafficSplit = z
  .string()
  .transform((text, context) => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue({ code: "custom", message: 'use JSON such as {"legacy_v0":20,"unified_detectors":80}' });
      return z.NEVER;
    }
  })
  .pipe(
    z
      .record(z.enum(["unified_detectors", "hybrid_v1", "legacy_v0"]), z.number().int().min(0))
      .refine(
        (split) => Object.values(split).reduce((sum, weight) => sum + weight, 0) === 100,
        "the weights must sum to 100",
      ),
  );

/**
 * Every variable the system reads, with its default and what it means. The one list behind
 * validation, `.env.example`, `config print` and the documentation; nothing else reads the
 * environment.
 */
export const VARIABLES = {
  NODE_ENV: {
    schema: z.enum(["production", "development", "test"]).default("production"),
    doc: "development makes the DEV_ variables effective",
  },
  SCORING_STRATEGY: {
    schema: z.enum(["unified_detectors", "hybrid_v1", "legacy_v0"]).default("unified_detectors"),
    doc: "strategy that scores",
  },
  SCORING_PROFILE: {
    schema: z.enum(["strict", "active", "proposed"]).default("strict"),
    doc: "table of gate thresholds",
  },
  SCORING_PRESET: {
    schema: z
      .enum(["balanced_default", "squeeze_aggressive", "catalyst_heavy"])
      .default("balanced_default"),
    doc: "detector weights",
  },
  DISCOVERY_PIPELINE_ENABLED: { schema: flag(true), doc: "whether discovery slots fire" },
  DISCOVERY_FREQUENCY_MINUTES: { schema: wholeNumber(15, 1, 390), doc: "minutes between slots" },
  PREMARKET_DISCOVERY_ENABLED: { schema: flag(true), doc: "slots from 04:00 to 09:30 ET" },
  AFTERHOURS_DISCOVERY_ENABLED: { schema: flag(true), doc: "slots from 16:00 to 20:00 ET" },
  SESSION_THRESHOLD_OVERRIDES: { schema: flag(true), doc: "thresholds and weights by session" },
  MAX_CANDIDATES_PER_DISCOVERY: { schema: wholeNumber(100, 1, 100), doc: "candidates kept per run" },
  MAX_DISCOVERY_LATENCY_SECONDS: { schema: wholeNumber(30, 1, 3600), doc: "a slower run is late" },
  EMERGENCY_FALLBACK_ENABLED: {
    schema: flag(true),
    doc: "score with hybrid_v1 when the strategy fails",
  },
  DEV_DISCOVERY_FREQUENCY_MINUTES: { schema: wholeNumber(5, 1, 390), doc: "in development" },
  DEV_MAX_CANDIDATES: { schema: wholeNumber(10, 1, 100), doc: "in development" },
  DEV_CIRCUIT_BREAKER_DISABLED: { schema: flag(false), doc: "refused outside development" },
  CIRCUIT_BREAKER_GLOBAL_ENABLED: { schema: flag(true), doc: "provider breakers" },
  AB_TESTING_ENABLED: { schema: flag(true), doc: "experiments" },
  AB_TESTING_TRAFFIC_SPLIT: {
    schema: trafficSplit.default({ legacy_v0: 20, unified_detectors: 80 }),
    doc: "JSON of strategy to percent, summing to 100",
  },
  AB_TESTING_EXPERIMENT_DURATION_DAYS: { schema: wholeNumber(14, 1, 365), doc: "days" },
  REDIS_DISCOVERY_KEY_PREFIX: {
    schema: z.string().min(1).default("amc:discovery:unified"),
    doc: "cache prefix of discovery",
  },
  REDIS_AB_TEST_KEY_PREFIX: {
    schema: z.string().min(1).default("amc:ab_test"),
    doc: "cache prefix of experiments",
  },
  CACHE_TTL_DISCOVERY_SECONDS: { schema: wholeNumber(900, 1, 86_400), doc: "seconds" },
  CACHE_TTL_AB_RESULTS_SECONDS: { schema: wholeNumber(3600, 1, 86_400), doc: "seconds" },
  PROMETHEUS_METRICS_ENABLED: { schema: flag(true), doc: "whether /metrics answers" },
  DATABASE_URL: {
    schema: z.string().regex(/^postgres(ql)?:\/\//, "use postgres://…").optional(),
    doc: "Postgres to use instead of the built-in one",
    secret: true,
  },
  AMC_POSTGRES: {
    schema: z.enum(["embedded", "system"]).optional(),
    doc: "which Postgres binaries to start; the first found by default",
  },
  AMC_DATA: { schema: z.string().min(1).default("../shared/data"), doc: "root of recordings" },
  AMC_DATA_DIR: { schema: z.string().min(1).default(".amc"), doc: "log and database of this system" },
  AMC_PARTITIONS: { schema: wholeNumber(4, 1, 64), doc: "partitions of a new data directory" },
  HOST: { schema: z.string().min(1).default("127.0.0.1"), doc: "address the API listens on" },
  PORT: { schema: wholeNumber(3000, 0, 65_535), doc: "port the API listens on; 0 takes a free one" },
  AMC_API_KEYS: {
    schema: z.string().optional(),
    doc: "API keys with scopes; needed as soon as HOST is not loopback",
    secret: true,
  },
  LOG_LEVEL: {
    schema: z.enum(["fatal", "error", "warn", "info", "debug", "trace"]).default("warn"),
    doc: "structured logs on stderr",
  },
} as const satisfies Record<string, Variable>;

interface Variable {
  readonly schema: z.ZodType;
  readonly doc: string;
  /** Never printed; may also be given as NAME_FILE. */
  readonly secret?: boolean;
}

export type VariableName = keyof typeof VARIABLES;

/** Parsed values of all variables. */
export type Variables = {
  readonly [Name in VariableName]: z.output<(typeof VARIABLES)[Name]["schema"]>;
};
