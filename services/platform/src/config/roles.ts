import type { VariableName } from "./variables.ts";

/** Services that `run` starts as processes of their own, on the real stack. */
export const SERVICE_ROLES = [
  "ingest",
  "processor",
  "projector",
  "api",
  "alerts",
  "scheduler",
  "short-interest",
  "live",
] as const;

export type ServiceRole = (typeof SERVICE_ROLES)[number];

/** Commands that ask providers, and alerts that leave the machine: each needs its provider's address or key. */
type ProviderRole =
  | "ingest-short-interest"
  | "ingest-options"
  | "ingest-prices"
  | "ingest-portfolio"
  | "insight"
  | "alerts-slack";

/**
 * What a process is started as: `system` is everything in one process tree (`npm start`), `operator` a
 * command about the system on Kafka, `operator-tables` one that works on its tables, too.
 */
export type Role = "system" | "operator" | "operator-tables" | ServiceRole | ProviderRole;

/** What a role cannot work without and no default stands for (R-ENV-31). */
export const REQUIRED: Readonly<Record<Role, readonly VariableName[]>> = {
  system: [],
  operator: ["KAFKA_BROKERS", "SCHEMA_REGISTRY_URL"],
  "operator-tables": ["KAFKA_BROKERS", "SCHEMA_REGISTRY_URL", "DATABASE_URL"],
  ingest: ["KAFKA_BROKERS", "SCHEMA_REGISTRY_URL"],
  processor: ["KAFKA_BROKERS", "SCHEMA_REGISTRY_URL"],
  projector: ["KAFKA_BROKERS", "SCHEMA_REGISTRY_URL", "DATABASE_URL", "REDIS_URL"],
  api: ["KAFKA_BROKERS", "SCHEMA_REGISTRY_URL", "DATABASE_URL", "REDIS_URL"],
  alerts: ["KAFKA_BROKERS", "SCHEMA_REGISTRY_URL"],
  scheduler: ["KAFKA_BROKERS", "SCHEMA_REGISTRY_URL"],
  "short-interest": ["KAFKA_BROKERS", "SCHEMA_REGISTRY_URL"],
  live: ["KAFKA_BROKERS", "SCHEMA_REGISTRY_URL", "LIVE_UNIVERSE"],
  "ingest-short-interest": [],
  "ingest-options": ["ALPHA_VANTAGE_API_KEY"],
  "ingest-prices": ["POLYGON_API_KEY"],
  "ingest-portfolio": ["ALPACA_API_KEY_ID", "ALPACA_API_SECRET_KEY"],
  insight: ["ANTHROPIC_API_KEY"],
  "alerts-slack": ["SLACK_WEBHOOK_URL"],
};

/**
 * Variables that decide what a role works with: given but empty, they are a mistake of whoever
 * wrote them, and the default is not what was meant (R-ENV-31).
 */
export const NOT_EMPTY: Readonly<Record<Role, readonly VariableName[]>> = {
  system: ["SCORING_STRATEGY", "DATABASE_URL"],
  operator: [],
  "operator-tables": [],
  ingest: [],
  processor: ["SCORING_STRATEGY"],
  projector: [],
  api: ["SCORING_STRATEGY"],
  alerts: [],
  scheduler: [],
  "short-interest": ["FINRA_API_BASE_URL", "FINRA_CDN_BASE_URL"],
  live: ["LIVE_UNIVERSE"],
  "ingest-short-interest": ["FINRA_API_BASE_URL"],
  "ingest-options": [],
  "ingest-prices": [],
  "ingest-portfolio": [],
  insight: [],
  "alerts-slack": [],
};

export function isServiceRole(name: string): name is ServiceRole {
  return SERVICE_ROLES.some((role) => role === name);
}
