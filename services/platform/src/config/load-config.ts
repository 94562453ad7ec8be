import { readFileSync } from "node:fs";
import { ConfigError, type ConfigProblem } from "./config-error.ts";
import { isStorableKey } from "./provider-variables.ts";
import { replacedVariables } from "./replaced-variables.ts";
import { isReserved, RESERVED_VARIABLES, reservedWarning } from "./reserved-variables.ts";
import { NOT_EMPTY, REQUIRED, type Role } from "./roles.ts";
import { SMS_NEEDS } from "./sms-variables.ts";
import { KEY_SETTINGS, type KeySettings, storedKeys } from "./stored-keys.ts";
import {
  SECRETS,
  VARIABLE_DOCS,
  VARIABLES,
  type VariableName,
  type Variables,
} from "./variables.ts";

/** Variables as they were given, of the environment, files and the store; empty ones are not among them. */
export type Given = Readonly<Record<string, string>>;
/** What else is wrong with them for a role, beside what one variable says of itself. */
export type RoleCheck = (given: Given) => readonly ConfigProblem[];

type Environment = Readonly<Record<string, string | undefined>>;

/** Seed prefixes of this system's variables: an unknown name under one of them is a typing error. */
const OWN_PREFIXES = [
  "AMC_",
  "SCORING_",
  "DISCOVERY_",
  "AB_TESTING_",
  "SHADOW_",
  "DEV_",
  "CACHE_TTL_",
  "SCHEDULER_",
];

/**
 * The whole configuration from an environment. Throws `config.invalid` naming every problem at
 * once, before anything is started. A secret may be given as `NAME_FILE`, a provider's key be stored
 * (`amc keys set`): the environment goes before the file, the file before the store. An empty variable
 * counts as not given, unless the role needs it.
 */
export function loadConfig(
  environment: Environment,
  role?: Role,
  check: RoleCheck = () => [],
): Variables {
  const unreadable: ConfigProblem[] = [];
  const given = withSecretsFromFiles(environment, unreadable);
  const stored = storedKeys(given);
  const all = { ...stored.keys, ...given };
  const problems = [
    ...(role === undefined ? [] : requireFor(role, environment, { ...all, ...stored.unknown })),
    ...unreadable,
    ...stored.problems,
  ];
  const parsed = VARIABLES.safeParse(all);
  for (const issue of parsed.error?.issues ?? []) {
    problems.push({ variable: issue.path.map(String).join("."), message: issue.message });
  }
  problems.push(...check(all));
  if (parsed.success) problems.push(...contradictions(parsed.data));
  problems.push(...unknownNames(environment), ...replacedVariables(environment));
  if (problems.length > 0 || !parsed.success) throw new ConfigError(problems);
  return parsed.data;
}

/** `loadConfig` of the environment this process was started with, which is read in this file only. */
export function loadProcessConfig(role?: Role, check?: RoleCheck): Variables {
  return loadConfig(process.env, role, check);
}

/** The same environment with more set in it, for a program that finds its own settings there. */
export function processEnvironmentWith(set: Given): Environment {
  return { ...process.env, ...set };
}

/** `reservedWarning` about the same environment. */
export function processReservedWarning(): string | null {
  return reservedWarning(process.env);
}

/** What commands about stored keys work with, whether those can be opened or not. */
export function loadProcessKeySettings(): KeySettings {
  const problems: ConfigProblem[] = [];
  const given = withSecretsFromFiles(process.env, problems);
  const parsed = KEY_SETTINGS.safeParse(given);
  for (const issue of parsed.error?.issues ?? []) {
    problems.push({ variable: issue.path.map(String).join("."), message: issue.message });
  }
  if (problems.length > 0 || !parsed.success) throw new ConfigError(problems);
  return parsed.data;
}

function requireFor(
  role: Role,
  environment: Environment,
  given: Readonly<Record<string, string>>,
): ConfigProblem[] {
  const isGiven = (name: string): boolean =>
    Object.hasOwn(given, name) || (environment[`${name}_FILE`] ?? "") !== "";
  const isMocked = (name: VariableName): boolean =>
    (MOCKED_BY[name] ?? []).some((flag) => /^(true|1|yes)$/.test(environment[flag] ?? ""));
  const missing = REQUIRED[role].filter((name) => !isGiven(name) && !isMocked(name));
  const empty = NOT_EMPTY[role].filter((name) => environment[name] === "" && !isGiven(name));
  return [
    ...missing.map((variable) => ({
      variable,
      message: `is missing, and ${role} cannot work without it: ${VARIABLE_DOCS[variable]}${storeAdvice(variable)}`,
    })),
    ...empty.map((variable) => ({ variable, message: "is empty; give a value, or leave it out" })),
  ];
}

function storeAdvice(variable: VariableName): string {
  if (!isStorableKey(variable)) return "";
  return `; give it, or store it (amc keys set ${variable}) and give API_KEY_ENCRYPTION_KEY`;
}

/** Where a mock answers nobody needs a key. */
const MOCKED_BY: Readonly<Partial<Record<VariableName, readonly VariableName[]>>> = {
  ALPHA_VANTAGE_API_KEY: ["MOCK_ALPHA_VANTAGE_DATA_ENABLED", "TEST_MODE"],
  POLYGON_API_KEY: ["MOCK_POLYGON_DATA_ENABLED", "TEST_MODE"],
  ANTHROPIC_API_KEY: ["MOCK_ANTHROPIC_DATA_ENABLED", "TEST_MODE"],
};

function withSecretsFromFiles(
  environment: Environment,
  problems: ConfigProblem[],
): Record<string, string> {
  const given: Record<string, string> = {};
  for (const name of Object.keys(VARIABLES.shape)) {
    const value = environment[name];
    if (value !== undefined && value !== "") given[name] = value;
  }
  for (const name of SECRETS) {
    const path = environment[`${name}_FILE`];
    if (path === undefined || path === "") continue;
    try {
      given[name] = readFileSync(path, "utf8").trim();
    } catch (error) {
      const reason = error instanceof Error && "code" in error ? String(error.code) : "unreadable";
      problems.push({
        variable: `${name}_FILE`,
        message: `cannot read the file it names (${reason})`,
      });
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
  if (
    variables.SHADOW_TESTING_ENABLED &&
    variables.SHADOW_STRATEGY === variables.SCORING_STRATEGY
  ) {
    problems.push({
      variable: "SHADOW_STRATEGY",
      message:
        "is SCORING_STRATEGY, with which it would be compared: name another, or leave it out",
    });
  }
  return [
    ...problems,
    ...kafkaContradictions(variables),
    ...smsContradictions(variables),
    ...keysInTheClear(variables),
  ];
}

function kafkaContradictions(variables: Variables): ConfigProblem[] {
  const { KAFKA_BROKERS, KAFKA_USERNAME, KAFKA_PASSWORD, KAFKA_TLS } = variables;
  const { KAFKA_DELIVERY, KAFKA_TRANSACTIONS_BY } = variables;
  const problems: ConfigProblem[] = [];
  const add = (variable: VariableName, message: string) => problems.push({ variable, message });
  if (KAFKA_USERNAME !== undefined && KAFKA_PASSWORD === undefined) {
    add("KAFKA_PASSWORD", "is missing for KAFKA_USERNAME");
  }
  if (KAFKA_PASSWORD !== undefined && KAFKA_USERNAME === undefined) {
    add("KAFKA_USERNAME", "is missing for KAFKA_PASSWORD");
  }
  if (KAFKA_BROKERS === undefined && (KAFKA_USERNAME !== undefined || KAFKA_TLS)) {
    add("KAFKA_BROKERS", "is missing: KAFKA_USERNAME and KAFKA_TLS are for the cluster it names");
  }
  if (KAFKA_TRANSACTIONS_BY !== "amc" && KAFKA_DELIVERY !== "transactional") {
    add(
      "KAFKA_TRANSACTIONS_BY",
      "is for KAFKA_DELIVERY=transactional: set that, or leave this out",
    );
  }
  // Without TLS, SCRAM shows whoever listens enough to try passwords against.
  const isRemote = !(KAFKA_BROKERS ?? "").split(",").every((address) => LOOPBACK.test(address));
  if (KAFKA_USERNAME !== undefined && !KAFKA_TLS && KAFKA_BROKERS !== undefined && isRemote) {
    add("KAFKA_TLS", "must be true where a principal logs in over a network");
  }
  return problems;
}

function smsContradictions(variables: Variables): ConfigProblem[] {
  const [given, missing] = [
    SMS_NEEDS.filter((name) => variables[name] !== undefined),
    SMS_NEEDS.filter((name) => variables[name] === undefined),
  ];
  if (given.length === 0) return [];
  const message = `is missing, and text messages need it beside ${given.join(", ")}; give it, or none of them`;
  return missing.map((variable) => ({ variable, message }));
}

/** A key that is sent without TLS belongs to whoever listens. */
function keysInTheClear(variables: Variables): ConfigProblem[] {
  const sent = [
    ["ALPHA_VANTAGE_BASE_URL", variables.ALPHA_VANTAGE_API_KEY],
    ["POLYGON_BASE_URL", variables.POLYGON_API_KEY],
    ["ALPACA_BASE_URL", variables.ALPACA_API_SECRET_KEY],
    ["TWILIO_BASE_URL", variables.TWILIO_AUTH_TOKEN],
    ["ANTHROPIC_BASE_URL", variables.ANTHROPIC_API_KEY],
  ] as const;
  return sent.flatMap(([variable, key]) => {
    const { protocol, host } = new URL(variables[variable]);
    const isClear = protocol === "http:" && !LOOPBACK.test(`${host}:`);
    if (key === undefined || !isClear) return [];
    return [{ variable, message: "must be https:// where a key goes over a network" }];
  });
}

const LOOPBACK = /^\s*(localhost|127\.\d+\.\d+\.\d+):/;

function unknownNames(environment: Environment): ConfigProblem[] {
  return Object.keys(environment)
    .filter((name) => OWN_PREFIXES.some((prefix) => name.startsWith(prefix)))
    .filter((name) => !Object.hasOwn(VARIABLES.shape, name.replace(/_FILE$/, "")))
    .filter((name) => !TEST_VARIABLES.has(name))
    .map((variable) => ({
      variable,
      message: "is not a variable of this system; check its spelling",
    }));
}

/** Read by the test suites only. */
const TEST_VARIABLES: ReadonlySet<string> = new Set([
  "AMC_FLIPS",
  "AMC_KILLS",
  "AMC_REQUIRE_STACK",
  "AMC_SEED",
]);

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

/**
 * Name, value in force and meaning of every variable; of a secret only whether it is set, and of a feed that
 * somebody chose only whose it is: its address may have a key anywhere.
 */
export function printableConfig(
  variables: Variables,
): { name: string; value: string; doc: string }[] {
  const secrets: ReadonlySet<string> = new Set(SECRETS);
  const values: Readonly<Record<string, unknown>> = variables;
  return Object.entries(VARIABLE_DOCS).map(([name, meaning]) => {
    const value = values[name];
    const doc = isReserved(name)
      ? `${meaning}; reserved: ${RESERVED_VARIABLES[name].why}`
      : meaning;
    if (value === undefined) return { name, value: "not set", doc };
    if (secrets.has(name)) return { name, value: "set (redacted)", doc };
    if (name === "NEWS_FEED_URL") return { name, value: printableFeed(variables), doc };
    return { name, value: typeof value === "string" ? value : JSON.stringify(value), doc };
  });
}

function printableFeed({ NEWS_FEED_URL: template }: Variables): string {
  const isOurs = template === VARIABLES.shape.NEWS_FEED_URL.parse(undefined);
  return isOurs ? template : `${new URL(template).origin}/… (redacted)`;
}
