import { X509Certificate } from "node:crypto";
import { z } from "zod";
import { parseRedisUrl } from "../cache/redis-url.ts";
import { INSIGHT_VARIABLE_DOCS, INSIGHT_VARIABLES } from "./insight-variables.ts";
import { PROVIDER_VARIABLE_DOCS, PROVIDER_VARIABLES } from "./provider-variables.ts";
import { SCHEDULER_VARIABLE_DOCS, SCHEDULER_VARIABLES } from "./scheduler-variables.ts";
import {
  SHORT_INTEREST_VARIABLE_DOCS,
  SHORT_INTEREST_VARIABLES,
} from "./short-interest-variables.ts";
import { SMS_VARIABLE_DOCS, SMS_VARIABLES } from "./sms-variables.ts";
import { STALENESS_VARIABLE_DOCS, STALENESS_VARIABLES } from "./staleness-variables.ts";
import { flag, httpsAddress, namedPort, share, wholeNumber } from "./variable-kinds.ts";

const trafficSplit = z
  .string()
  .transform((text, context) => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue({
        code: "custom",
        message: 'use JSON such as {"legacy_v0":20,"unified_detectors":80}',
      });
      return z.NEVER;
    }
  })
  .pipe(
    z
      .partialRecord(
        z.enum(["unified_detectors", "hybrid_v1", "legacy_v0"]),
        z.number().int().min(0),
      )
      .refine(
        (split) => Object.values(split).reduce((sum, weight) => sum + weight, 0) === 100,
        "the weights must sum to 100",
      ),
  );

/** A socket directory may stand where the host does: `postgres://user@/amc?host=/run/postgresql`. */
function isPostgresUrl(text: string): boolean {
  return /^postgres(ql)?:\/\//.test(text) && URL.canParse(text.replace("@/", "@socket/"));
}

/** User and password, where a variable takes them, have to be encoded: they become a header. */
function isHttpUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, search, hash } = new URL(text);
  const isDecodable = !/%(?![\da-f]{2})/i.test(username + password);
  return /^https?:$/.test(protocol) && search + hash === "" && isDecodable;
}

/** One or more certificates, each of which Node must be able to read. */
function isCertificates(text: string): boolean {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  try {
    return blocks.map((block) => new X509Certificate(block)).length > 0;
  } catch {
    return false;
  }
}

/** `name=value,name=value`, as OpenTelemetry writes headers: values are percent-encoded. */
const headerList = z.string().transform((text, context) => {
  const pairs = text.split(",").map((pair) => pair.split("=", 2).map((part) => part.trim()));
  try {
    return Object.fromEntries(
      pairs.map(([name = "", value]) => {
        if (!/^[\w-]+$/.test(name) || value === undefined) throw new TypeError("no pair");
        return [name, decodeURIComponent(value)] as const;
      }),
    );
  } catch {
    context.addIssue({ code: "custom", message: "use name=value,name=value" });
    return z.NEVER;
  }
});

/** Every variable the system reads, and how its text becomes a value. Nothing else reads the environment. */
export const VARIABLES = z.object({
  NODE_ENV: z.enum(["production", "development", "test"]).default("production"),
  SCORING_STRATEGY: z
    .enum(["unified_detectors", "hybrid_v1", "legacy_v0"])
    .default("unified_detectors"),
  SCORING_PROFILE: z.enum(["strict", "active", "proposed"]).default("strict"),
  SCORING_PRESET: z
    .enum(["balanced_default", "squeeze_aggressive", "catalyst_heavy"])
    .default("balanced_default"),
  DISCOVERY_PIPELINE_ENABLED: flag(true),
  DISCOVERY_FREQUENCY_MINUTES: wholeNumber(15, 1, 390),
  DEBUG_DISCOVERY_PIPELINE: flag(false),
  PREMARKET_DISCOVERY_ENABLED: flag(true),
  AFTERHOURS_DISCOVERY_ENABLED: flag(true),
  SESSION_THRESHOLD_OVERRIDES: flag(true),
  MAX_CANDIDATES_PER_DISCOVERY: wholeNumber(100, 1, 100),
  MAX_DISCOVERY_LATENCY_SECONDS: wholeNumber(30, 1, 3600),
  AUTOMATIC_DEGRADATION_ENABLED: flag(false),
  EMERGENCY_FALLBACK_ENABLED: flag(true),
  DEV_DISCOVERY_FREQUENCY_MINUTES: wholeNumber(5, 1, 390),
  DEV_MAX_CANDIDATES: wholeNumber(10, 1, 100),
  DEV_CIRCUIT_BREAKER_DISABLED: flag(false),
  CIRCUIT_BREAKER_GLOBAL_ENABLED: flag(true),
  ...PROVIDER_VARIABLES,
  ...INSIGHT_VARIABLES,
  ...SMS_VARIABLES,
  ...SCHEDULER_VARIABLES,
  ...SHORT_INTEREST_VARIABLES,
  ...STALENESS_VARIABLES,
  AB_TESTING_ENABLED: flag(true),
  AB_TESTING_TRAFFIC_SPLIT: trafficSplit.default({
    unified_detectors: 80,
    hybrid_v1: 0,
    legacy_v0: 20,
  }),
  AB_TESTING_EXPERIMENT_DURATION_DAYS: wholeNumber(14, 1, 365),
  SHADOW_TESTING_ENABLED: flag(false),
  SHADOW_STRATEGY: z.enum(["unified_detectors", "hybrid_v1", "legacy_v0"]).optional(),
  REDIS_DISCOVERY_KEY_PREFIX: z.string().min(1).default("amc:discovery:unified"),
  REDIS_AB_TEST_KEY_PREFIX: z.string().min(1).default("amc:ab_test"),
  CACHE_TTL_DISCOVERY_SECONDS: wholeNumber(900, 1, 86_400),
  CACHE_TTL_AB_RESULTS_SECONDS: wholeNumber(3600, 1, 86_400),
  PROMETHEUS_METRICS_ENABLED: flag(true),
  DATABASE_URL: z
    .string()
    .refine(isPostgresUrl, "use postgres://user:password@host:port/database")
    .optional(),
  DATABASE_MIGRATOR_URL: z
    .string()
    .refine(isPostgresUrl, "use postgres://user:password@host:port/database")
    .optional(),
  KAFKA_BROKERS: z
    .string()
    .regex(/^\s*[^\s,:]+:\d+(\s*,\s*[^\s,:]+:\d+)*\s*$/, "use host:port,host:port")
    .optional(),
  KAFKA_USERNAME: z.string().min(1).optional(),
  KAFKA_PASSWORD: z.string().min(1).optional(),
  KAFKA_SASL_MECHANISM: z.enum(["SCRAM-SHA-256", "SCRAM-SHA-512"]).default("SCRAM-SHA-512"),
  KAFKA_TLS: flag(false),
  AMC_TLS_CA: z
    .string()
    .refine(isCertificates, "use certificates in PEM, best with AMC_TLS_CA_FILE")
    .optional(),
  KAFKA_DELIVERY: z.enum(["deduplicated", "transactional"]).default("deduplicated"),
  KAFKA_TRANSACTIONS_BY: z.enum(["amc", "kafkajs"]).default("amc"),
  KAFKA_TOPIC_PREFIX: z
    .string()
    .regex(/^[\w.-]{0,100}$/, "use letters, digits, dots, dashes and underscores")
    .default(""),
  SCHEMA_REGISTRY_URL: z
    .string()
    .refine(isHttpUrl, "use http://user:password@host:port/path or https://…")
    .optional(),
  REDIS_URL: z
    .string()
    .refine(
      (text) => parseRedisUrl(text) !== null,
      "use redis://user:password@host:port or rediss://…, without a database: each purpose has its own",
    )
    .optional(),
  MAVEN_REPOSITORY: httpsAddress("https://repo.maven.apache.org/maven2"),
  JAVA_HOME: z.string().min(1).optional(),
  AMC_STACK_HOME: z.string().min(1).optional(),
  AMC_STACK_RUNNER: z.enum(["containers", "processes"]).optional(),
  AMC_KAFKA_PORT: namedPort(),
  AMC_REGISTRY_PORT: namedPort(),
  AMC_POSTGRES_PORT: namedPort(),
  AMC_REDIS_PORT: namedPort(),
  AMC_ARTEFACTS: z.string().min(1).optional(),
  AMC_POSTGRES: z.enum(["embedded", "system"]).optional(),
  AMC_DATA: z.string().min(1).default("../shared/data"),
  AMC_DATA_DIR: z.string().min(1).default(".amc"),
  AMC_PARTITIONS: wholeNumber(4, 1, 64),
  HOST: z.string().min(1).default("127.0.0.1"),
  PORT: wholeNumber(3000, 0, 65_535),
  OPERATIONS_HOST: z.string().min(1).default("127.0.0.1"),
  OPERATIONS_PORT: wholeNumber(9100, 0, 65_000),
  AMC_API_KEYS: z.string().optional(),
  OTEL_EXPORTER_OTLP_ENDPOINT: z
    .string()
    .refine(isHttpUrl, "use http://host:4318, the collector's base URL for OTLP over HTTP")
    .refine(
      (text) => !text.includes("@"),
      "use no user and no password here: OTEL_EXPORTER_OTLP_HEADERS takes authorization=Basic%20<both in base64>",
    )
    .optional(),
  OTEL_EXPORTER_OTLP_HEADERS: headerList.optional(),
  OTEL_SERVICE_NAME: z.string().min(1).default("amc"),
  OTEL_TRACES_SAMPLER_ARG: share(1),
  LOG_LEVEL: z.enum(["fatal", "error", "warn", "info", "debug", "trace"]).default("warn"),
});

export type Variables = z.output<typeof VARIABLES>;
export type VariableName = keyof Variables;

/** What each variable means: the one text behind `.env.example`, `config print` and the documentation. */
export const VARIABLE_DOCS: Readonly<Record<VariableName, string>> = {
  NODE_ENV: "development makes the DEV_ variables effective",
  SCORING_STRATEGY: "strategy that scores",
  SCORING_PROFILE: "table of gate thresholds",
  SCORING_PRESET: "detector weights",
  DISCOVERY_PIPELINE_ENABLED: "whether discovery slots fire",
  DISCOVERY_FREQUENCY_MINUTES: "minutes between slots",
  DEBUG_DISCOVERY_PIPELINE:
    "log lines, whatever LOG_LEVEL says, of what each stage took and gave in each slot and why symbols fell",
  PREMARKET_DISCOVERY_ENABLED: "slots from 04:00 to 09:30 ET",
  AFTERHOURS_DISCOVERY_ENABLED: "slots from 16:00 to 20:00 ET",
  SESSION_THRESHOLD_OVERRIDES: "thresholds and weights by session",
  MAX_CANDIDATES_PER_DISCOVERY: "candidates kept per run",
  MAX_DISCOVERY_LATENCY_SECONDS: "a slower run is late",
  AUTOMATIC_DEGRADATION_ENABLED: "evaluate fewer symbols while runs are late",
  EMERGENCY_FALLBACK_ENABLED: "score with hybrid_v1 when the strategy fails",
  DEV_DISCOVERY_FREQUENCY_MINUTES: "in development",
  DEV_MAX_CANDIDATES: "in development",
  DEV_CIRCUIT_BREAKER_DISABLED: "refused outside development",
  CIRCUIT_BREAKER_GLOBAL_ENABLED: "provider breakers",
  ...PROVIDER_VARIABLE_DOCS,
  ...INSIGHT_VARIABLE_DOCS,
  ...SMS_VARIABLE_DOCS,
  ...SCHEDULER_VARIABLE_DOCS,
  ...SHORT_INTEREST_VARIABLE_DOCS,
  ...STALENESS_VARIABLE_DOCS,
  AB_TESTING_ENABLED: "experiments",
  AB_TESTING_TRAFFIC_SPLIT: "JSON of strategy to percent, summing to 100",
  AB_TESTING_EXPERIMENT_DURATION_DAYS: "days",
  SHADOW_TESTING_ENABLED: "compare every run with what another strategy makes of the same features",
  SHADOW_STRATEGY:
    "that strategy; by default unified_detectors, or legacy_v0 where SCORING_STRATEGY (or --strategy) is that",
  REDIS_DISCOVERY_KEY_PREFIX: "cache prefix of discovery",
  REDIS_AB_TEST_KEY_PREFIX: "cache prefix of experiments",
  CACHE_TTL_DISCOVERY_SECONDS: "seconds",
  CACHE_TTL_AB_RESULTS_SECONDS: "seconds",
  PROMETHEUS_METRICS_ENABLED: "whether /metrics answers",
  DATABASE_URL: "Postgres to use instead of the built-in one",
  DATABASE_MIGRATOR_URL:
    "the same database for the owner of its schemas, who migrates and rebuilds; DATABASE_URL by default",
  KAFKA_BROKERS: "Kafka to use instead of one that npm run stack starts",
  KAFKA_USERNAME: "principal of this process at the brokers, by SASL/SCRAM",
  KAFKA_PASSWORD: "its password",
  KAFKA_SASL_MECHANISM: "how the password is proved",
  KAFKA_TLS: "whether the brokers are spoken to by TLS",
  AMC_TLS_CA:
    "authorities, in PEM, that Kafka, registry and Redis are trusted by instead of the system's; PostgreSQL takes sslrootcert in its URL",
  KAFKA_DELIVERY:
    "deduplicated, or transactional for consumers that cannot skip a copy by its ce_id",
  KAFKA_TRANSACTIONS_BY:
    "who writes the transactions of transactional delivery: amc, or kafkajs, slower and made by others",
  KAFKA_TOPIC_PREFIX: "before the name of every topic, where installations share a cluster",
  SCHEMA_REGISTRY_URL:
    "schema registry (Confluent API) to use for Kafka; Apicurio has it under /apis/ccompat/v7",
  REDIS_URL: "Redis to use as cache instead of the one in the process",
  MAVEN_REPOSITORY: "where the stack fetches Kafka and the registry from",
  JAVA_HOME: "Java of the stack; the one of the path by default",
  AMC_STACK_HOME: "ports, processes, logs and data of the stack; by default among the user's data",
  AMC_STACK_RUNNER:
    "what runs the servers of the stack and of tests; by default containers where Docker's engine answers, for tests if it has the images too",
  AMC_KAFKA_PORT:
    "port of the stack's first broker in its default folder; by default the one it had, at first 9092. What runs stays where it is; natively a free one replaces one that is taken",
  AMC_REGISTRY_PORT: "the same of the stack's schema registry, at first 8081",
  AMC_POSTGRES_PORT: "the same of the stack's PostgreSQL, at first 5432",
  AMC_REDIS_PORT: "the same of the stack's Redis, at first 6379",
  AMC_ARTEFACTS: "what the stack has fetched; by default among the user's caches",
  AMC_POSTGRES: "which Postgres binaries to start; the first found by default",
  AMC_DATA: "root of recordings",
  AMC_DATA_DIR: "log and database of this system",
  AMC_PARTITIONS: "partitions of a new data directory",
  HOST: "address the API listens on",
  PORT: "port the API listens on; 0 takes a free one",
  OPERATIONS_HOST: "address at which services other than the API answer /livez, /readyz, /metrics",
  OPERATIONS_PORT:
    "first port for that: twenty for each of ingest, processor, projector, api, alerts, scheduler, short-interest, live; 0 takes free ones",
  AMC_API_KEYS:
    "API keys with scopes (read, monitor, and control, which is an administrator's); needed as soon as HOST is not loopback",
  OTEL_EXPORTER_OTLP_ENDPOINT: "OpenTelemetry collector to send traces to (OTLP over HTTP)",
  OTEL_EXPORTER_OTLP_HEADERS: "headers for it, name=value,name=value",
  OTEL_SERVICE_NAME: "service.name of the traces",
  OTEL_TRACES_SAMPLER_ARG: "share of the traces that is recorded, 0 to 1",
  LOG_LEVEL: "structured logs on stderr",
};

/** Never printed; each may also be given as NAME_FILE. */
export const SECRETS: readonly VariableName[] = [
  "DATABASE_URL",
  "DATABASE_MIGRATOR_URL",
  "KAFKA_PASSWORD",
  "AMC_TLS_CA",
  "SCHEMA_REGISTRY_URL",
  "REDIS_URL",
  "AMC_API_KEYS",
  "ALPHA_VANTAGE_API_KEY",
  "POLYGON_API_KEY",
  "ALPACA_API_KEY_ID",
  "ALPACA_API_SECRET_KEY",
  "ANTHROPIC_API_KEY",
  "API_KEY_ENCRYPTION_KEY",
  "SLACK_WEBHOOK_URL",
  "TWILIO_ACCOUNT_SID",
  "TWILIO_AUTH_TOKEN",
  "TWILIO_FROM_NUMBER",
  "TWILIO_RECIPIENTS",
  "OTEL_EXPORTER_OTLP_HEADERS",
];
