import type { VariableName } from "./variables.ts";

/** Services that `run` starts as processes of their own, on the real stack. */
export const SERVICE_ROLES = ["ingest", "processor", "projector", "api", "alerts"] as const;

export type ServiceRole = (typeof SERVICE_ROLES)[number];

/** What a process is started as; `system` is everything in one process tree (`npm start`). */
export type Role = "system" | ServiceRole;

/** Servers that a role cannot work without: their addresses have no default (R-ENV-31). */
export const REQUIRED: Readonly<Record<Role, readonly VariableName[]>> = {
  system: [],
  ingest: ["KAFKA_BROKERS", "SCHEMA_REGISTRY_URL"],
  processor: ["KAFKA_BROKERS", "SCHEMA_REGISTRY_URL"],
  projector: ["KAFKA_BROKERS", "SCHEMA_REGISTRY_URL", "DATABASE_URL", "REDIS_URL"],
  api: ["KAFKA_BROKERS", "SCHEMA_REGISTRY_URL", "DATABASE_URL", "REDIS_URL"],
  alerts: ["KAFKA_BROKERS", "SCHEMA_REGISTRY_URL"],
};

/**
 * Variables that decide what a role works with: given but empty, they are a mistake of whoever
 * wrote them, and the default is not what was meant (R-ENV-31).
 */
export const NOT_EMPTY: Readonly<Record<Role, readonly VariableName[]>> = {
  system: ["SCORING_STRATEGY", "DATABASE_URL"],
  ingest: [],
  processor: ["SCORING_STRATEGY"],
  projector: [],
  api: ["SCORING_STRATEGY"],
  alerts: [],
};

export function isServiceRole(name: string): name is ServiceRole {
  return SERVICE_ROLES.some((role) => role === name);
}
