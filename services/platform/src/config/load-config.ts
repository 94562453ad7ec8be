import { readFileSync } from "node:fs";
import { z } from "zod";
import { ConfigError, type ConfigProblem } from "./config-error.ts";
import { VARIABLES, type Variables } from "./variables.ts";

type Environment = Readonly<Record<string, string | undefined>>;

const schema = z.object({
  NODE_ENV: VARIABLES.NODE_ENV.schema,
  SCORING_STRATEGY: VARIABLES.SCORING_STRATEGY.schema,
  SCORING_PROFILE: VARIABLES.SCORING_PROFILE.schema,
  SCORING_PRESET: VARIABLES.SCORING_PRESET.schema,
  DISCOVERY_PIPELINE_ENABLED: VARIABLES.DISCOVERY_PIPELINE_ENABLED.schema,
  DISCOVERY_FREQUENCY_MINUTES: VARIABLES.DISCOVERY_FREQUENCY_MINUTES.schema,
  PREMARKET_DISCOVERY_ENABLED: VARIABLES.PREMARKET_DISCOVERY_ENABLED.schema,
  AFTERHOURS_DISCOVERY_ENABLED: VARIABLES.AFTERHOURS_DISCOVERY_ENABLED.schema,
  SESSION_THRESHOLD_OVERRIDES: VARIABLES.SESSION_THRESHOLD_OVERRIDES.schema,
  MAX_CANDIDATES_PER_DISCOVERY: VARIABLES.MAX_CANDIDATES_PER_DISCOVERY.schema,
  MAX_DISCOVERY_LATENCY_SECONDS: VARIABLES.MAX_DISCOVERY_LATENCY_SECONDS.schema,
  EMERGENCY_FALLBACK_ENABLED: VARIABLES.EMERGENCY_FALLBACK_ENABLED.schema,
  DEV_DISCOVERY_FREQUENCY_MINUTES: VARIABLES.DEV_DISCOVERY_FREQUENCY_MINUTES.schema,
  DEV_MAX_CANDIDATES: VARIABLES.DEV_MAX_CANDIDATES.schema,
  DEV_CIRCUIT_BREAKER_DISABLED: VARIABLES.DEV_CIRCUIT_BREAKER_DISABLED.schema,
  CIRCUIT_BREAKER_GLOBAL_ENABLED: VARIABLES.CIRCUIT_BREAKER_GLOBAL_ENABLED.schema,
  AB_TESTING_ENABLED: VARIABLES.AB_TESTING_ENABLED.schema,
  AB_TESTING_TRAFFIC_SPLIT: VARIABLES.AB_TESTING_TRAFFIC_SPLIT.schema,
  AB_TESTING_EXPERIMENT_DURATION_DAYS: VARIABLES.AB_TESTING_EXPERIMENT_DURATION_DAYS.schema,
  REDIS_DISCOVERY_KEY_PREFIX: VARIABLES.REDIS_DISCOVERY_KEY_PREFIX.schema,
  REDIS_AB_TEST_KEY_PREFIX: VARIABLES.REDIS_AB_TEST_KEY_PREFIX.schema,
  CACHE_TTL_DISCOVERY_SECONDS: VARIABLES.CACHE_TTL_DISCOVERY_SECONDS.schema,
  CACHE_TTL_AB_RESULTS_SECONDS: VARIABLES.CACHE_TTL_AB_RESULTS_SECONDS.schema,
  PROMETHEUS_METRICS_ENABLED: VARIABLES.PROMETHEUS_METRICS_ENABLED.schema,
  DATABASE_URL: VARIABLES.DATABASE_URL.schema,
  AMC_POSTGRES: VARIABLES.AMC_POSTGRES.schema,
  AMC_DATA: VARIABLES.AMC_DATA.schema,
  AMC_DATA_DIR: VARIABLES.AMC_DATA_DIR.schema,
  AMC_PARTITIONS: VARIABLES.AMC_PARTITIONS.schema,
  HOST: VARIABLES.HOST.schema,
  PORT: VARIABLES.PORT.schema,
  AMC_API_KEYS: VARIABLES.AMC_API_KEYS.schema,
  LOG_LEVEL: VARIABLES.LOG_LEVEL.schema,
} satisfies { [Name in keyof typeof VARIABLES]: z.ZodType });

/** Seed prefixes of this system's variables: an unknown name under one of them is a typing error. */
const OWN_PREFIXES = ["AMC_", "SCORING_", "DISCOVERY_", "AB_TESTING_", "DEV_", "CACHE_TTL_"];

/**
 * The whole configuration from an environment. Throws `config.invalid` naming every problem at
 * once, before anything is started. A secret may be given as `NAME_FILE`.
 */
export function loadConfig(environment: Environment): Variables {
  const problems: ConfigProblem[] = [];
  const given = withSecretsFromFiles(environment, problems);
  const parsed = schema.safeParse(given);
  for (const issue of parsed.error?.issues ?? []) {
    problems.push({ variable: issue.path.map(String).join("."), message: issue.message });
  }
  if (parsed.success) problems.push(...contradictions(parsed.data));
  problems.push(...unknownNames(environment));
  if (problems.length > 0 || !parsed.success) throw new ConfigError(problems);
  return parsed.data;
}

function withSecretsFromFiles(
  environment: Environment,
  problems: ConfigProblem[],
): Record<string, string> {
  const given: Record<string, string> = {};
  for (const [name, variable] of Object.entries(VARIABLES)) {
    const value = environment[name];
    if (value !== undefined && value !== "") given[name] = value;
    const path = environment[`${name}_FILE`];
    if (!("secret" in variable) || path === undefined || path === "") continue;
    try {
      given[name] = readFileSync(path, "utf8").trim();
    } catch (error) {
      const reason = error instanceof Error && "code" in error ? String(error.code) : "unreadable";
      problems.push({ variable: `${name}_FILE`, message: `cannot read the file it names (${reason})` });
    }
  }
  return given;
}

function contradictions(variables: Variables): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  if (variables.DEV_CIRCUIT_BREAKER_DISABLED && variables.NODE_ENV !== "development") {
    problems.push({
      variable: "DEV_CIRCUIT_BREAKER_DISABLED",
      message: "only allowed with NODE_ENV=development",
    });
  }
  return problems;
}

function unknownNames(environment: Environment): ConfigProblem[] {
  return Object.keys(environment)
    .filter((name) => OWN_PREFIXES.some((prefix) => name.startsWith(prefix)))
    .filter((name) => !Object.hasOwn(VARIABLES, name.replace(/_FILE$/, "")))
    .filter((name) => !TEST_VARIABLES.has(name))
    .map((variable) => ({ variable, message: "is not a variable of this system; check its spelling" }));
}

/** Read by the test suites only. */
const TEST_VARIABLES: ReadonlySet<string> = new Set(["AMC_KILLS", "AMC_REQUIRE_STACK", "AMC_SEED"]);

/** What takes effect: in development the DEV_ variables replace their plain ones. */
export function effectiveDiscovery(variables: Variables): {
  readonly frequencyMinutes: number;
  readonly maxCandidates: number;
} {
  const development = variables.NODE_ENV === "development";
  return {
    frequencyMinutes: development
      ? variables.DEV_DISCOVERY_FREQUENCY_MINUTES
      : variables.DISCOVERY_FREQUENCY_MINUTES,
    maxCandidates: development
      ? variables.DEV_MAX_CANDIDATES
      : variables.MAX_CANDIDATES_PER_DISCOVERY,
  };
}

/** Name, effective value and meaning of every variable; secrets as `set` or `not set`. */
export function printableConfig(
  variables: Variables,
): { name: string; value: string; doc: string }[] {
  const values: Readonly<Record<string, unknown>> = variables;
  return Object.entries(VARIABLES).map(([name, variable]) => {
    const value = values[name];
    const shown =
      "secret" in variable
        ? value === undefined
          ? "not set"
          : "set (redacted)"
        : value === undefined
          ? "not set"
          : typeof value === "object"
            ? JSON.stringify(value)
            : String(value);
    return { name, value: shown, doc: variable.doc };
  });
}
